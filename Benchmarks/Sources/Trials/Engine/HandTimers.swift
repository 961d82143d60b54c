/// Calls that are due later, in nanoseconds of whatever time their owner keeps.
final class HandTimers: @unchecked Sendable {
  // Unchecked: see HandExecutor.
  private var waiting: [Call] = []
  private(set) var now: Int64 = 0

  /// A tuple would wrap its closure in another.
  struct Call {
    let due: Int64
    let body: @Sendable () -> Void
  }

  init() { waiting.reserveCapacity(64) }

  func add(_ delay: Duration, _ body: @escaping @Sendable () -> Void) {
    let (seconds, attoseconds) = delay.components
    waiting.append(Call(due: now + seconds * 1_000_000_000 + attoseconds / 1_000_000_000, body: body))
  }

  /// The first to be due at `end` or before; `nil` when there is none, and time is at `end` then.
  func next(until end: Int64) -> Call? {
    guard let index = waiting.indices.min(by: { waiting[$0].due < waiting[$1].due }), waiting[index].due <= end else {
      now = end
      return nil
    }
    now = max(now, waiting[index].due)
    return waiting.remove(at: index)
  }
}
