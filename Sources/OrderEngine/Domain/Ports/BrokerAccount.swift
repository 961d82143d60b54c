/// The rest of what can be asked of an account at a broker: changes of working orders, and everything that only looks.
///
/// Reads throw ``BrokerReadFailure`` and never answer with less than the broker said: a failed read is unknown, not empty.
public protocol BrokerAccount: BrokerGateway {
  /// Instruments that one call of ``quotes(for:token:)`` may name.
  var quoteLimit: Int { get }

  /// Asks for a change of a working order. What it became is reported separately: a fill may win the race.
  func modify(_ change: OrderModification, token: Secret?) async -> CancelOutcome

  /// Every order of the trading day, whoever placed it.
  func orderBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerOrder]

  /// Every trade of the trading day.
  func tradeBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade]

  /// Open positions, and those that were closed today.
  func positions(token: Secret?) async throws(BrokerReadFailure) -> [BrokerPosition]

  /// Shares in the demat account.
  func holdings(token: Secret?) async throws(BrokerReadFailure) -> [BrokerHolding]

  func funds(token: Secret?) async throws(BrokerReadFailure) -> BrokerFunds

  /// What an order would block now.
  func margin(for order: OrderRequest, token: Secret?) async throws(BrokerReadFailure) -> BrokerMargin

  /// Last prices of at most ``quoteLimit`` instruments. One that the broker does not know is missing.
  func quotes(for instruments: [Instrument], token: Secret?) async throws(BrokerReadFailure) -> [BrokerQuote]

  /// Whose account the token opens: the cheapest proof that a token lives.
  func profile(token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile
}

extension BrokerAccount {
  public func orderReports(token: Secret?, at now: Timestamp) async throws(BrokerReadFailure) -> [OrderReport] {
    try await orderBook(token: token).compactMap { $0.report(at: now) }
  }

  public func unbookedTrades(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade] {
    // The trades first: an order that trades between the two readings is in the book then.
    let trades = try await tradeBook(token: token)
    if trades.isEmpty { return [] }
    let booked = Set(try await orderBook(token: token).map(\.id))
    return trades.filter { !booked.contains($0.orderID) }
  }
}
