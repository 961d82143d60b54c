import OrderDomain

/// When the silence of a broker's order book proves something: two readings without the order, far enough apart that an
/// order on its way has arrived, and both begun after it was last heard of. Times are of a clock that never jumps.
struct AbsenceProof: Sendable {
  let interval: Duration
  private var firstMissed: [CorrelationID: Duration] = [:]

  init(interval: Duration) { self.interval = interval }

  /// A reading that began at `time` did not show the order. Returns whether it is proven not to be there.
  mutating func missed(_ id: CorrelationID, lastHeardOf: Duration?, readAt time: Duration) -> Bool {
    if interval == .zero { return true }
    // Sent while the book was being read: its absence says nothing.
    if let lastHeardOf, time <= lastHeardOf { return false }
    guard let first = firstMissed[id], first > lastHeardOf ?? .zero else {
      firstMissed[id] = time
      return false
    }
    guard time - first >= interval else { return false }
    firstMissed[id] = nil
    return true
  }

  mutating func found(_ id: CorrelationID) { firstMissed[id] = nil }

  /// Forgets all that `isOpen` says no to.
  mutating func keep(where isOpen: (CorrelationID) -> Bool) { firstMissed = firstMissed.filter { isOpen($0.key) } }
}
