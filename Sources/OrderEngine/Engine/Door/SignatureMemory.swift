import OrderDomain

/// Which signatures have let an alert in: each does so once.
///
/// The signature covers time and body, not the address or the `Idempotency-Key`: who has got hold of a whole request could
/// send it again under another key, and the ledger would take it for another alert. So a signature that is still believed
/// and has let an alert in lets no second one in. A relay that lost the answer and sends its request again is not hurt:
/// the ledger knows its alert and answers it before this is asked. Nor is one that was refused or answered 503: what was
/// not taken is released here.
///
/// After a restart the journal says which bodies had been accepted, and when: a signature over one of them is taken for
/// used when it was made before that, or so little after it that the two clocks may differ by it.
struct SignatureMemory: Sendable {
  enum Admission: Equatable, Sendable {
    case fresh
    case used
    /// Rather refused than forgotten: `retryAfter` nanoseconds from now the oldest has ended.
    case full(retryAfter: Int64)
  }

  /// How far a sender's clock may be ahead, in nanoseconds, for what was accepted before a restart. Less than the window:
  /// the next alert with the same body, signed later, must not be taken for the one before.
  static let clockDifference: Int64 = 30_000_000_000

  private let capacity: Int
  /// With the moment from which on nobody believes it any more.
  private var used: [Digest256: Timestamp] = [:]
  /// In the order of their coming, which is nearly that of their ends.
  private var order: [(code: Digest256, end: Timestamp)] = []
  private var firstOfOrder = 0
  /// When bodies were accepted last, before this start.
  private var earlier: [AlertIdentity: Timestamp] = [:]
  private var startedAt = Timestamp(nanoseconds: .min)

  init(capacity: Int = 65_536) { self.capacity = capacity }

  var count: Int { used.count }

  /// - Parameter accepted: bodies of alerts of earlier lives, and when they came.
  mutating func restore(_ accepted: [(body: AlertIdentity, at: Timestamp)], at now: Timestamp) {
    startedAt = now
    for alert in accepted { earlier[alert.body] = max(alert.at, earlier[alert.body] ?? alert.at) }
  }

  /// Takes a signature for a new alert.
  ///
  /// - Parameter window: nanoseconds before and after its time, in which a signature is believed.
  mutating func admit(
    _ code: Digest256, body: AlertIdentity, signedAt: Timestamp, window: Int64, at now: Timestamp
  ) -> Admission {
    removeEnded(at: now)
    if used[code] != nil { return .used }
    if !earlier.isEmpty {
      if now.nanoseconds(since: startedAt) > 2 * window {
        earlier = [:]
      } else if let at = earlier[body], signedAt >= at.adding(nanoseconds: -window),
        signedAt <= at.adding(nanoseconds: SignatureMemory.clockDifference)
      {
        return .used
      }
    }
    // What was released keeps its place in the order until its time: nor may that fill the memory.
    guard used.count < capacity, order.count - firstOfOrder < 2 * capacity else {
      return .full(retryAfter: max(0, order[firstOfOrder].end.nanoseconds(since: now)))
    }
    let end = signedAt.adding(nanoseconds: window)
    used[code] = end
    order.append((code, end))
    return .fresh
  }

  /// The alert was not taken after all.
  mutating func release(_ code: Digest256) { used[code] = nil }

  /// At most eight a call. A clock that was set back keeps them longer, never shorter.
  private mutating func removeEnded(at now: Timestamp) {
    for _ in 0..<8 where firstOfOrder < order.count && order[firstOfOrder].end < now {
      let (code, end) = order[firstOfOrder]
      // One that was released and came again has an entry further on.
      if used[code] == end { used[code] = nil }
      firstOfOrder += 1
    }
    if firstOfOrder > 1_024, firstOfOrder * 2 > order.count {
      order.removeFirst(firstOfOrder)
      firstOfOrder = 0
    }
  }
}
