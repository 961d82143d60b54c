/// Where an order stands. *Denied* is refused by us, *rejected* is proven refused by the broker or the exchange,
/// *unknown* is proven by nobody; the three never stand in for each other.
public enum OrderState: UInt8, Hashable, Sendable, CaseIterable {
  /// Approved, its intent journaled or about to be; no byte has left.
  /// Leads to `submitted`, `denied`, `expired` (too old to be sent); and to wherever a broker's report says that it
  /// stands, because an order that is found there must never be sent again, whatever was believed of it.
  case created
  /// Bytes may have left; the answer is awaited.
  /// Leads to `accepted`, `rejected`, `unknown`, back to `created` when certainly nothing was sent, and straight to a
  /// fill when an update overtakes the answer.
  case submitted
  /// The broker may or may not hold this order: bytes left, and no reply proved anything. Counts as live exposure.
  /// Leads on only by a report found under its ``CorrelationID``, or to `created` by the broker's proof that it never
  /// took the order; never by time passing.
  case unknown
  /// The broker holds it; nothing has filled.
  /// Leads to fills, `cancelled`, `rejected` (risk checks run after the acknowledgement), `expired`.
  case accepted
  /// Part of it has filled, the rest is working.
  /// Leads to more fills, `cancelled` or `expired` for the rest.
  case partiallyFilled
  /// Final: all of it has filled.
  case filled
  /// Final: refused by us; nothing was sent.
  case denied
  /// Final: proven refused by the broker or the exchange.
  case rejected
  /// Final: the rest was cancelled; what filled before stays filled. Leads to `filled` when the fill that won the race
  /// is reported after it.
  case cancelled
  /// Final: its time ran out, before sending or at the exchange. Leads to `filled` like `cancelled`.
  case expired

  public var isFinal: Bool {
    switch self {
    case .filled, .denied, .rejected, .cancelled, .expired: true
    case .created, .submitted, .unknown, .accepted, .partiallyFilled: false
    }
  }

  /// Whether the broker holds it or may hold it: what risk checks count as exposure.
  public var isPossiblyLive: Bool {
    switch self {
    case .submitted, .unknown, .accepted, .partiallyFilled: true
    case .created, .filled, .denied, .rejected, .cancelled, .expired: false
    }
  }

  public var code: String {
    switch self {
    case .created: "created"
    case .submitted: "submitted"
    case .unknown: "unknown"
    case .accepted: "accepted"
    case .partiallyFilled: "partially_filled"
    case .filled: "filled"
    case .denied: "denied"
    case .rejected: "rejected"
    case .cancelled: "cancelled"
    case .expired: "expired"
    }
  }
}

/// What can happen to an order.
public enum OrderTransition: UInt8, Hashable, Sendable, CaseIterable {
  /// We refuse it before a byte leaves.
  case denied
  /// Its bytes are about to leave.
  case submitted
  /// The attempt failed with certainty before a byte left; it may be tried again.
  case notSent
  /// No answer, or one that proves nothing.
  case outcomeLost
  /// The broker has proven, by its own lists, that it never took the order.
  case provenAbsent
  /// The broker or the exchange holds it.
  case accepted
  /// The broker or the exchange refuses it.
  case rejected
  /// A fill that leaves a rest.
  case partiallyFilled
  /// The fill that completes it.
  case filled
  case cancelled
  case expired
}

extension OrderState {
  /// The whole life of an order, one row a state. `nil` is a report that contradicts what was proven before: the
  /// caller keeps the state, and tells a person.
  public func after(_ transition: OrderTransition) -> OrderState? {
    switch (self, transition) {
    case (.created, .submitted): .submitted
    case (.created, .denied): .denied
    case (.created, .expired): .expired
    // The broker holds what we thought unsent: a lookup that missed it, or a restart that forgot the sending.
    case (.created, .accepted): .accepted
    case (.created, .rejected): .rejected
    case (.created, .partiallyFilled): .partiallyFilled
    case (.created, .filled): .filled
    case (.created, .cancelled): .cancelled

    case (.submitted, .accepted): .accepted
    case (.submitted, .rejected): .rejected
    case (.submitted, .outcomeLost): .unknown
    case (.submitted, .notSent): .created
    case (.submitted, .partiallyFilled): .partiallyFilled
    case (.submitted, .filled): .filled
    case (.submitted, .cancelled): .cancelled
    case (.submitted, .expired): .expired

    case (.unknown, .accepted): .accepted
    case (.unknown, .rejected): .rejected
    case (.unknown, .provenAbsent): .created
    case (.unknown, .outcomeLost): .unknown
    case (.unknown, .partiallyFilled): .partiallyFilled
    case (.unknown, .filled): .filled
    case (.unknown, .cancelled): .cancelled
    case (.unknown, .expired): .expired

    // The call timed out after an update had overtaken its answer: nothing is lost.
    case (.accepted, .accepted), (.accepted, .outcomeLost): .accepted
    case (.accepted, .rejected): .rejected
    case (.accepted, .partiallyFilled): .partiallyFilled
    case (.accepted, .filled): .filled
    case (.accepted, .cancelled): .cancelled
    case (.accepted, .expired): .expired

    case (.partiallyFilled, .accepted), (.partiallyFilled, .outcomeLost): .partiallyFilled
    case (.partiallyFilled, .partiallyFilled): .partiallyFilled
    case (.partiallyFilled, .filled): .filled
    case (.partiallyFilled, .cancelled): .cancelled
    case (.partiallyFilled, .expired): .expired

    // An acknowledgement, or an earlier fill, that arrives after the end changes nothing.
    case (.filled, .accepted), (.filled, .partiallyFilled), (.filled, .filled), (.filled, .outcomeLost): .filled
    case (.rejected, .rejected), (.rejected, .accepted), (.rejected, .outcomeLost): .rejected
    case (.cancelled, .cancelled), (.cancelled, .accepted), (.cancelled, .partiallyFilled),
      (.cancelled, .outcomeLost):
      .cancelled
    case (.expired, .expired), (.expired, .accepted), (.expired, .partiallyFilled), (.expired, .outcomeLost): .expired
    // The end was reported first, the fill that won the race after it.
    case (.cancelled, .filled), (.expired, .filled): .filled

    case (.created, .notSent), (.created, .outcomeLost), (.created, .provenAbsent),
      (.submitted, .denied), (.submitted, .submitted), (.submitted, .provenAbsent),
      (.unknown, .denied), (.unknown, .submitted), (.unknown, .notSent),
      (.accepted, .denied), (.accepted, .submitted), (.accepted, .notSent), (.accepted, .provenAbsent),
      (.partiallyFilled, .denied), (.partiallyFilled, .submitted), (.partiallyFilled, .notSent),
      (.partiallyFilled, .provenAbsent), (.partiallyFilled, .rejected),
      (.filled, .denied), (.filled, .submitted), (.filled, .notSent), (.filled, .provenAbsent), (.filled, .rejected),
      (.filled, .cancelled), (.filled, .expired),
      (.denied, _),
      (.rejected, .denied), (.rejected, .submitted), (.rejected, .notSent), (.rejected, .provenAbsent),
      (.rejected, .partiallyFilled), (.rejected, .filled), (.rejected, .cancelled), (.rejected, .expired),
      (.cancelled, .denied), (.cancelled, .submitted), (.cancelled, .notSent), (.cancelled, .provenAbsent),
      (.cancelled, .rejected), (.cancelled, .expired),
      (.expired, .denied), (.expired, .submitted), (.expired, .notSent), (.expired, .provenAbsent),
      (.expired, .rejected), (.expired, .cancelled):
      nil
    }
  }
}
