package import OrderDomain

/// What an order needs before it may leave: a circuit permit, a rate permit and a token, inside its deadline.
package protocol OrderAdmission: Sendable {
  func admit(_ order: OrderRequest, deadline: Timestamp) async -> AdmissionOutcome
  /// Gives the permit back with how the attempt ended.
  func finish(_ permit: consuming OrderPermit, _ outcome: PlacementClass) async
  /// The token for a call that places nothing.
  func token() async -> Secret?
  /// Waits with backoff and jitter; `false` when the deadline comes first.
  func waitBeforeRetry(attempt: Int, deadline: Timestamp) async -> Bool
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

/// Leave to send one order once.
package struct OrderPermit: ~Copyable, Sendable {
  package let token: Secret?
  /// Which token it is: a refusal of an older one renews nothing.
  package let tokenGeneration: UInt64
  package let circuit: CircuitPermit

  package init(token: Secret?, tokenGeneration: UInt64, circuit: consuming CircuitPermit) {
    self.token = token
    self.tokenGeneration = tokenGeneration
    self.circuit = circuit
  }
}

/// How an attempt counts for limiter, circuit and token.
package enum PlacementClass: Sendable {
  case accepted, rejected, tokenRefused, notSent, unknown
  case rateLimited(retryAfter: Duration?)

  init(_ outcome: PlacementOutcome) {
    self =
      switch outcome {
      case .accepted: .accepted
      case .rejected: .rejected
      case .tokenRefused: .tokenRefused
      case .notSent: .notSent
      case .unknown: .unknown
      case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
      }
  }

  var callOutcome: CallOutcome {
    switch self {
    case .accepted: .success
    case .rejected, .tokenRefused, .rateLimited: .businessRejection
    case .notSent, .unknown: .failure
    }
  }
}
