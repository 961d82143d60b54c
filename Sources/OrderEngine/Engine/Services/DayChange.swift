import OrderDomain

/// Does something once for each new Indian date, soon after midnight, as long as its task lives.
///
/// It looks at the time of day once a minute instead of sleeping until midnight: a machine that was suspended, or a
/// clock that was set, delays it by a minute and not by a night.
struct DayChange<C: Clock>: Sendable where C.Duration == Duration {
  let clock: C
  let wallClock: any WallClock
  /// Told the new date. Whether it worked is its own matter: it is not called again for that date.
  let body: @Sendable (CalendarDate) async -> Void

  /// - Parameter since: the date that has been taken care of.
  func run(since: CalendarDate) async {
    var last = since
    while true {
      do { try await clock.sleep(for: .seconds(60)) } catch { return }
      let today = wallClock.now().indianDate
      guard today > last else { continue }
      last = today
      await body(today)
    }
  }
}
