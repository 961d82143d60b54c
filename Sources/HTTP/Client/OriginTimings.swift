/// How transfers with one origin went, for a page of figures.
package struct OriginTimings: Sendable, Hashable {
  /// One step of the transfers that took it.
  package struct Step: Sendable, Hashable {
    package var count: UInt64 = 0
    package var sum = Duration.zero
    package var longest = Duration.zero
    package var latest = Duration.zero

    mutating func add(_ duration: Duration) {
      count += 1
      sum += duration
      longest = max(longest, duration)
      latest = duration
    }
  }

  package var answers: UInt64 = 0
  package var failuresCertainlyNotSent: UInt64 = 0
  package var failuresPerhapsSent: UInt64 = 0
  /// Of connections that were opened: the look-up of the name, TCP, TLS.
  package var nameLookup = Step()
  package var connect = Step()
  package var secure = Step()
  /// From the request's first byte to the answer's.
  package var firstByte = Step()
  /// From the call to the answer's last byte.
  package var total = Step()

  /// Whether any transfer has ended.
  var hasAny: Bool { answers + failuresCertainlyNotSent + failuresPerhapsSent > 0 }

  mutating func add(_ outcome: TransferCall.Outcome, _ timing: TransferTiming?) {
    switch outcome {
    case .success: answers += 1
    case .failure(let failure) where failure.isCertainlyNotSent: failuresCertainlyNotSent += 1
    case .failure: failuresPerhapsSent += 1
    }
    guard let timing else { return }
    if timing.isNewConnection, timing.connected > .zero {
      nameLookup.add(timing.nameLookup)
      connect.add(timing.connected - timing.nameLookup)
      if timing.secured > .zero { secure.add(timing.secured - timing.connected) }
    }
    if timing.firstByte > .zero { firstByte.add(timing.firstByte - timing.requested) }
    if case .success = outcome { total.add(timing.total) }
  }
}
