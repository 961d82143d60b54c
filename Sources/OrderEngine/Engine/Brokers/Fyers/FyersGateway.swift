package import OrderDomain

/// One account at Fyers: ``FyersCalls`` out, ``FyersAnswers`` in, and nothing between but the transport.
package struct FyersGateway: BrokerAccount {
  private let calls: FyersCalls
  private let line: BrokerLine

  package init(settings: FyersSettings, line: BrokerLine) {
    calls = FyersCalls(settings: settings)
    self.line = line
  }

  package var broker: Broker { .fyers }
  package var quoteLimit: Int { FyersCalls.quoteLimit }

  // MARK: Orders

  package func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome {
    await line.place(
      token: token, { token throws(Refusal) in try calls.place(order.subject, token: token) }, FyersAnswers.placement)
  }

  package func modify(_ change: OrderModification, token: Secret?) async -> CancelOutcome {
    await line.change(token: token, { token throws(Refusal) in try calls.modify(change, token: token) }) {
      FyersAnswers.change($0, of: change.id, now: $1)
    }
  }

  package func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome {
    await line.change(token: token, { calls.cancel(id, token: $0) }) { FyersAnswers.change($0, of: id, now: $1) }
  }

  package func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async {
    await line.updates?.deliver(to: sink)
  }

  /// At most ``FyersCalls/batchLimit`` orders in one call; an outcome for each, in their order.
  package func place(_ orders: [RiskApproved<OrderRequest>], token: Secret?) async -> [PlacementOutcome] {
    let requests = orders.map(\.subject)
    let exchange = await line.exchange(token: token) { token throws(Refusal) in
      try calls.placeBatch(requests, token: token)
    }
    if case .answered(let answer, let time) = exchange {
      return FyersAnswers.batch(answer, count: requests.count, now: time)
    }
    return requests.map { _ in exchange.placement }
  }

  /// At most ``FyersCalls/batchLimit`` changes in one call; an outcome for each, in their order.
  package func modify(_ changes: [OrderModification], token: Secret?) async -> [CancelOutcome] {
    let exchange = await line.exchange(token: token) { token throws(Refusal) in
      try calls.modifyBatch(changes, token: token)
    }
    return outcomes(exchange, of: changes.map(\.id))
  }

  /// At most ``FyersCalls/batchLimit`` cancels in one call; an outcome for each, in their order.
  package func cancel(_ ids: [BrokerOrderID], token: Secret?) async -> [CancelOutcome] {
    let exchange = await line.exchange(token: token) { token throws(Refusal) in
      try calls.cancelBatch(ids, token: token)
    }
    return outcomes(exchange, of: ids)
  }

  private func outcomes(_ exchange: BrokerLine.Exchange, of ids: [BrokerOrderID]) -> [CancelOutcome] {
    if case .answered(let answer, let time) = exchange { return FyersAnswers.changes(answer, of: ids, now: time) }
    return ids.map { _ in exchange.change }
  }

  /// One order above the freeze quantity, which Fyers cuts: an outcome for each slice, or one for the whole.
  package func placeSliced(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> [PlacementOutcome] {
    let exchange = await line.exchange(token: token) { token throws(Refusal) in
      try calls.placeSliced(order.subject, token: token)
    }
    if case .answered(let answer, let time) = exchange { return FyersAnswers.slices(answer, now: time) }
    return [exchange.placement]
  }

  // MARK: Reads

  package func orderBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerOrder] {
    try await line.read(token: token, { calls.orderBook(token: $0) }, FyersBooks.orders)
  }

  /// `nil` when Fyers lists no such order.
  package func order(_ id: BrokerOrderID, token: Secret?) async throws(BrokerReadFailure) -> BrokerOrder? {
    try await line.read(token: token, { calls.order(id, token: $0) }, FyersBooks.order)
  }

  package func tradeBook(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade] {
    try await line.read(token: token, { calls.tradeBook(token: $0) }, FyersBooks.trades)
  }

  package func positions(token: Secret?) async throws(BrokerReadFailure) -> [BrokerPosition] {
    try await line.read(token: token, { calls.positions(token: $0) }, FyersBooks.positions)
  }

  package func holdings(token: Secret?) async throws(BrokerReadFailure) -> [BrokerHolding] {
    try await line.read(token: token, { calls.holdings(token: $0) }, FyersBooks.holdings)
  }

  package func funds(token: Secret?) async throws(BrokerReadFailure) -> BrokerFunds {
    try await line.read(token: token, { calls.funds(token: $0) }, FyersAccountAnswers.funds)
  }

  package func margin(for order: OrderRequest, token: Secret?) async throws(BrokerReadFailure) -> BrokerMargin {
    try await line.read(
      token: token, { token throws(Refusal) in try calls.margin(for: order, token: token) }, FyersAccountAnswers.margin)
  }

  package func quotes(
    for instruments: [Instrument], token: Secret?
  ) async throws(BrokerReadFailure) -> [BrokerQuote] {
    try await line.read(
      token: token, { token throws(Refusal) in try calls.quotes(for: instruments, token: token) }
    ) { answer, now throws(BrokerReadFailure) in
      try FyersAccountAnswers.quotes(answer, for: instruments, now: now)
    }
  }

  package func profile(token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile {
    try await line.read(token: token, { calls.profile(token: $0) }, FyersAccountAnswers.profile)
  }
}
