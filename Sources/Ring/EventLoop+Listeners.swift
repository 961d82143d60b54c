internal import Glibc

extension EventLoop {
  /// How long accepting rests when descriptors have run out and no stream of this loop closes meanwhile.
  private static var acceptRetryNanoseconds: Int64 { 100_000_000 }

  /// Listens on `address`; port 0 lets the kernel choose (see ``localAddress(_:)``). The handler is held until
  /// ``closeListener(_:)``.
  package func listen(
    on address: SocketAddress, options: ListenOptions = ListenOptions(), handler: any ListenerHandler
  ) throws(RingError) -> ListenerID {
    assertOnLoop()
    if phase != .running { throw RingError(.stopped) }
    if listeners.isFull { throw RingError(.limitReached) }
    precondition((1...65_535).contains(options.backlog))
    let descriptor = try makeSocket(address)
    if let error = prepare(descriptor, address, options) {
      _ = Glibc.close(descriptor)
      throw RingError.listening(error)
    }
    guard let id = listeners.insert(Listener(descriptor: descriptor, handler: handler)) else {
      preconditionFailure("the table had room")
    }
    armAccept(id)
    return ListenerID(id: id)
  }

  private func prepare(_ descriptor: Int32, _ address: SocketAddress, _ options: ListenOptions) -> Errno? {
    if !setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) { return .current }
    if options.reusePort, !setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) { return .current }
    if options.noDelay, !setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1) { return .current }
    if case .v6 = address.host,
      !setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, options.ipv6Only ? 1 : 0)
    {
      return .current
    }
    var kernelAddress = KernelAddress(address)
    let bound = unsafe kernelAddress.withPointer { unsafe bind(descriptor, $0, $1) }
    if bound != 0 || Glibc.listen(descriptor, Int32(options.backlog)) != 0 { return .current }
    return nil
  }

  /// Where the listener really listens; nil if it was closed.
  package func localAddress(_ listener: ListenerID) -> SocketAddress? {
    assertOnLoop()
    guard listeners.contains(listener.id) else { return nil }
    var address = KernelAddress()
    return unsafe address.fill { unsafe getsockname(listeners[listener.id].descriptor, $0, &$1) }
  }

  /// Takes no more connections. Those accepted stay; those waiting in the kernel are reset.
  package func closeListener(_ listener: ListenerID) {
    assertOnLoop()
    let id = listener.id
    guard listeners.contains(id), !listeners[id].isClosing else { return }
    listeners[id].isClosing = true
    if listeners[id].isArmed {
      submitSilently(.cancelAll(descriptor: listeners[id].descriptor), .cancel, id)
    } else {
      releaseListener(id)
    }
  }

  private func armAccept(_ id: SlotID) {
    listeners[id].isArmed = true
    submit(.accept(listener: listeners[id].descriptor), .accept, id)
  }

  private func releaseListener(_ id: SlotID) {
    let listener = listeners.remove(id)
    submitSilently(.close(descriptor: listener.descriptor), .close, id)
  }

  func completeAccept(_ id: SlotID, _ completion: Completion) {
    if !completion.isMoreComing { listeners[id].isArmed = false }
    switch completion.outcome {
    case .done(let descriptor): take(descriptor, id)
    case .exhausted:
      counters.acceptPauses &+= 1
      suspendAccepting()
    case .cancelled, .noBuffers, .tryAgain, .peerGone:
      break
    case .failed(let errno):
      // The network's errors of the connection itself (accept(2) names them); the listener is sound. A listener
      // that is not would spin, so it rests first.
      precondition(errno.rawValue != EBADF && errno.rawValue != EINVAL, "a listener that does not listen")
      suspendAccepting()
    }
    if completion.isMoreComing { return }
    if listeners[id].isClosing { return releaseListener(id) }
    if !isAcceptingSuspended { armAccept(id) }
  }

  private func take(_ descriptor: Int32, _ listener: SlotID) {
    if listeners[listener].isClosing || phase != .running {
      submitSilently(.close(descriptor: descriptor), .close, listener)
      return
    }
    if descriptor >= firstReservedDescriptor {
      // Numbers are given lowest first: all below are taken. This one is still served; a batch that was accepted at
      // one go may use up half of the reserve, and what comes above that is closed.
      counters.acceptPauses &+= 1
      suspendAccepting()
      if descriptor >= firstReservedDescriptor + Int32(configuration.descriptorReserve / 2) {
        counters.refusedStreams &+= 1
        submitSilently(.close(descriptor: descriptor), .close, listener)
        return
      }
    }
    guard let id = streams.insert(Stream(descriptor: descriptor, phase: .open)) else {
      counters.refusedStreams &+= 1
      submitSilently(.close(descriptor: descriptor), .close, listener)
      return
    }
    counters.acceptedStreams &+= 1
    var address = KernelAddress()
    guard let peer = unsafe address.fill({ unsafe getpeername(descriptor, $0, &$1) }) else {
      // Reset before it was looked at.
      return beginClosing(id)
    }
    let handler = listeners[listener].handler
    guard let streamHandler = handler.accepted(StreamID(id), from: peer, on: ListenerID(id: listener)) else {
      if streams.contains(id), streams[id].phase == .open { beginClosing(id) }
      return
    }
    guard streams.contains(id) else {
      // Closed inside `accepted`: still owed its last call.
      closed.append((StreamID(id), streamHandler))
      return
    }
    streams[id].handler = streamHandler
    if streams[id].phase == .open, !streams[id].isPaused { armReceive(id) }
  }

  /// Descriptors are short: connections wait in the kernel until a stream closes, or some are free at a later look.
  private func suspendAccepting() {
    if isAcceptingSuspended { return }
    isAcceptingSuspended = true
    for id in listeners.ids() where listeners[id].isArmed && !listeners[id].isClosing {
      let descriptor = listeners[id].descriptor
      submitSilently(.cancel(OperationToken(.accept, id), descriptor: descriptor), .cancel, id)
    }
    scheduleAcceptRetry()
  }

  private func scheduleAcceptRetry() {
    acceptRetryTimer = timers.schedule(
      at: now + Self.acceptRetryNanoseconds,
      .handler { [unowned self] in
        acceptRetryTimer = nil
        if hasFreeDescriptors { resumeAccepting() } else { scheduleAcceptRetry() }
      })
  }

  /// Tries one out: somebody else may have closed what this loop does not know of.
  private var hasFreeDescriptors: Bool {
    let free = dup(backend.wakeDescriptor)
    if free < 0 { return false }
    _ = Glibc.close(free)
    return free < firstReservedDescriptor
  }

  func resumeAccepting() {
    guard isAcceptingSuspended else { return }
    isAcceptingSuspended = false
    if let timer = acceptRetryTimer.take() { _ = timers.cancel(timer) }
    // Those whose cancellation has not come back yet are armed when it does.
    for id in listeners.ids() where !listeners[id].isArmed && !listeners[id].isClosing { armAccept(id) }
  }

  /// The lowest number that accepting should not reach, by the process's limit when the loop was made.
  static func firstReservedDescriptor(_ reserve: Int) -> Int32 {
    var limit = rlimit()
    if unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) != 0 { return .max }
    let bounded = Int32(clamping: limit.rlim_cur)
    return max(1, bounded - Int32(reserve))
  }
}
