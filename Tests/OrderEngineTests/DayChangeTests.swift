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
    let change = DayChange(clock: clock, wallClock: wallClock) { day in
      days.seen.withLock { $0.append(day) }
      return true
    }
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

  @Test func `what failed is asked for again after five minutes, and a time of day is waited for`() async {
    let (clock, days) = (ManualClock(), Days())
    // 09:15 in India: a quarter past the time of the day.
    let wallClock = ManualWallClock(Sample.opening)
    let change = DayChange(clock: clock, wallClock: wallClock, timeOfDay: .seconds(9 * 3_600)) { day in
      days.seen.withLock { seen in
        seen.append(day)
        return seen.count > 1
      }
    }
    let task = Task { await change.run(since: nil) }
    for minute in 1...8 {
      await clock.sleepers(atLeast: 1)
      wallClock.jump(by: .seconds(60))
      clock.advance(by: .seconds(60))
      await clock.sleepers(atLeast: 1)
      #expect(days.seen.withLock { $0.count } == (minute < 6 ? 1 : 2))
    }
    // The next day's 08:59, then 09:00.
    wallClock.jump(by: .seconds(86_400 - 24 * 60))
    clock.advance(by: .seconds(60))
    await clock.sleepers(atLeast: 1)
    #expect(days.seen.withLock { $0.count } == 2)
    wallClock.jump(by: .seconds(120))
    clock.advance(by: .seconds(60))
    await clock.sleepers(atLeast: 1)
    #expect(days.seen.withLock { $0.count } == 3)
    task.cancel()
    await task.value
  }
}
