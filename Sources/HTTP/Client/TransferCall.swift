/// One caller that waits for a transfer. Loop's thread only, whatever thread it was made on.
///
/// A cancellation may come before the transfer starts, while it runs and after its end; the caller is resumed once.
final class TransferCall: @unchecked Sendable {
  // @unchecked: made by the caller, then touched by the loop's thread alone.
  typealias Outcome = Result<HTTPClientResponse, TransferFailure>

  enum State {
    /// Leads to `waiting`, or to `cancelled` if that comes first.
    case fresh
    /// Leads to `over` when it is started.
    case cancelled
    /// Leads to `over`.
    case waiting(Transfer, CheckedContinuation<Outcome, Never>)
    case over
  }

  private(set) var state = State.fresh

  init() {}

  var isCancelled: Bool { if case .cancelled = state { true } else { false } }

  func begin(_ transfer: Transfer, _ continuation: CheckedContinuation<Outcome, Never>) {
    guard case .fresh = state else { preconditionFailure("a call that begins has done so before") }
    state = .waiting(transfer, continuation)
  }

  /// The transfer to abort, if one is under way.
  func cancel() -> Transfer? {
    switch state {
    case .fresh:
      state = .cancelled
      return nil
    case .waiting(let transfer, _): return transfer
    case .cancelled, .over: return nil
    }
  }

  func end(_ outcome: Outcome) {
    guard case .waiting(_, let continuation) = state else { preconditionFailure("a call ends once") }
    state = .over
    continuation.resume(returning: outcome)
  }
}
