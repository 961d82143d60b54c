import HTTP
import OrderDomain
import SimulatedExchange

/// Orders, trades, positions, holdings, funds.
extension DhanDesk {
  func orderBook(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let orders = floor.exchange.orderBook(of: clients[client].account) ?? []
    return Answers.array { json in
      for order in orders { write(order, client, &json) }
    }
  }

  /// An unknown id is an empty list under 200, measured.
  func order(_ id: String, _ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let found = BrokerOrderID(id).flatMap { floor.exchange.order($0, account: clients[client].account) }
    guard let found else { return Answers.array { _ in } }
    var writer = JSONWriter(reserving: 1_024)
    write(found, client, &writer)
    return HTTPResponse(.ok, fields: Answers.json, body: writer.bytes)
  }

  /// While the order is in transit its tag is answered as an unknown one is, measured: no proof of absence.
  func order(tagged tag: String, _ client: Int, _ floor: MarketFloor) throws(DhanRefusal) -> HTTPResponse {
    let found = floor.exchange.orders(tagged: tag, account: clients[client].account).last
    guard let found, found.state != .transit else {
      throw DhanRefusal.order("Incorrect request for order and cannot be processed", status: 404)
    }
    var writer = JSONWriter(reserving: 1_024)
    write(found, client, &writer)
    return HTTPResponse(.ok, fields: Answers.json, body: writer.bytes)
  }

  static func status(_ order: ExchangeOrder) -> String {
    order.state == .cancelled && order.cancelCause == .immediateOrCancel ? "EXPIRED" : status(order.state)
  }

  private static func status(_ state: ExchangeOrderState) -> String {
    switch state {
    case .transit: "TRANSIT"
    case .pending: "PENDING"
    case .partiallyFilled: "PART_TRADED"
    case .filled: "TRADED"
    case .rejected: "REJECTED"
    case .cancelled: "CANCELLED"
    case .expired: "EXPIRED"
    }
  }

