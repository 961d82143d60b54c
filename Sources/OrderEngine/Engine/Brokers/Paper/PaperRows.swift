internal import OrderDomain
internal import SimulatedExchange

/// The simulated exchange's books, as a broker shows them.
extension BrokerOrder {
  init(_ order: ExchangeOrder, _ carried: CarriedOrders) {
    let status: BrokerOrderStatus
    switch order.state {
    case .transit: status = .transit
    case .pending: status = .open
    case .partiallyFilled: status = .partiallyFilled
    case .filled: status = .filled
    case .rejected: status = .rejected
    case .cancelled: status = .cancelled
    case .expired: status = .expired
    }
    self.init(
      id: carried.number(known: order.id), tag: order.tag, status: status,
      instrument: order.instrument.key, symbol: order.instrument.tradingSymbol, side: order.side,
      quantity: order.quantity.adding(carried.filledBefore(order.id)) ?? order.quantity,
      fill: carried.fill(of: order.standing),
      limitPrice: order.type.limitPrice, triggerPrice: order.type.triggerPrice, product: order.product,
      refusal: order.rejection?.refusal, exchangeOrderID: order.exchangeOrderID, updatedAt: order.updatedAt)
  }
}

extension BrokerTrade {
  init(_ trade: ExchangeTrade) {
    self.init(
      id: trade.id, orderID: trade.orderID, instrument: trade.instrument.key, symbol: trade.instrument.tradingSymbol,
      side: trade.side, quantity: trade.quantity, price: trade.price, product: trade.product, at: trade.time)
  }
}

extension BrokerPosition {
  init(_ position: ExchangePosition) {
    self.init(
      instrument: position.instrument.key, symbol: position.instrument.tradingSymbol, product: position.product,
      netUnits: position.net, boughtUnits: position.bought, soldUnits: position.sold,
      averageBought: position.averageBought, averageSold: position.averageSold, realised: position.realised,
      unrealised: position.unrealised)
  }
}

extension BrokerHolding {
  init(_ holding: ExchangeHolding) {
    self.init(
      securityID: holding.instrument.key.securityID, symbol: holding.instrument.tradingSymbol, isin: "",
      units: holding.units, sellableUnits: holding.sellable, averageCost: holding.averageCost)
  }
}

extension BrokerFunds {
  init(_ funds: ExchangeFunds) { self.init(available: funds.available, used: funds.used, opening: funds.opening) }
}

extension NewOrder {
  init(_ request: OrderRequest) {
    self.init(
      instrument: request.instrument, side: request.side, type: request.type, quantity: request.quantity,
      product: request.product, validity: request.validity, tag: request.correlationID.description,
      isAfterMarket: request.isAfterMarket)
  }
}

extension ExchangeRejection {
  var refusal: Refusal {
    Refusal(code: code, cause: words, fix: "correct the order and send it as a new alert")
  }
}
