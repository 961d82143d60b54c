internal import Synchronization

/// One suspended call and the verdict that it waits for. Whoever resolves it first wins: the actor by a grant, a deadline
/// or its end, the caller's task by being cancelled, from whichever thread that happens. A lock rather than the actor
/// guards it, so that a cancellation need not start a task in order to reach the actor.
final class Waiter<Verdict: Sendable>: Sendable {
  private enum State {
    /// Nobody is suspended yet. Leads to `waiting`, or to `resolved` when the verdict overtakes the suspension.
    case registering
    /// Leads to `resolved`.
    case waiting(CheckedContinuation<Verdict, Never>)
    /// Leads nowhere.
    case resolved(Verdict)
  }

  private let state = Mutex(State.registering)

  /// Whether this verdict counts. `false` means that another came first, and that what was granted here must be taken back.
  func resolve(_ verdict: Verdict) -> Bool {
    let (isFirst, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Verdict, Never>?) in
      switch state {
      case .registering:
        state = .resolved(verdict)
        return (true, nil)
      case .waiting(let continuation):
        state = .resolved(verdict)
        return (true, continuation)
      case .resolved:
        return (false, nil)
      }
    }
    continuation?.resume(returning: verdict)
    return isFirst
  }

  /// Suspends until a verdict, which is `cancelled` if the task is cancelled before or meanwhile. Called once.
  ///
  /// - Parameter isolation: the caller's. Without it the closure below would go to another thread and come back.
  func wait(cancelled: Verdict, isolation: isolated (any Actor)? = #isolation) async -> Verdict {
    await withTaskCancellationHandler {
      _ = isolation
      return await withCheckedContinuation { continuation in
        let early = state.withLock { state -> Verdict? in
          switch state {
          case .registering:
            state = .waiting(continuation)
            return nil
          case .resolved(let verdict):
            return verdict
          case .waiting:
            preconditionFailure("a waiter waits once")
          }
        }
        if let early { continuation.resume(returning: early) }
      }
    } onCancel: {
      _ = resolve(cancelled)
    }
  }
}
