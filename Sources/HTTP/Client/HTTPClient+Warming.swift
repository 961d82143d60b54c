internal import Ring

extension HTTPClient {
  /// Names one ``keepWarm(_:)``.
  package struct WarmUpID: Hashable, Sendable { fileprivate let number: UInt64 }

  /// Opens a connection to the origin now, and keeps one open from now on: by a cheap request whenever the origin has
  /// answered nothing for an interval, and at once when a kept connection dies. Failures are counted and tried again,
  /// first after a second, then ever more slowly. Until ``stopWarming(_:)`` or ``close()``. Loop's thread.
  package func keepWarm(_ warmUp: HTTPWarmUp) throws(TransferFailure) -> WarmUpID {
    assertOnLoop()
    if warmers.count >= Self.warmerLimit {
      throw Self.refusal(.tooMany, "\(Self.warmerLimit) origins are kept warm")
    }
    let origin = try check(warmUp.request, TransferCall())
    let warmer = Warmer(warmUp, origin: origin.text, loop: loop) { [unowned self] request, completion in
      countersValue.warmUps += 1
      start(
        request, TransferCall(),
        .handler { [unowned self] outcome in
          if case .failure = outcome { countersValue.warmUpFailures += 1 }
          completion(outcome)
        })
    }
    let id = WarmUpID(number: nextWarmer)
    nextWarmer += 1
    warmers[id.number] = warmer
    warmer.start()
    return id
  }

  /// The connection is kept as any other from now on. Loop's thread.
  package func stopWarming(_ id: WarmUpID) {
    assertOnLoop()
    warmers.removeValue(forKey: id.number)?.stop()
  }

  func idleConnectionDied(_ origin: String) {
    countersValue.idleEnds += 1
    for warmer in warmers.values where warmer.origin == origin { warmer.connectionDied() }
  }
}
