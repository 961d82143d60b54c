import OrderDomain

/// The browsers in which somebody has signed in. Each holds a random id in a cookie; kept here are its digest and the
/// token that the page must send with what changes something.
///
/// A session ends when it is not used for a while, after a day however much it is used, by signing out, when the password
/// changes, and with the engine. The number is bounded: one too many ends the one that was not used for the longest time,
/// which only somebody who knows the password can bring about.
struct SessionTable: Sendable {
  struct Settings: Hashable, Sendable {
    var idle = Duration.seconds(3_600)
    var longest = Duration.seconds(86_400)
    var limit = 32
  }

  /// What one signed in with.
  enum Origin: Sendable {
    case token
    case password
  }

  struct Session: Sendable {
    let origin: Origin
    /// Sent by the page as `X-CSRF-Token`: no page elsewhere can read it.
    let pageToken: Secret
    fileprivate let startedAt: Uptime
    fileprivate var usedAt: Uptime
  }

  private let settings: Settings
  private var sessions: [Digest256: Session] = [:]

  init(_ settings: Settings = Settings()) { self.settings = settings }

  var count: Int { sessions.count }
  /// For how long a browser keeps the cookie, in seconds.
  var longestSeconds: Int64 { settings.longest.components.seconds }

  mutating func start(_ id: Secret, _ origin: Origin, pageToken: Secret, at now: Uptime) {
    removeEnded(at: now)
    if sessions.count >= settings.limit, let oldest = sessions.min(by: { $0.value.usedAt < $1.value.usedAt })?.key {
      sessions[oldest] = nil
    }
    sessions[Digest256(sha256Of: id)] = Session(origin: origin, pageToken: pageToken, startedAt: now, usedAt: now)
  }

  /// The session of this id, which is used by this; `nil` when there is none any more.
  mutating func use(_ id: Secret, at now: Uptime) -> Session? {
    if sessions.isEmpty { return nil }
    let digest = Digest256(sha256Of: id)
    guard var session = sessions[digest] else { return nil }
    guard !hasEnded(session, now) else {
      sessions[digest] = nil
      return nil
    }
    session.usedAt = now
    sessions[digest] = session
    return session
  }

  mutating func end(_ id: Secret) { sessions[Digest256(sha256Of: id)] = nil }

  /// Ends those that were begun with the password, which is another now.
  mutating func endThoseByPassword() {
    sessions = sessions.filter { $0.value.origin != .password }
  }

  private mutating func removeEnded(at now: Uptime) {
    sessions = sessions.filter { !hasEnded($0.value, now) }
  }

  private func hasEnded(_ session: Session, _ now: Uptime) -> Bool {
    session.usedAt.duration(to: now) >= settings.idle || session.startedAt.duration(to: now) >= settings.longest
  }
}
