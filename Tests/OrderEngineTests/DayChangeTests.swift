import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

@Suite(.timeLimit(.minutes(1)))
struct DayChangeTests {
  private final class Days: Sendable {
    let seen = Mutex<[CalendarDate]>([])
  }

  @Test func `each Indian date is told once, a minute after midnight at the latest, and none when the clock goes back`()
    async
  {
    let (clock, days) = (ManualClock(), Days())
    // 23:58:30 in India.
    let wallClock = ManualWallClock(Sample.opening.adding(nanoseconds: (14 * 3_600 + 43 * 60 + 30) * 1_000_000_000))
    let today = wallClock.now().indianDate
    let change = DayChange(clock: clock, wallClock: wallClock) { day in days.seen.withLock { $0.append(day) } }
    let task = Task { await change.run(since: today) }
    for jump in [60, 60, 60, 60, -7_200, 7_200, 86_400] {
      await clock.sleepers(atLeast: 1)
      wallClock.jump(by: .seconds(jump))
      clock.advance(by: .seconds(60))
    }
    await clock.sleepers(atLeast: 1)
    task.cancel()
    await task.value
    let tomorrow = today.adding(days: 1)
    #expect(days.seen.withLock { $0 } == [tomorrow, tomorrow.adding(days: 1)])
  }
}
