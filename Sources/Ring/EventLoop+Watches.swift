// Polling descriptors that belong to a foreign library (libcurl), level-triggered.
extension EventLoop {
  /// Calls `handler` on the loop's thread whenever `descriptor` is ready for something in `interest`, again and again
  /// until that is read, written, or no longer asked for. The descriptor stays its owner's, who must
  /// ``unwatch(_:)`` it before closing it, and may watch it only once at a time. The handler is held until then.
  package func watch(
    _ descriptor: Int32, for interest: Readiness, handler: @escaping (Readiness) -> Void
  ) throws(RingError) -> WatchID {
    assertOnLoop()
    if phase != .running { throw RingError(.stopped) }
    guard let id = watches.insert(Watch(descriptor: descriptor, handler: handler, interest: interest)) else {
      throw RingError(.limitReached)
    }
    armPoll(id)
    return WatchID(id: id)
  }

  /// Changes what a watch waits for; an empty interest rests it.
  package func update(_ watch: WatchID, for interest: Readiness) {
    assertOnLoop()
    guard watches.contains(watch.id), !watches[watch.id].isClosing, watches[watch.id].interest != interest else {
      return
    }
    watches[watch.id].interest = interest
    let token = OperationToken(.poll, watch.id)
    let descriptor = watches[watch.id].descriptor
    if !watches[watch.id].isArmed {
      armPoll(watch.id)
    } else if interest.isEmpty {
      submitSilently(.cancel(token, descriptor: descriptor), .cancel, watch.id)
    } else {
      // If the poll has fired meanwhile, it is armed with the new interest after its handler.
      submitSilently(.updatePoll(token, descriptor: descriptor, events: interest.events), .cancel, watch.id)
    }
  }

  /// The handler is not called again.
  package func unwatch(_ watch: WatchID) {
    assertOnLoop()
    guard watches.contains(watch.id), !watches[watch.id].isClosing else { return }
    endWatch(watch.id)
  }

  func endWatch(_ id: SlotID) {
    watches[id].isClosing = true
    if watches[id].isArmed {
      submitSilently(.cancel(OperationToken(.poll, id), descriptor: watches[id].descriptor), .cancel, id)
    } else {
      watches.remove(id)
    }
  }

  private func armPoll(_ id: SlotID) {
    if watches[id].interest.isEmpty { return }
    watches[id].isArmed = true
    submit(.poll(descriptor: watches[id].descriptor, events: watches[id].interest.events), .poll, id)
  }

  func completePoll(_ id: SlotID, _ outcome: Outcome) {
    watches[id].isArmed = false
    if watches[id].isClosing {
      watches.remove(id)
      return
    }
    switch outcome {
    case .done(let events):
      // Asked for once, but no longer wanted: only what is of interest now is told.
      let ready = Readiness(events: UInt32(events)).intersection(watches[id].interest.union(.failed))
      let handler = watches[id].handler
      if !ready.isEmpty { handler(ready) }
    case .cancelled, .tryAgain, .noBuffers:
      break
    case .exhausted, .peerGone, .failed:
      // Not a descriptor that can be polled (any more): told once, and rested so that it cannot spin.
      let handler = watches[id].handler
      watches[id].interest = []
      handler(.failed)
    }
    if watches.contains(id), !watches[id].isArmed, !watches[id].isClosing { armPoll(id) }
  }
}