  /// What Dhan posts to the address that a client gave with his token: the order object, with a field of another name.
  func postback(_ news: OrderNews, _ order: ExchangeOrder, _ client: Int) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    write(order, client, &writer, as: news)
    return writer.bytes
  }

  private func write(_ order: ExchangeOrder, _ client: Int, _ json: inout JSONWriter, as news: OrderNews? = nil) {
    let instrument = order.instrument
    json.object { json in
      json.string("dhanClientId", clients[client].id)
      json.string("orderId", order.id.text)
      json.string("exchangeOrderId", order.exchangeOrderID ?? "0")
      json.string("correlationId", order.tag ?? "")
      json.string("orderStatus", news.map { DhanDesk.status($0.state) } ?? DhanDesk.status(order))
      json.string("transactionType", order.side == .buy ? "BUY" : "SELL")
      json.string("exchangeSegment", DhanNames.segment(instrument.key.segment))
      json.string("productType", DhanNames.product(order.product))
      json.string("orderType", DhanNames.type(order.type))
      json.string("validity", order.validity == .day ? "DAY" : "IOC")
      json.string("tradingSymbol", instrument.tradingSymbol)
      json.string("securityId", instrument.key.securityID.description)
      json.integer("quantity", order.quantity.units)
      json.integer("disclosedQuantity", 0)
      json.price("price", order.type.limitPrice)
      json.price("triggerPrice", order.type.triggerPrice)
      json.boolean("afterMarketOrder", order.isAfterMarket)
      json.number("boProfitValue", decimalText: "0.0")
      json.number("boStopLossValue", decimalText: "0.0")
      json.string("legName", "NA")
      json.string("createTime", IndianTime.iso(order.createdAt))
      json.string("updateTime", IndianTime.iso(order.updatedAt))
      json.string("exchangeTime", order.acceptedAt.map(IndianTime.iso) ?? "0001-01-01 00:00:00")
      writeDerivative(instrument, &json)
      json.string("omsErrorCode", order.rejection == nil ? "" : "RMS")
      json.string("omsErrorDescription", DhanDesk.reason(order))
      json.string("algoId", "0")
      if let news {
        json.integer("filled_qty", news.filled.units)
      } else {
        json.integer("remainingQuantity", order.state.isFinal ? 0 : order.remaining.units)
        json.price("averageTradedPrice", order.averagePrice)
        json.integer("filledQty", order.filled.units)
      }
    }
  }

  static func reason(_ order: ExchangeOrder) -> String {
    guard let rejection = order.rejection else { return "CONFIRMED" }
    if case .outsideBand(_, let band) = rejection {
      return "RMS:\(order.id):Order Price needs to be Circuit Limits of \(band.lowerBound) to \(band.upperBound)"
    }
    if case .insufficientFunds = rejection { return "RMS:\(order.id):Insufficient Funds. \(rejection.words)" }
    return "RMS:\(order.id):\(rejection.words)"
  }

  private func writeDerivative(_ instrument: Instrument, _ json: inout JSONWriter) {
    json.string("drvExpiryDate", instrument.contract.expiry?.description ?? "0001-01-01")
    if case .option(_, let strike, let type) = instrument.contract {
      json.string("drvOptionType", type == .call ? "CALL" : "PUT")
      json.price("drvStrikePrice", strike)
    } else {
      json.null("drvOptionType")
      json.number("drvStrikePrice", decimalText: "0.0")
    }
  }

  // MARK: Trades

  func tradeBook(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let trades = floor.exchange.tradeBook(of: clients[client].account) ?? []
    return Answers.array { json in
      for trade in trades { write(trade, client, &json) }
    }
  }

  func trades(of id: String, _ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let trades = BrokerOrderID(id).map { floor.exchange.trades(of: $0, account: clients[client].account) } ?? []
    return Answers.array { json in
      for trade in trades { write(trade, client, &json) }
    }
  }

  private func write(_ trade: ExchangeTrade, _ client: Int, _ json: inout JSONWriter) {
    let instrument = trade.instrument
    json.object { json in
      json.string("dhanClientId", clients[client].id)
      json.string("orderId", trade.orderID.text)
      json.string("exchangeOrderId", trade.exchangeOrderID)
      json.string("exchangeTradeId", trade.id.text)
      json.string("transactionType", trade.side == .buy ? "BUY" : "SELL")
      json.string("exchangeSegment", DhanNames.segment(instrument.key.segment))
      json.string("productType", DhanNames.product(trade.product))
      json.string("orderType", DhanNames.type(trade.orderType))
      json.string("tradingSymbol", instrument.tradingSymbol)
      json.string("customSymbol", DhanNames.display(instrument))
      json.string("securityId", instrument.key.securityID.description)
      json.integer("tradedQuantity", trade.quantity.units)
      json.price("tradedPrice", trade.price)
      json.string("createTime", IndianTime.iso(trade.time))
      json.string("updateTime", IndianTime.iso(trade.time))
      json.string("exchangeTime", IndianTime.iso(trade.time))
      writeDerivative(instrument, &json)
    }
  }

  // MARK: Portfolio

  /// None is an error under 500, measured.
  func holdings(_ client: Int, _ floor: MarketFloor) throws(DhanRefusal) -> HTTPResponse {
    let holdings = floor.exchange.holdings(of: clients[client].account) ?? []
    guard !holdings.isEmpty else { throw .noHoldings }
    return Answers.array { json in
      for holding in holdings {
        json.object { json in
          json.string("exchange", "ALL")
          json.string("tradingSymbol", holding.instrument.tradingSymbol)
          json.string("securityId", holding.instrument.key.securityID.description)
          json.string("isin", "")
          json.integer("totalQty", holding.units)
          json.integer("dpQty", holding.units)
          json.integer("t1Qty", 0)
          json.integer("availableQty", holding.sellable)
          json.integer("collateralQty", 0)
          json.price("avgCostPrice", holding.averageCost)
        }
      }
    }
  }

  func positions(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let positions = floor.exchange.positions(of: clients[client].account) ?? []
    return Answers.array { json in
      for position in positions { write(position, client, &json) }
    }
  }

  private func write(_ position: ExchangePosition, _ client: Int, _ json: inout JSONWriter) {
    let instrument = position.instrument
    json.object { json in
      json.string("dhanClientId", clients[client].id)
      json.string("tradingSymbol", instrument.tradingSymbol)
      json.string("securityId", instrument.key.securityID.description)
      json.string("positionType", position.net > 0 ? "LONG" : position.net < 0 ? "SHORT" : "CLOSED")
      json.string("exchangeSegment", DhanNames.segment(instrument.key.segment))
      json.string("productType", DhanNames.product(position.product))
      json.price("buyAvg", position.averageBought)
      json.integer("buyQty", position.bought)
      json.price("costPrice", position.averageOpen)
      json.price("sellAvg", position.averageSold)
      json.integer("sellQty", position.sold)
      json.integer("netQty", position.net)
      json.money("realizedProfit", position.realised)
      json.money("unrealizedProfit", position.unrealised)
      json.number("rbiReferenceRate", decimalText: "1.0")
      json.integer("multiplier", 1)
      json.integer("carryForwardBuyQty", max(position.carried, 0))
      json.integer("carryForwardSellQty", max(-position.carried, 0))
      json.money("carryForwardBuyValue", position.carried > 0 ? position.carriedCost : .zero)
      json.money("carryForwardSellValue", position.carried < 0 ? position.carriedCost : .zero)
      json.integer("dayBuyQty", position.boughtToday)
      json.integer("daySellQty", position.soldToday)
      json.money("dayBuyValue", position.boughtValueToday)
      json.money("daySellValue", position.soldValueToday)
      writeDerivative(instrument, &json)
      json.boolean("crossCurrency", false)
    }
  }

  /// Two of the names are misspelt, and that is how they are.
  func funds(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let funds = floor.exchange.funds(of: clients[client].account)
    return Answers.object { json in
      json.string("dhanClientId", clients[client].id)
      json.money("availabelBalance", funds?.available ?? .zero)
      json.money("sodLimit", funds?.opening ?? .zero)
      json.number("collateralAmount", decimalText: "0.0")
      json.number("receiveableAmount", decimalText: "0.0")
      json.money("utilizedAmount", funds?.used ?? .zero)
      json.number("blockedPayoutAmount", decimalText: "0.0")
      json.money("withdrawableBalance", funds?.available ?? .zero)
    }
  }

  // MARK: Margin

  func margin(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) throws(DhanRefusal) -> HTTPResponse {
    let total = try marginOf(try parsed(request), client, floor)
    let available = floor.exchange.funds(of: clients[client].account)?.available ?? .zero
    let lacking = total > available ? total - available : .zero
    return Answers.object { json in
      json.money("totalMargin", total)
      json.number("spanMargin", decimalText: "0.0")
      json.number("exposureMargin", decimalText: "0.0")
      json.money("availableBalance", available)
      json.money("variableMargin", total)
      json.money("insufficientBalance", lacking)
      json.number("brokerage", decimalText: "0.0")
      json.string("leverage", "1.00")
    }
  }

  func margins(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) throws(DhanRefusal) -> HTTPResponse {
    let body = try parsed(request)
    // The documentation has it under either name.
    guard let list = (body["scripList"] ?? body["scripts"])?.elements, (1...100).contains(list.count) else {
      throw .badFields
    }
    var total = Money.zero
    for item in list { total += try marginOf(item, client, floor) }
    return Answers.object { json in
      json.string("total_margin", total.description)
      json.string("span_margin", "0.00")
      json.string("exposure_margin", "0.00")
      json.string("equity_margin", total.description)
      json.string("fo_margin", "0.00")
      json.string("commodity_margin", "0.00")
      json.string("currency", "INR")
      json.string("hedge_benefit", "0.00")
    }
  }

  private func marginOf(_ body: JSONValue, _ client: Int, _ floor: MarketFloor) throws(DhanRefusal) -> Money {
    guard let segment = body["exchangeSegment"]?.text, let id = body["securityId"]?.text.flatMap({ UInt64($0) }),
      let side = body["transactionType"]?.text.flatMap(DhanOrderForm.side),
      let product = body["productType"]?.text.flatMap(DhanOrderForm.product),
      let quantity = body["quantity"]?.integer.flatMap({ Quantity($0) })
    else { throw .badFields }
    guard let instrument = instrument(segment, id, floor) else { throw .input("Invalid SecurityId") }
    let price = try DhanOrderForm.price(body["price"])
    let order = NewOrder(
      instrument: instrument, side: side, type: price.map { .limit($0) } ?? .market, quantity: quantity,
      product: product)
    return floor.exchange.margin(for: order, account: clients[client].account) ?? .zero
  }
}
