/// The content of a streamed answer between libcurl and a task that takes it piece by piece. Loop's thread only.
///
/// Holds at most ``limit`` bytes and what libcurl brings at a time (16 KiB): beyond that libcurl is paused, and with it,
/// by TCP's own means, the peer.
final class PieceQueue: @unchecked Sendable {
  // @unchecked: made by the caller, then touched by the loop's thread alone.
  enum Next: Sendable {
    case piece([UInt8])
    case ended(TransferCall.Outcome)
  }

  static let limit = 256 * 1024
  /// A task is woken for no less, unless it is the end.
  private static let threshold = 64 * 1024

  private var pending: [UInt8] = []
  private var outcome: TransferCall.Outcome?
  private var waiter: CheckedContinuation<Next, Never>?
  private(set) var isPaused = false

  init() {}

  /// False pauses libcurl, which brings the same bytes again afterwards.
  func append(_ bytes: Span<UInt8>) -> Bool {
    if pending.count >= Self.limit {
      isPaused = true
      return false
    }
    pending.append(bytes)
    if pending.count >= Self.threshold { deliver() }
    return true
  }

  func finish(_ outcome: TransferCall.Outcome) {
    self.outcome = outcome
    deliver()
  }

  /// Asks for the next piece, or for the end. True if libcurl is paused and may go on.
  func next(_ continuation: CheckedContinuation<Next, Never>) -> Bool {
    precondition(waiter == nil, "one piece at a time")
    waiter = continuation
    if pending.count >= Self.threshold || outcome != nil { deliver() }
    if isPaused, pending.count < Self.limit, outcome == nil {
      isPaused = false
      return true
    }
    return false
  }

  private func deliver() {
    guard let waiter else { return }
    // What came before a failure is of no use any more.
    if case .failure = outcome { pending = [] }
    if !pending.isEmpty {
      self.waiter = nil
      let piece = pending
      pending = []
      waiter.resume(returning: .piece(piece))
    } else if let outcome {
      self.waiter = nil
      waiter.resume(returning: .ended(outcome))
    }
  }
}
