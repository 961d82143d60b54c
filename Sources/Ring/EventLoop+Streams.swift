internal import Glibc

// Streams: what the API does. What completions do is in `EventLoop+StreamCompletions.swift`.
extension EventLoop {
  /// Lends `buffer` to the loop until `sendFinished` (or `closed`) and sends all of it. One send at a time per stream:
  /// sending while ``isSending(_:)`` is a bug and traps, as is an empty buffer. False, and nothing lent, if the
  /// stream is gone.
  @discardableResult
  package func send(_ buffer: IOBuffer, on stream: StreamID) -> Bool {
    guard isOpen(stream) else { return false }
    precondition(!buffer.isEmpty, "an empty send")
    precondition(streams[stream.id].sending == nil, "one send at a time per stream")
    buffer.lend()
    streams[stream.id].sending = buffer
    streams[stream.id].sentCount = 0
    submitSend(stream.id)
    return true
  }

  /// Whether a buffer of this stream is still lent to the loop.
  package func isSending(_ stream: StreamID) -> Bool { isOpen(stream) && streams[stream.id].sending != nil }

  /// Whether the stream is still there: accepted or connected, and neither closed nor failed.
  @inline(__always)
  package func isOpen(_ stream: StreamID) -> Bool {
    assertOnLoop()
    return streams.contains(stream.id) && streams[stream.id].phase == .open
  }

  /// No `received` or `peerFinished` is called from now until ``resumeReceiving(_:)``. What the kernel had already
  /// delivered is kept and told then; the rest stays in the kernel and slows the peer down.
  package func pauseReceiving(_ stream: StreamID) {
    guard isOpen(stream), !streams[stream.id].isPaused else { return }
    streams[stream.id].isPaused = true
    if streams[stream.id].isReceiving {
      let descriptor = streams[stream.id].descriptor
      submitSilently(.cancel(OperationToken(.receive, stream.id), descriptor: descriptor), .cancel, stream.id)
    }
  }

  /// Takes effect at the end of the turn: nothing is called from inside this.
  package func resumeReceiving(_ stream: StreamID) {
    guard isOpen(stream), streams[stream.id].isPaused else { return }
    streams[stream.id].isPaused = false
    if streams[stream.id].isResuming { return }
    streams[stream.id].isResuming = true
    resuming.append(stream.id)
  }

  package func isReceivingPaused(_ stream: StreamID) -> Bool { isOpen(stream) && streams[stream.id].isPaused }

  /// Tells the peer that nothing more will be sent. Call it after the last `sendFinished`: a send still under way would
  /// be cut. Receiving goes on.
  package func shutdownWrite(_ stream: StreamID) {
    guard isOpen(stream) else { return }
    // Never blocks. It fails only on a connection that is already broken, of which receiving tells.
    _ = shutdown(streams[stream.id].descriptor, Int32(SHUT_WR))
  }

  /// Closes at once; a send still under way is cut, and bytes received but not yet delivered are dropped, which makes the
  /// kernel reset the connection. To end politely: wait for `sendFinished`, ``shutdownWrite(_:)``, wait (with a deadline)
  /// for `peerFinished`, then close.
  package func close(_ stream: StreamID) {
    assertOnLoop()
    guard streams.contains(stream.id), streams[stream.id].phase != .closing else { return }
    beginClosing(stream.id)
  }

