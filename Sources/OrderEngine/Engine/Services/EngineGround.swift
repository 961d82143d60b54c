import Actors
package import OrderDomain

/// What an engine stands on: the thread that it lives on, its clocks, chance, and somebody to tell. The event loop's in a
/// process that serves, simulated ones where a whole day is to pass in a second.
package struct EngineGround: Sendable {
  package let executor: any SerialExecutor & TaskExecutor
  package let clock: any MonotonicClock
  package let wallClock: any WallClock
  /// Calls back on the executor after a while; nothing is owed if the engine ends first.
  package let timer: PaperMarket.Timer
  /// Spreads what would otherwise come back at one moment.
  package let jitter: @Sendable (ClosedRange<Int64>) -> Int64
  /// Told what a person should read.
  package let alarm: @Sendable (Refusal) -> Void
  /// The same of one order, which whoever listens to the engine's news is told of anyway.
  package let orderAlarm: @Sendable (Refusal) -> Void

  package init(
    executor: any SerialExecutor & TaskExecutor, clock: any MonotonicClock, wallClock: any WallClock,
    timer: @escaping PaperMarket.Timer, jitter: @escaping @Sendable (ClosedRange<Int64>) -> Int64,
    alarm: @escaping @Sendable (Refusal) -> Void, orderAlarm: (@Sendable (Refusal) -> Void)? = nil
  ) {
    self.executor = executor
    self.clock = clock
    self.wallClock = wallClock
    self.timer = timer
    self.jitter = jitter
    self.alarm = alarm
    self.orderAlarm = orderAlarm ?? alarm
  }

  /// A clock that never jumps, from some moment on.
  var uptime: @Sendable () -> Duration {
    let (clock, start) = (clock, clock.now)
    return { start.duration(to: clock.now) }
  }
}
