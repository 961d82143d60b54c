package import OrderDomain

/// What a call to a broker needs before it may leave: a token, a circuit permit and a rate permit, inside its deadline.
/// Called on the executor that all of these live on.
package protocol OrderAdmission: Sendable {
  func admit(_ purpose: CallPurpose, deadline: Timestamp) async -> AdmissionOutcome
  /// The call leaves now: from here on it counts against the broker's limits.
  func depart(_ permit: inout OrderPermit)
  /// Gives the permit back with how the attempt ended.
  func finish(_ permit: consuming OrderPermit, _ outcome: PlacementClass)
  /// Waits with backoff and jitter; `false` when the deadline comes first.
  func waitBeforeRetry(attempt: Int, deadline: Timestamp) async -> Bool
}

/// What a call is for: decides whom it waits for, and whom its failure speaks against.
package enum CallPurpose: Hashable, Sendable, CaseIterable {
  case entry, exit, cancel
  /// Looks only. It goes through an open circuit, because it is how a broker's recovery and an order's fate are found.
  case read

  var lane: CircuitLane? {
    switch self {
    case .entry: .entries
    case .exit, .cancel: .exits
    case .read: nil
    }
  }

  var rateClass: RateClass {
    switch self {
    case .entry: .entries
    case .exit, .cancel: .exits
    case .read: .reads
    }
  }
}

package enum AdmissionOutcome: ~Copyable, Sendable {
  case admitted(OrderPermit)
  /// The deadline comes before a permit does.
  case expired(Refusal)
  /// No permit can be had at all: no token, a full queue.
  case denied(Refusal)
  /// The engine stops before a permit came: the order is not sent, and the next start decides.
  case parked
}

/// Leave to make one call once.
package struct OrderPermit: ~Copyable, Sendable {
  package let purpose: CallPurpose
  package let token: Secret?
  /// Which token it is: a refusal of an older one renews nothing.
  package let tokenGeneration: UInt64
  /// `nil` for a call that no circuit holds back.
  private var circuit: CircuitPermit?
  /// `nil` once it is spent.
  private var rate: RatePermit?

  package init(
    _ purpose: CallPurpose, token: AccessToken, circuit: consuming CircuitPermit?, rate: consuming RatePermit?
  ) {
    self.purpose = purpose
    self.token = token.secret
    tokenGeneration = token.generation
    self.circuit = circuit
    self.rate = rate
  }

  mutating func takeRate() -> RatePermit? { rate.take() }
  mutating func takeCircuit() -> CircuitPermit? { circuit.take() }
}

/// How an attempt counts for limiter, circuit and token.
package enum PlacementClass: Hashable, Sendable {
  case accepted, rejected, tokenRefused, notSent, denied, unknown
  case rateLimited(retryAfter: Duration?)

  init(_ outcome: PlacementOutcome) {
    self =
      switch outcome {
      case .accepted: .accepted
      case .rejected: .rejected
      case .tokenRefused: .tokenRefused
      case .notSent: .notSent
      case .denied: .denied
      case .unknown: .unknown
      case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
      }
  }

  init(_ outcome: CancelOutcome) {
    self =
      switch outcome {
      case .requested: .accepted
      case .refused: .rejected
      case .tokenRefused: .tokenRefused
      case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
      case .unsent: .notSent
      case .unknown: .unknown
      }
  }

  init(_ failure: BrokerReadFailure) {
    self =
      switch failure {
      case .unreachable, .unreadable: .unknown
      case .tokenRefused: .tokenRefused
      case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
      case .refused: .rejected
      }
  }

  var callOutcome: CallOutcome {
    switch self {
    case .accepted: .success
    case .rejected, .tokenRefused, .rateLimited: .businessRejection
    case .notSent, .unknown: .failure
    case .denied: .notSent
    }
  }
}
