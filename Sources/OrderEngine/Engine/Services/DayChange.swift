import OrderDomain

/// Does something once for each new Indian date, soon after a time of the day, as long as its task lives.
///
/// It looks at the time of day once a minute instead of sleeping until then: a machine that was suspended, or a clock that
/// was set, delays it by a minute and not by a night.
struct DayChange: Sendable {
  let clock: any MonotonicClock
  let wallClock: any WallClock
  /// When the date counts as new, after midnight in India.
  var timeOfDay = Duration.zero
  /// Told the new date; `false` when it did not work, and it is asked again after ``retryMinutes``.
  let body: @Sendable (CalendarDate) async -> Bool

  static var retryMinutes: Int { 5 }

  /// - Parameter since: the date that has been taken care of; `nil` for none.
  func run(since: CalendarDate?) async {
    var last = since
    var restMinutes = 0
    while true {
      do { try await clock.wait(for: .seconds(60)) } catch { return }
      restMinutes = max(0, restMinutes - 1)
      let today = DayChange.date(at: wallClock.now(), after: timeOfDay)
      guard restMinutes == 0, last.map({ today > $0 }) ?? true else { continue }
      if await body(today) { last = today } else { restMinutes = DayChange.retryMinutes }
    }
  }

  /// The date whose `timeOfDay` has come.
  static func date(at now: Timestamp, after timeOfDay: Duration) -> CalendarDate {
    now.adding(nanoseconds: -timeOfDay.components.seconds * 1_000_000_000).indianDate
  }
}
