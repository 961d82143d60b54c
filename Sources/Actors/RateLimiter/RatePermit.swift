internal import Synchronization

package typealias ReservationID = UInt64

/// The plain facts of a permit.
package struct RateTicket: Hashable, Sendable {
  package let kind: RateClass
  /// The reservation that it was drawn from.
  package let reservation: ReservationID?
}

/// The right to one call. It counts from now until it is given back, and once spent for the length of each window from
/// that moment: so it is spent just before the first byte leaves. One that is dropped counts as spent when the limiter
/// looks next, because nobody can say that it was not.
package struct RatePermit: ~Copyable, Sendable {
  package let ticket: RateTicket
  private let drops: RateDrops
  private var isRedeemed = false

  init(_ ticket: RateTicket, drops: RateDrops) {
    self.ticket = ticket
    self.drops = drops
  }

  consuming func redeem() { isRedeemed = true }

  deinit {
    if !isRedeemed { drops.add(.permit(ticket)) }
  }
}

/// A part of the limits that nobody else may use until it is drawn, released or lapsed; dropping it releases it.
package struct RateReservation: ~Copyable, Sendable {
  package let id: ReservationID
  package let kind: RateClass
  private let drops: RateDrops
  private var isRedeemed = false

  init(id: ReservationID, kind: RateClass, drops: RateDrops) {
    self.id = id
    self.kind = kind
    self.drops = drops
  }

  consuming func redeem() { isRedeemed = true }

  deinit {
    if !isRedeemed { drops.add(.reservation(id)) }
  }
}

/// What was dropped since the limiter last looked. At most one entry for each permit or reservation that was out.
final class RateDrops: Sendable {
  enum Dropped: Sendable {
    case permit(RateTicket)
    case reservation(ReservationID)
  }

  private let dropped = Mutex<[Dropped]>([])
  /// So that looking costs no lock as long as nobody drops anything, which is always.
  private let isEmpty = Atomic(true)

  func add(_ one: Dropped) {
    dropped.withLock { $0.append(one) }
    isEmpty.store(false, ordering: .releasing)
  }

  func take() -> [Dropped] {
    if isEmpty.load(ordering: .acquiring) { return [] }
    return dropped.withLock { dropped in
      isEmpty.store(true, ordering: .releasing)
      defer { dropped.removeAll() }
      return dropped
    }
  }
}
