import OrderDomain

/// Faults planted into the engine's own surroundings, to see that the simulation finds them.
package enum Mutation: String, Sendable {
  /// A gateway that sends again by itself when nobody knows whether the first attempt was taken.
  case doubleSend
  /// A disk that says yes and writes nothing.
  case lostRecord
  /// Snapshots without what the last segment held.
  case forgetfulSnapshot
}

/// The planted double send.
struct DoubleSender: BrokerAccount {
  private let gateway: any BrokerAccount

  init(_ gateway: any BrokerAccount) { self.gateway = gateway }

  var broker: Broker { gateway.broker }
  var quoteLimit: Int { gateway.quoteLimit }

  func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome {
    let outcome = await gateway.place(order, token: token)
    if case .unknown = outcome { return await gateway.place(order, token: token) }
    return outcome
  }

  func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome { await gateway.cancel(id, token: token) }

  func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async {
    await gateway.deliverReports(to: sink)
  }

  func modify(_ change: OrderModification, token: Secret?) async -> CancelOutcome {
    await gateway.modify(change, token: token)
  }

  func orderBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerOrder] {
    try await gateway.orderBook(token: token)
  }

  func tradeBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade] {
    try await gateway.tradeBook(token: token)
  }

  func positions(token: Secret?) async throws(BrokerReadFailure) -> [BrokerPosition] {
    try await gateway.positions(token: token)
  }

  func holdings(token: Secret?) async throws(BrokerReadFailure) -> [BrokerHolding] {
    try await gateway.holdings(token: token)
  }

  func funds(token: Secret?) async throws(BrokerReadFailure) -> BrokerFunds { try await gateway.funds(token: token) }

  func margin(for order: OrderRequest, token: Secret?) async throws(BrokerReadFailure) -> BrokerMargin {
    try await gateway.margin(for: order, token: token)
  }

  func quotes(for instruments: [Instrument], token: Secret?) async throws(BrokerReadFailure) -> [BrokerQuote] {
    try await gateway.quotes(for: instruments, token: token)
  }

  func profile(token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile {
    try await gateway.profile(token: token)
  }
}
