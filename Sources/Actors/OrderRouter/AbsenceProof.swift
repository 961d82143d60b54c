import OrderDomain

/// When the silence of a broker's order book proves something: two readings without the order, far enough apart that an
/// order on its way has arrived, and both begun after it was last heard of.
struct AbsenceProof: Sendable {
  let interval: Duration
  private var firstMissed: [CorrelationID: Timestamp] = [:]

  init(interval: Duration) { self.interval = interval }

  /// A reading that began at `time` did not show the order. Returns whether it is proven not to be there.
  mutating func missed(_ id: CorrelationID, lastHeardOf: Timestamp, readAt time: Timestamp) -> Bool {
    if interval == .zero { return true }
    // Sent while the book was being read: its absence says nothing.
    guard time > lastHeardOf else { return false }
    guard let first = firstMissed[id], first > lastHeardOf, first <= time else {
      firstMissed[id] = time
      return false
    }
    guard .nanoseconds(time.nanoseconds(since: first)) >= interval else { return false }
    firstMissed[id] = nil
    return true
  }

  mutating func found(_ id: CorrelationID) { firstMissed[id] = nil }

  /// Forgets all that `isOpen` says no to.
  mutating func keep(where isOpen: (CorrelationID) -> Bool) { firstMissed = firstMissed.filter { isOpen($0.key) } }
}
