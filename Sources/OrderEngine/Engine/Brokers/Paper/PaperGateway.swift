package import OrderDomain
internal import SimulatedExchange

/// One paper account: the gateway's protocol over the shared market.
package struct PaperGateway: BrokerAccount {
  private let market: PaperMarket
  private let account: AccountID

  package init(market: PaperMarket, account: AccountID) {
    self.market = market
    self.account = account
  }

  package var broker: Broker { .paper }
  package var quoteLimit: Int { 1_000 }

  package func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome {
    await market.submit(order.subject)
  }

  package func modify(_ change: OrderModification, token: Secret?) async -> CancelOutcome {
    await market.modify(change, account: account)
  }

  package func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome {
    await market.cancel(id, account: account)
  }

  package func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async {
    await market.deliver(account, to: sink)
  }

  // MARK: Reads

  package func orderBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerOrder] {
    try known(await market.orderBook(account))
  }

  package func tradeBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade] {
    try known(await market.read { [account] exchange, _ in exchange.tradeBook(of: account)?.map(BrokerTrade.init) })
  }

  package func positions(token: Secret?) async throws(BrokerReadFailure) -> [BrokerPosition] {
    try known(await market.read { [account] exchange, _ in exchange.positions(of: account)?.map(BrokerPosition.init) })
  }

  package func holdings(token: Secret?) async throws(BrokerReadFailure) -> [BrokerHolding] {
    try known(await market.read { [account] exchange, _ in exchange.holdings(of: account)?.map(BrokerHolding.init) })
  }

  package func funds(token: Secret?) async throws(BrokerReadFailure) -> BrokerFunds {
    try known(await market.read { [account] exchange, _ in exchange.funds(of: account).map(BrokerFunds.init) })
  }

  package func margin(for order: OrderRequest, token: Secret?) async throws(BrokerReadFailure) -> BrokerMargin {
    try known(
      await market.read { [account] exchange, _ in
        guard let required = exchange.margin(for: NewOrder(order), account: account) else { return nil }
        return BrokerMargin(required: required, available: exchange.funds(of: account)?.available)
      })
  }

  package func quotes(
    for instruments: [Instrument], token: Secret?
  ) async throws(BrokerReadFailure) -> [BrokerQuote] {
    await market.read { exchange, now in
      instruments.map { instrument in
        let quote = exchange.quote(instrument, at: now)
        return BrokerQuote(instrument: instrument.key, lastPrice: quote.lastPrice, bid: quote.bid, ask: quote.ask)
      }
    }
  }

  package func profile(token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile {
    BrokerProfile(clientID: account.name, tokenValidUntil: nil, hasDataPlan: true)
  }

  private func known<Answer>(_ answer: Answer?) throws(BrokerReadFailure) -> Answer {
    guard let answer else {
      throw .refused(
        Refusal(
          code: "paper.unknownAccount", cause: "the paper market has no account \(account)",
          fix: "open the account before it is used"))
    }
    return answer
  }
}
