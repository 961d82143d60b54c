package import OrderDomain

/// One account at Dhan: ``DhanCalls`` out, ``DhanAnswers`` in, and nothing between but the transport.
package struct DhanGateway: BrokerAccount {
  private let calls: DhanCalls
  private let line: BrokerLine

  package init(settings: DhanSettings, line: BrokerLine) {
    calls = DhanCalls(settings: settings)
    self.line = line
  }

  package var broker: Broker { .dhan }
  package var quoteLimit: Int { DhanCalls.quoteLimit }

  // MARK: Orders

  package func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome {
    await line.place(
      token: token, { token throws(Refusal) in try calls.place(order.subject, token: token) }, DhanAnswers.placement)
  }

  package func modify(_ change: OrderModification, token: Secret?) async -> CancelOutcome {
    await line.change(token: token, { token throws(Refusal) in try calls.modify(change, token: token) }) {
      DhanAnswers.change($0, of: change.id, now: $1)
    }
  }

  package func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome {
    await line.change(token: token, { calls.cancel(id, token: $0) }) { DhanAnswers.change($0, of: id, now: $1) }
  }

  package func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async {
    await line.updates?.deliver(to: sink)
  }

  /// One order above the freeze quantity, which Dhan cuts: an outcome for each slice, or one for the whole.
  package func placeSliced(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> [PlacementOutcome] {
    let exchange = await line.exchange(token: token) { token throws(Refusal) in
      try calls.placeSliced(order.subject, token: token)
    }
    if case .answered(let answer, let time) = exchange { return DhanAnswers.slices(answer, now: time) }
    return [exchange.placement]
  }

  // MARK: Reads

  package func orderBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerOrder] {
    try await line.read(token: token, { calls.orderBook(token: $0) }, DhanBooks.orders)
  }

  /// `nil` when Dhan has no such order.
  package func order(_ id: BrokerOrderID, token: Secret?) async throws(BrokerReadFailure) -> BrokerOrder? {
    try await line.read(token: token, { calls.order(id, token: $0) }, DhanBooks.order)
  }

  package func tradeBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade] {
    try await line.read(token: token, { calls.tradeBook(token: $0) }, DhanBooks.trades)
  }

  package func positions(token: Secret?) async throws(BrokerReadFailure) -> [BrokerPosition] {
    try await line.read(token: token, { calls.positions(token: $0) }, DhanBooks.positions)
  }

  package func holdings(token: Secret?) async throws(BrokerReadFailure) -> [BrokerHolding] {
    try await line.read(token: token, { calls.holdings(token: $0) }, DhanBooks.holdings)
  }

  package func funds(token: Secret?) async throws(BrokerReadFailure) -> BrokerFunds {
    try await line.read(token: token, { calls.funds(token: $0) }, DhanAccountAnswers.funds)
  }

  package func margin(for order: OrderRequest, token: Secret?) async throws(BrokerReadFailure) -> BrokerMargin {
    try await line.read(
      token: token, { token throws(Refusal) in try calls.margin(for: order, token: token) }, DhanAccountAnswers.margin)
  }

  package func quotes(
    for instruments: [Instrument], token: Secret?
  ) async throws(BrokerReadFailure) -> [BrokerQuote] {
    try await line.read(
      token: token, { token throws(Refusal) in try calls.quotes(for: instruments, token: token) }
    ) { answer, now throws(BrokerReadFailure) in
      try DhanAccountAnswers.quotes(answer, for: instruments, now: now)
    }
  }

  package func profile(token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile {
    try await line.read(token: token, { calls.profile(token: $0) }, DhanAccountAnswers.profile)
  }

  /// Whether orders from this machine's address would be taken: the best question to ask before the first one.
  package func addresses(token: Secret?) async throws(BrokerReadFailure) -> DhanAddresses {
    try await line.read(token: token, { calls.registeredAddresses(token: $0) }, DhanAccountAnswers.addresses)
  }
}
