/// One account at one broker, as the engine sees it. A gateway translates; it never retries, waits for permits or
/// decides: what it could not prove, it says.
public protocol BrokerGateway: Sendable {
  var broker: Broker { get }

  /// Sends one order once. Never throws: every ending is an outcome.
  func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome

  /// Asks for a cancel. The order's end is reported separately: a fill may win the race.
  func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome

  /// Every order at the broker that carries `tag`, or `nil` when the broker could not be asked: unknown is not none.
  func orders(tagged tag: CorrelationID, token: Secret?) async -> [OrderReport]?

  /// Starts delivering news of this account's orders, on the engine's executor, until the engine stops.
  func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async
}

/// How an attempt to place an order ended.
public enum PlacementOutcome: Sendable {
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
  /// The broker may hold it: time-out, broken connection, 5xx, an answer that proves nothing.
  case unknown(Refusal)
}

public enum CancelOutcome: Sendable {
  /// The broker took the request.
  case requested
  /// Refused: final already, in transit, unknown order.
  case refused(Refusal)
  /// It never left: no permit came in time.
  case unsent(Refusal)
  case unknown(Refusal)
}
