/// How long a browser stays signed in.
package struct OperatorDoorSettings: Sendable {
  /// Without use; an open page uses it every few seconds.
  package var sessionIdleMinutes: Int64 = 60
  /// However much it is used.
  package var sessionHours: Int64 = 24

  package init() {}

  var sessions: SessionTable.Settings {
    var settings = SessionTable.Settings()
    settings.idle = .seconds(sessionIdleMinutes * 60)
    settings.longest = .seconds(sessionHours * 3_600)
    return settings
  }
}
