import Actors
import OrderDomain

/// One look at everything that must be right before the market opens. The accounts are looked at side by side; each
/// question has the deadline of its call.
package struct ReadinessRound: Sendable {
  let wallClock: any WallClock
  let accounts: [AccountProbe]
  let journal: @Sendable () async -> Refusal?
  /// Free bytes where the journal lies.
  let freeByteCount: @Sendable () async -> UInt64?
  let holidays: @Sendable () async -> Result<HolidayCalendar.Source, Refusal>
  let channels: @Sendable () async -> [Notifier.ChannelStatus]

  func run() async -> ReadinessReport {
    let now = wallClock.now()
    var checks = [
      ReadinessRules.journal(await journal()), ReadinessRules.disk(await freeByteCount()),
      ReadinessRules.calendar(at: now, await holidays()), ReadinessRules.notification(await channels()),
    ]
    checks += await withTaskGroup(of: (Int, [ReadinessCheck]).self) { group in
      for (index, account) in accounts.enumerated() {
        group.addTask { (index, await account.checks(at: now)) }
      }
      var found: [(Int, [ReadinessCheck])] = []
      for await part in group { found.append(part) }
      return found.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
    return ReadinessReport(at: now, checks: checks)
  }
}
