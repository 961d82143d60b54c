internal import Glibc

// Streams: what completions do. A slot outlives its operations, so an id that comes in here is not stale; after a
// handler's call it may be.
extension EventLoop {
  func completeReceive(_ id: SlotID, _ completion: Completion) {
    if !completion.isMoreComing {
      streams[id].isReceiving = false
      streams[id].kernelOperations -= 1
    }
    if let buffer = completion.buffer {
      if completion.result > 0 { unsafe deliver(id, backend.filled(buffer, Int(completion.result))) }
      backend.recycle(buffer)
    } else {
      endReceive(id, completion.outcome)
    }
    // The handler may have closed the stream, and with nothing in the kernel its slot is free by now: look again.
    if completion.isMoreComing || !streams.contains(id) { return }
    if streams[id].phase == .closing { return releaseIfDone(id) }
    rearmReceive(id, completion.outcome)
  }

  @inline(__always)
  private func deliver(_ id: SlotID, _ bytes: UnsafeBufferPointer<UInt8>) {
    guard streams[id].phase == .open else { return }
    if streams[id].isPaused || streams[id].isResuming {
      unsafe streams[id].held.append(contentsOf: bytes)
      return
    }
    guard let handler = streams[id].handler else { return }
    unsafe handler.received(Span(_unsafeElements: bytes), on: StreamID(id))
  }

  /// A receive's completion without bytes.
  private func endReceive(_ id: SlotID, _ outcome: Outcome) {
    guard streams[id].phase == .open else { return }
    switch outcome {
    case .done:
      streams[id].hasPeerFinished = true
      if streams[id].isPaused || streams[id].isResuming {
        streams[id].owesPeerFinished = true
      } else {
        streams[id].handler?.peerFinished(StreamID(id))
      }
    case .noBuffers:
      counters.buffersExhausted &+= 1
    case .cancelled, .tryAgain:
      return
    case .exhausted(let errno), .peerGone(let errno), .failed(let errno):
      fail(id, RingError(.receiveFailed, errno))
    }
  }

  /// The receive has ended though the stream goes on: a pause, an empty pool, or the kernel's own choice.
  private func rearmReceive(_ id: SlotID, _ outcome: Outcome) {
    let stream = streams[id]
    if stream.phase != .open || stream.isPaused || stream.hasPeerFinished || stream.isReceiving { return }
    if case .noBuffers = outcome {
      // Armed again once this batch's buffers are back: all of them, since none outlives its handler's call.
      starved.append(id)
    } else {
      armReceive(id)
    }
  }

  func rearmStarved() {
    for id in starved where streams.contains(id) {
      let stream = streams[id]
      if stream.phase == .open, !stream.isPaused, !stream.isReceiving { armReceive(id) }
    }
    starved.removeAll(keepingCapacity: true)
  }

  /// Tells what was held during a pause, then receives again.
  func resumeStreams() {
    let ids = resuming
    resuming = []
    for id in ids where streams.contains(id) {
      streams[id].isResuming = false
      guard streams[id].phase == .open, !streams[id].isPaused else { continue }
      tellHeld(id)
      guard streams.contains(id), streams[id].phase == .open, !streams[id].isPaused else { continue }
      if !streams[id].isReceiving, !streams[id].hasPeerFinished { armReceive(id) }
    }
  }

  private func tellHeld(_ id: SlotID) {
    guard let handler = streams[id].handler else { return }
    if !streams[id].held.isEmpty {
      let held = streams[id].held
      streams[id].held = []
      handler.received(held.span, on: StreamID(id))
      // The handler may have paused again, or closed.
      guard streams.contains(id), streams[id].phase == .open, !streams[id].isPaused else { return }
    }
    if streams[id].owesPeerFinished {
      streams[id].owesPeerFinished = false
      handler.peerFinished(StreamID(id))
    }
  }

  func completeSend(_ id: SlotID, _ outcome: Outcome) {
    streams[id].kernelOperations -= 1
    guard streams[id].phase == .open else { return releaseIfDone(id) }
    switch outcome {
    case .done(let count):
      streams[id].sentCount += Int(count)
      guard let buffer = streams[id].sending else { preconditionFailure("a send of nothing") }
      if streams[id].sentCount < buffer.count {
        counters.shortSends &+= 1
        submitSend(id)
        return
      }
      streams[id].sending = nil
      buffer.giveBack()
      streams[id].handler?.sendFinished(buffer, on: StreamID(id))
    case .tryAgain:
      submitSend(id)
    case .cancelled:
      fail(id, RingError(.sendFailed, .cancelled))
    case .noBuffers:
      preconditionFailure("only receives take buffers")
    case .exhausted(let errno), .peerGone(let errno), .failed(let errno):
      fail(id, RingError(.sendFailed, errno))
    }
  }

  func completeConnect(_ id: SlotID, _ outcome: Outcome) {
    streams[id].kernelOperations -= 1
    guard streams[id].phase == .connecting, let connecting = streams[id].connecting else { return releaseIfDone(id) }
    // Closed meanwhile: `release` tells the waiter.
    streams[id].connecting = nil
    switch outcome {
    case .done:
      streams[id].phase = .open
      connecting.completion(.success(StreamID(id)))
      guard streams.contains(id), streams[id].phase == .open, !streams[id].isPaused else { return }
      armReceive(id)
    case .cancelled, .noBuffers, .tryAgain:
      refuse(id, connecting, RingError(.connectFailed, .cancelled))
    case .exhausted(let errno), .peerGone(let errno), .failed(let errno):
      refuse(id, connecting, RingError(.connectFailed, errno))
    }
  }

  private func refuse(_ id: SlotID, _ connecting: Connecting, _ error: RingError) {
    streams[id].handler = nil
    beginClosing(id)
    connecting.completion(.failure(error))
  }

  private func fail(_ id: SlotID, _ error: RingError) {
    let handler = streams[id].handler
    // The slot stays while the handler is told, whatever was in flight.
    streams[id].kernelOperations += 1
    beginClosing(id)
    handler?.failed(error, on: StreamID(id))
    streams[id].kernelOperations -= 1
    releaseIfDone(id)
  }
}
