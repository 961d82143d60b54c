import OrderDomain
import Ring

/// The event loop's clock, as the engine reads it.
struct EngineClock: MonotonicClock {
  private let clock: LoopClock

  init(_ loop: EventLoop) { clock = loop.clock }

  var now: Uptime { Uptime(nanoseconds: clock.now.nanoseconds) }
  var minimumResolution: Duration { clock.minimumResolution }

  func wait(until deadline: Uptime) async throws { try await clock.wait(until: deadline.nanoseconds) }

  func sleep(until deadline: Uptime, tolerance: Duration?) async throws {
    try await clock.sleep(until: LoopClock.Instant(nanoseconds: deadline.nanoseconds), tolerance: tolerance)
  }
}
