/// One task asleep on a loop's timer. Registering, waking and cancelling may come in any order and from any thread;
/// the continuation is resumed exactly once.
final class Sleeper: Sendable {
  private enum State {
    /// Leads to `asleep`, or to `over` if cancelled first.
    case fresh
    /// Leads to `over`.
    case asleep(CheckedContinuation<Void, any Error>)
    case over(wasCancelled: Bool)
  }

  private let state = Locked(State.fresh)
  /// The timer it sleeps on; touched by the loop's thread.
  let timer = Locked<TimerID?>(nil)

  var isOver: Bool {
    state.withLock { state in
      switch state {
      case .fresh, .asleep: false
      case .over: true
      }
    }
  }

  /// False if it is over already: the continuation has then been resumed.
  func register(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
    let wasCancelled: Bool? = state.withLock { state in
      switch state {
      case .fresh:
        state = .asleep(continuation)
        return nil
      case .asleep: preconditionFailure("a sleeper registered twice")
      case .over(let wasCancelled): return wasCancelled
      }
    }
    guard let wasCancelled else { return true }
    if wasCancelled { continuation.resume(throwing: CancellationError()) } else { continuation.resume() }
    return false
  }

  func wake() { finish(wasCancelled: false)?.resume() }

  func cancel() { finish(wasCancelled: true)?.resume(throwing: CancellationError()) }

  private func finish(wasCancelled: Bool) -> CheckedContinuation<Void, any Error>? {
    state.withLock { state in
      switch state {
      case .fresh:
        state = .over(wasCancelled: wasCancelled)
        return nil
      case .asleep(let continuation):
        state = .over(wasCancelled: wasCancelled)
        return continuation
      case .over: return nil
      }
    }
  }
}
