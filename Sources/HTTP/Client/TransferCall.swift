/// One caller that waits for a transfer. Loop's thread only, whatever thread it was made on.
///
/// A cancellation may come before the transfer starts, while it runs and after its end; the caller is told the end once.
final class TransferCall: @unchecked Sendable {
  // @unchecked: made by the caller, then touched by the loop's thread alone.
  typealias Outcome = Result<HTTPClientResponse, TransferFailure>

  /// Who is told.
  enum Receiver {
    case task(CheckedContinuation<Outcome, Never>)
    /// Called within the loop's turn.
    case handler((Outcome) -> Void)
    case pieces(PieceQueue)
  }

  private enum State {
    /// Leads to `waiting`, or to `cancelled` if that comes first.
    case fresh
    /// Leads nowhere: the start finds it so.
    case cancelled
    /// Leads to `over`.
    case waiting(Transfer, Receiver)
    case over
  }

  private var state = State.fresh

  init() {}

  var isCancelled: Bool { if case .cancelled = state { true } else { false } }

  /// The transfer while it runs.
  var transfer: Transfer? { if case .waiting(let transfer, _) = state { transfer } else { nil } }

  func begin(_ transfer: Transfer, _ receiver: Receiver) {
    guard case .fresh = state else { preconditionFailure("a call that begins has done so before") }
    state = .waiting(transfer, receiver)
  }

  /// The transfer to abort, if one is under way.
  func cancel() -> Transfer? {
    if case .fresh = state { state = .cancelled }
    return transfer
  }

  func end(_ outcome: Outcome) {
    guard case .waiting(_, let receiver) = state else { preconditionFailure("a call ends once") }
    state = .over
    receiver.end(outcome)
  }
}

extension TransferCall.Receiver {
  func end(_ outcome: TransferCall.Outcome) {
    switch self {
    case .task(let continuation): continuation.resume(returning: outcome)
    case .handler(let handler): handler(outcome)
    case .pieces(let queue): queue.finish(outcome)
    }
  }
}
