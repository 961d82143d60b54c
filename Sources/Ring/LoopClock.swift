internal import Synchronization

/// The monotonic clock, whose sleeps are timers of one loop. Any thread.
///
/// A sleep throws `CancellationError` when its task is cancelled and when the loop ends, and never waits for ever.
package struct LoopClock: Clock {
  package struct Instant: InstantProtocol, Sendable {
    package typealias Duration = Swift.Duration

    /// Since an arbitrary moment of this boot (CLOCK_MONOTONIC).
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package func advanced(by duration: Duration) -> Instant {
      let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.clampedNanoseconds)
      return Instant(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    package func duration(to other: Instant) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }

    package static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
  }

  let loop: EventLoop

  package var now: Instant { Instant(nanoseconds: MonotonicTime.now()) }
  package var minimumResolution: Duration { .nanoseconds(1) }

  package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    try await wait(until: deadline.nanoseconds)
  }

  /// The same until so many nanoseconds of this clock, without leaving the caller's executor meanwhile.
  ///
  /// - Parameter isolation: the caller's. Without it the closure below would go to another thread and come back.
  package func wait(until deadline: Int64, isolation: isolated (any Actor)? = #isolation) async throws {
    try Task.checkCancellation()
    let sleeper = Sleeper()
    let loop = loop
    try await withTaskCancellationHandler {
      _ = isolation
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if sleeper.register(continuation) { loop.admit(sleeper, until: deadline) }
      }
    } onCancel: {
      sleeper.cancel()
      // The timer goes too: a long sleep that was cancelled must not stay in the queue.
      loop.forget(sleeper)
    }
  }
}

extension EventLoop {
  /// The loop's clock. Any thread.
  package var clock: LoopClock { LoopClock(loop: self) }

  func admit(_ sleeper: Sleeper, until deadline: Int64) {
    guard isOnLoop else { return execute { [self] in admit(sleeper, until: deadline) } }
    if phase == .draining || phase == .ended { return sleeper.cancel() }
    // A cancellation may have overtaken the way here.
    if sleeper.isOver { return }
    let timer = timers.schedule(at: deadline, .sleeper(sleeper))
    sleeper.timer.withLock { $0 = timer }
  }

  func forget(_ sleeper: Sleeper) {
    guard isOnLoop else { return execute { [self] in forget(sleeper) } }
    if let timer = sleeper.timer.withLock({ $0.take() }) { _ = timers.cancel(timer) }
  }
}
