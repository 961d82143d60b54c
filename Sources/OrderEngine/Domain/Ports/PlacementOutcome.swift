/// How an attempt to place an order ended.
public enum PlacementOutcome: Hashable, Sendable {
  /// The broker holds it.
  case accepted(BrokerOrderID)
  /// Proven refused, in the broker's words.
  case rejected(Refusal, BrokerOrderID?)
  /// Proven refused because the token is dead: a new token may be tried once.
  case tokenRefused(Refusal)
  /// Proven refused for its rate; `retryAfter` when the broker said so.
  case rateLimited(retryAfter: Duration?)
  /// Certainly no byte of the order left: safe to try again.
  case notSent(Refusal)
  /// Certainly no byte of the order left, and none ever will: it cannot be said in this broker's protocol.
  case denied(Refusal)
  /// The broker may hold it: time-out, broken connection, 5xx, an answer that proves nothing.
  case unknown(Refusal)
}
