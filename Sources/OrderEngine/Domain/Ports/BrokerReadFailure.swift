/// Why a read gave nothing. None of these says anything about what is at the broker.
public enum BrokerReadFailure: Error, Hashable, Sendable {
  /// The broker could not be reached, or did not answer in time.
  case unreachable(Refusal)
  /// The token is dead, or there is none.
  case tokenRefused(Refusal)
  case rateLimited(retryAfter: Duration?)
  /// The broker refuses to say: no permission, no data plan, a question that it does not understand.
  case refused(Refusal)
  /// The broker failed, or answered with something that is not the answer: 5xx, a page, a cut text, a missing field.
  case unreadable(Refusal)

  /// For people; a rate limit has words of its own.
  public var refusal: Refusal {
    switch self {
    case .unreachable(let refusal), .tokenRefused(let refusal), .refused(let refusal), .unreadable(let refusal): refusal
    case .rateLimited:
      Refusal(
        code: "broker.rateLimited", cause: "the broker takes no more calls for now",
        fix: "nothing to do: the call is made again when its limit allows")
    }
  }
}
