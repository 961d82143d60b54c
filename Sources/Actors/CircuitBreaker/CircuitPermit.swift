internal import Synchronization

/// The plain facts of a permit: which generation admitted the call, and which probe it is, if it is one.
package struct CircuitTicket: Hashable, Sendable {
  package let generation: UInt64
  package let probe: UInt64?
}

/// The right to one call. It goes back to its breaker with the outcome, exactly once; one that is dropped instead frees
/// its place at the breaker's next event and is counted as abandoned.
package struct CircuitPermit: ~Copyable, Sendable {
  package let lane: CircuitLane
  let ticket: CircuitTicket
  /// Since the breaker was made.
  let admittedAt: Duration
  private let drops: CircuitDrops
  private var isRedeemed = false

  init(lane: CircuitLane, ticket: CircuitTicket, admittedAt: Duration, drops: CircuitDrops) {
    self.lane = lane
    self.ticket = ticket
    self.admittedAt = admittedAt
    self.drops = drops
  }

  /// Whether this call decides if the breaker closes.
  package var isProbe: Bool { ticket.probe != nil }

  consuming func redeem() { isRedeemed = true }

  deinit {
    if !isRedeemed { drops.add(lane, ticket) }
  }
}

/// Permits that were dropped since the breaker last looked. At most one for each call in flight.
final class CircuitDrops: Sendable {
  private let dropped = Mutex<[(CircuitLane, CircuitTicket)]>([])
  /// So that looking costs no lock as long as nobody drops anything, which is always.
  private let isEmpty = Atomic(true)

  func add(_ lane: CircuitLane, _ ticket: CircuitTicket) {
    dropped.withLock { $0.append((lane, ticket)) }
    isEmpty.store(false, ordering: .releasing)
  }

  func take() -> [(CircuitLane, CircuitTicket)] {
    if isEmpty.load(ordering: .acquiring) { return [] }
    return dropped.withLock { dropped in
      isEmpty.store(true, ordering: .releasing)
      defer { dropped.removeAll() }
      return dropped
    }
  }
}
