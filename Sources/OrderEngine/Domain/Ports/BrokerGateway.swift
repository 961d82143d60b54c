/// One account at one broker, as the engine sees it. A gateway translates; it never retries, waits for permits or
/// decides: what it could not prove, it says.
public protocol BrokerGateway: Sendable {
  var broker: Broker { get }

  /// Sends one order once. Never throws: every ending is an outcome.
  func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome

  /// Asks for a cancel. The order's end is reported separately: a fill may win the race.
  func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome

  /// How every order of the day stands at the broker that carries a tag of our making, read in one go. A failure says
  /// nothing about any of them: unknown is not none.
  func orderReports(token: Secret?, at now: Timestamp) async throws(BrokerReadFailure) -> [OrderReport]

  /// Trades of the day whose order the order book does not show. As long as there is one that could be an order's of
  /// ours, the book's silence about that order proves nothing.
  func unbookedTrades(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade]

  /// Starts delivering news of this account's orders, on the engine's executor, until the engine stops.
  func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async
}
