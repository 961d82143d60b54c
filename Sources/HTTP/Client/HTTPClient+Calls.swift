internal import Ring

extension HTTPClient {
  /// Sends a request and waits for its whole answer. A cancelled task ends the transfer; what the peer then has, the
  /// failure tells.
  ///
  /// - Parameter isolation: the caller's. Without it the closure below would go to another thread and come back.
  package func send(
    _ request: HTTPClientRequest, isolation: isolated (any Actor)? = #isolation
  ) async throws(TransferFailure) -> HTTPClientResponse {
    let call = TransferCall()
    let outcome = await withTaskCancellationHandler {
      _ = isolation
      return await withCheckedContinuation { (continuation: CheckedContinuation<TransferCall.Outcome, Never>) in
        onLoop(isCancelled: Task.isCancelled) { [self] in start(request, call, .task(continuation), isCancelled: $0) }
      }
    } onCancel: {
      // Queued even on the loop's own thread: it may be within libcurl at this moment.
      loop.execute { [self] in cancel(call) }
    }
    return try outcome.get()
  }

  /// As ``send(_:)``, but hands the content of a success (2xx) over piece by piece while it comes, and returns the answer
  /// with an empty body at its end. Other answers' content is given whole (up to 64 KiB).
  ///
  /// No more than some 256 KiB wait in memory: while `sink` works, the peer is made to wait. The deadline runs on.
  /// - Parameter sink: takes 64 to 272 KiB at a time, the last piece maybe less; false ends the transfer with `stopped`.
  ///   What it was given before a failure is not the whole.
  package func download(
    _ request: HTTPClientRequest, to sink: ([UInt8]) async -> Bool
  ) async throws(TransferFailure) -> HTTPClientResponse {
    let call = TransferCall()
    let pieces = PieceQueue()
    let outcome = await withTaskCancellationHandler {
      onLoop(isCancelled: Task.isCancelled) { [self] in start(request, call, .pieces(pieces), isCancelled: $0) }
      while true {
        let next = await withCheckedContinuation { (continuation: CheckedContinuation<PieceQueue.Next, Never>) in
          onLoop(isCancelled: false) { [self] _ in requestPiece(call, pieces, continuation) }
        }
        switch next {
        case .ended(let outcome): return outcome
        case .piece(let piece):
          if await !sink(piece) { onLoop(isCancelled: false) { [self] _ in abandon(call) } }
        }
      }
    } onCancel: {
      loop.execute { [self] in cancel(call) }
    }
    return try outcome.get()
  }

  /// Runs `body` now if this is the loop's thread, else there soon.
  private func onLoop(isCancelled: Bool, _ body: @escaping @Sendable (_ isCancelled: Bool) -> Void) {
    if loop.isOnLoop { body(isCancelled) } else { loop.execute { body(isCancelled) } }
  }

  private func requestPiece(
    _ call: TransferCall, _ pieces: PieceQueue, _ continuation: CheckedContinuation<PieceQueue.Next, Never>
  ) {
    if pieces.next(continuation), let transfer = call.transfer { multi.resume(transfer) }
  }

  private func cancel(_ call: TransferCall) {
    if let transfer = call.cancel() { abort(transfer, .cancelled) }
  }

  private func abandon(_ call: TransferCall) {
    if let transfer = call.transfer { abort(transfer, .stopped) }
  }
}
