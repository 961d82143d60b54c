/// How an attempt to cancel or to modify a working order ended. Asking again is harmless: it says what the order is to
/// become.
public enum CancelOutcome: Hashable, Sendable {
  /// The broker took the request.
  case requested
  /// Refused: final already, in transit, unknown order, or a change that this broker does not offer.
  case refused(Refusal)
  /// Refused because the token is dead.
  case tokenRefused(Refusal)
  /// Refused for its rate; `retryAfter` when the broker said so.
  case rateLimited(retryAfter: Duration?)
  /// It certainly never left: no permit came in time, no connection was made.
  case unsent(Refusal)
  /// The broker may have taken it.
  case unknown(Refusal)
}