  /// Closes at once and makes the kernel tell the peer by a reset, whatever was sent or received. For those who play a
  /// broken peer.
  package func reset(_ stream: StreamID) {
    guard isOpen(stream) else { return }
    var option = linger(l_onoff: 1, l_linger: 0)
    // It fails only on a socket that is gone, and then there is nothing to reset.
    _ = unsafe setsockopt(
      streams[stream.id].descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close(stream)
  }

  /// Where the stream's other end is; nil if the stream is gone.
  package func peerAddress(_ stream: StreamID) -> SocketAddress? {
    guard isOpen(stream) else { return nil }
    var address = KernelAddress()
    return unsafe address.fill { unsafe getpeername(streams[stream.id].descriptor, $0, &$1) }
  }

  /// Streams that are open or on their way out.
  package var streamCount: Int { streams.count }

  /// Connects to `peer`. The handler belongs to the stream as soon as `completion` has been given its id; on failure
  /// neither it nor the stream is heard of again. To give up waiting, close the stream named by the returned id:
  /// `completion` is then called with `stopped`.
  @discardableResult
  package func connect(
    to peer: SocketAddress, handler: any StreamHandler,
    completion: @escaping (Result<StreamID, RingError>) -> Void
  ) throws(RingError) -> StreamID {
    assertOnLoop()
    if phase != .running { throw RingError(.stopped) }
    if streams.isFull { throw RingError(.limitReached) }
    let descriptor = try makeSocket(peer)
    _ = setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    var stream = Stream(descriptor: descriptor, phase: .connecting)
    stream.handler = handler
    stream.connecting = Connecting(address: KernelAddress(peer), completion: completion)
    guard let id = streams.insert(stream) else { preconditionFailure("the table had room") }
    streams[id].kernelOperations = 1
    guard let connecting = streams[id].connecting else { preconditionFailure("just set") }
    let (address, length) = unsafe connecting.pointer
    submit(unsafe .connect(socket: descriptor, address: address, length: length), .connect, id)
    return StreamID(id)
  }

  // MARK: Inside

  func submitSend(_ id: SlotID) {
    guard let buffer = streams[id].sending else { preconditionFailure("nothing to send") }
    let sent = streams[id].sentCount
    streams[id].kernelOperations += 1
    let operation = unsafe Operation.send(
      socket: streams[id].descriptor, bytes: buffer.address(at: sent), count: buffer.count &- sent)
    submit(operation, .send, id)
  }

  @inline(__always)
  func armReceive(_ id: SlotID) {
    streams[id].isReceiving = true
    streams[id].kernelOperations += 1
    submit(.receive(socket: streams[id].descriptor), .receive, id)
  }

  /// From here on the id is stale for everyone outside; the slot lives until its operations have come back.
  func beginClosing(_ id: SlotID) {
    streams[id].phase = .closing
    streams[id].held = []
    if streams[id].kernelOperations == 0 {
      release(id)
    } else {
      submitSilently(.cancelAll(descriptor: streams[id].descriptor), .cancel, id)
    }
  }

  /// Frees the slot of a closing stream as soon as the kernel holds nothing of it.
  @inline(__always)
  func releaseIfDone(_ id: SlotID) {
    if streams[id].phase == .closing, streams[id].kernelOperations == 0 { release(id) }
  }

  private func release(_ id: SlotID) {
    let stream = streams.remove(id)
    stream.sending?.giveBack()
    submitSilently(.close(descriptor: stream.descriptor), .close, id)
    if let connecting = stream.connecting {
      localWork.append { connecting.completion(.failure(RingError(.stopped))) }
    } else if let handler = stream.handler {
      closed.append((StreamID(id), handler))
    }
    if isAcceptingSuspended { resumeAccepting() }
  }

  func tellClosed() {
    // `closed` may close further streams, which are then told in the next turn.
    let told = closed
    closed = []
    for (stream, handler) in told { handler.closed(stream) }
    if closed.isEmpty {
      // Takes the storage back, so that closing allocates nothing in the long run.
      closed = told
      closed.removeAll(keepingCapacity: true)
    }
  }

  /// A socket that the backend can drive.
  func makeSocket(_ address: SocketAddress) throws(RingError) -> Int32 {
    let family: Int32 =
      switch address.host {
      case .v4: AF_INET
      case .v6: AF_INET6
      }
    var kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    if backend.needsNonblockingSockets { kind |= Int32(SOCK_NONBLOCK.rawValue) }
    let descriptor = socket(family, kind, 0)
    if descriptor >= 0 { return descriptor }
    let error = Errno.current
    let isExhausted = error.rawValue == EMFILE || error.rawValue == ENFILE
    throw RingError(isExhausted ? .descriptorsExhausted : .setupFailed, error)
  }

  func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Bool {
    unsafe withUnsafePointer(to: value) {
      unsafe setsockopt(descriptor, level, name, $0, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
  }
}
