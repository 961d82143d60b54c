import HTTP
import OrderDomain
import SimulatedExchange

/// Orders, trades, positions, holdings, funds, margin.
extension FyersDesk {
  func orders(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    let account = clients[client].account
    var orders: [ExchangeOrder]
    if let list = request.queryValue("id") {
      orders = list.split(separator: ",").prefix(100).compactMap { id in
        BrokerOrderID(String(id)).flatMap { floor.exchange.order($0, account: account) }
      }
      if orders.isEmpty { throw .unknownOrder }
    } else if let tag = request.queryValue("order_tag") {
      orders = FyersDesk.ownTag(tag).map { floor.exchange.orders(tagged: $0, account: account) } ?? []
      orders.removeAll { $0.tradingDay < floor.exchange.tradingDay }
    } else {
      orders = floor.exchange.orderBook(of: account) ?? []
    }
    return FyersDesk.ok { json in
      json.array("orderBook") { json in
        for (number, order) in orders.enumerated() { write(order, number + 1, client, floor, &json) }
      }
    }
  }

  /// Tags come back as `1:TAG`; with another prefix nothing of the client's is found.
  private static func ownTag(_ text: String) -> String? { text.hasPrefix("1:") ? String(text.dropFirst(2)) : nil }

  static func tag(_ tag: String?) -> String { tag.map { "1:" + $0 } ?? "2:Untagged" }

  static func status(_ order: ExchangeOrder) -> Int {
    switch order.state {
    case .transit: 4
    case .pending, .partiallyFilled: 6
    case .filled: 2
    case .rejected: 5
    case .cancelled: 1
    case .expired: 7
    }
  }

  static func kind(_ type: OrderType) -> Int64 {
    let kind: FyersOrderForm.Kind =
      switch type {
      case .limit: .limit
      case .market: .market
      case .stopMarket: .stop
      case .stopLimit: .stopLimit
      }
    return kind.rawValue
  }

  func message(_ order: ExchangeOrder, _ client: Int) -> String {
    switch order.rejection {
    case nil: ""
    case .insufficientFunds(let required, let available)?:
      FyersDesk.shortfall(required - available, available, clients[client].id)
    case .outsideBand?: "RED:RULE:{Check circuit limit including square off order exceeds}"
    case .inWords(let words)?: words
    case .some(let rejection): "RED:\(rejection.words)"
    }
  }

  /// What Fyers posts to an app's webhook: the names of the order book, without the tag. Nothing is posted of an order in
  /// transit or of one that expired.
  func postback(_ news: OrderNews, _ order: ExchangeOrder, _ client: Int, _ floor: MarketFloor) -> [UInt8]? {
    switch news.state {
    case .transit, .expired: return nil
    case .pending, .partiallyFilled, .filled, .rejected, .cancelled: break
    }
    var writer = JSONWriter(reserving: 1_024)
    write(order, 1, client, floor, &writer, isPostback: true)
    return writer.bytes
  }

  private func write(
    _ order: ExchangeOrder, _ number: Int, _ client: Int, _ floor: MarketFloor, _ json: inout JSONWriter,
    isPostback: Bool = false
  ) {
    let instrument = floor.symbols.instrument(order.instrument.key) ?? order.instrument
    let status = FyersDesk.status(order)
    let quote = floor.exchange.quote(instrument, at: floor.now)
    json.object { json in
      json.string("clientId", clients[client].id)
      json.string("id", order.id.text)
      json.string("id_fyers", "")
      json.string("exchOrdId", order.exchangeOrderID ?? "")
      json.integer("qty", order.quantity.units)
      json.integer("remainingQuantity", order.state.isFinal ? 0 : order.remaining.units)
      json.integer("filledQty", order.filled.units)
      json.integer("discloseQty", 0)
      json.integer("disclosedQty", 0)
      json.integer("dqQtyRem", 0)
      json.price("limitPrice", order.type.limitPrice)
      json.price("stopPrice", order.type.triggerPrice)
      json.price("tradedPrice", order.averagePrice)
      json.integer("type", FyersDesk.kind(order.type))
      json.string("fyToken", FyersNames.fyToken(instrument))
      json.integer("exchange", FyersNames.exchange(instrument.key.segment))
      json.integer("segment", FyersNames.segment(instrument.key.segment))
      json.string("symbol", floor.symbols.ticker(instrument))
      json.integer("instrument", FyersNames.kind(instrument))
      json.string("message", message(order, client))
      json.boolean("offlineOrder", order.isAfterMarket)
      json.string("orderDateTime", IndianTime.named(order.createdAt))
      json.string("orderValidity", order.validity == .day ? "DAY" : "IOC")
      json.string("pan", "")
      json.string("productType", FyersDesk.product(order.product))
      json.integer("side", order.side.sign)
      json.integer("status", status)
      json.string("source", "ITS")
      json.string("ex_sym", instrument.underlying)
      json.string("description", FyersNames.details(instrument))
      writeChange(quote, &json)
      json.price("lp", quote.lastPrice)
      json.integer("slNo", number)
      json.string("orderNumStatus", "\(order.id):\(status)")
      if !isPostback { json.string("orderTag", FyersDesk.tag(order.tag)) }
      json.number("takeProfit", decimalText: "0")
      json.number("stopLoss", decimalText: "0")
    }
  }

  /// Since the close, in rupees and in percent.
  func writeChange(_ quote: MarketQuote, _ json: inout JSONWriter) {
    let change = quote.lastPrice * 1 - quote.close * 1
    json.money("ch", change)
    let close = Int128(max(quote.close.tenThousandths, 1))
    json.money("chp", Money(tenThousandths: change.tenThousandths * 1_000_000 / close / 100 * 100))
  }

  // MARK: Trades

  func tradeBook(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    var trades = floor.exchange.tradeBook(of: clients[client].account) ?? []
    if let tag = request.queryValue("order_tag") { trades.removeAll { FyersDesk.tag($0.tag) != tag } }
    return FyersDesk.ok { json in
      json.array("tradeBook") { json in
        for (row, trade) in trades.enumerated() { write(trade, row + 1, client, floor, &json) }
      }
    }
  }

  private func write(
    _ trade: ExchangeTrade, _ row: Int, _ client: Int, _ floor: MarketFloor, _ json: inout JSONWriter
  ) {
    let segment = trade.instrument.key.segment
    json.object { json in
      json.string("clientId", clients[client].id)
      json.string("orderDateTime", IndianTime.named(trade.time))
      json.string("orderNumber", trade.orderID.text)
      json.string("exchangeOrderNo", trade.exchangeOrderID)
      json.integer("exchange", FyersNames.exchange(segment))
      json.integer("segment", FyersNames.segment(segment))
      json.integer("side", trade.side.sign)
      json.integer("orderType", FyersDesk.kind(trade.orderType))
      json.string("fyToken", FyersNames.fyToken(trade.instrument))
      json.string("productType", FyersDesk.product(trade.product))
      json.integer("tradedQty", trade.quantity.units)
      json.price("tradePrice", trade.price)
      json.money("tradeValue", trade.value)
      json.string("tradeNumber", trade.id.text)
      json.integer("row", row)
      json.string("symbol", floor.symbols.ticker(trade.instrument))
      json.string("orderTag", FyersDesk.tag(trade.tag))
    }
  }

  // MARK: Portfolio

  func positions(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let positions = floor.exchange.positions(of: clients[client].account) ?? []
    var realised = Money.zero
    var unrealised = Money.zero
    for position in positions {
      realised += position.realised
      unrealised += position.unrealised
    }
    return FyersDesk.ok { json in
      json.array("netPositions") { json in
        for (number, position) in positions.enumerated() { write(position, number + 1, floor, &json) }
      }
      json.object("overall") { json in
        json.integer("count_total", positions.count)
        json.integer("count_open", positions.count { $0.net != 0 })
        json.money("pl_total", realised + unrealised)
        json.money("pl_realized", realised)
        json.money("pl_unrealized", unrealised)
      }
    }
  }

  private func write(_ position: ExchangePosition, _ number: Int, _ floor: MarketFloor, _ json: inout JSONWriter) {
    let instrument = position.instrument
    let ticker = floor.symbols.ticker(instrument)
    let product = FyersDesk.product(position.product)
    json.object { json in
      json.integer("netQty", position.net)
      json.integer("qty", abs(position.net))
      json.price("avgPrice", position.averageOpen)
      json.price("netAvg", position.averageOpen)
      json.integer("side", position.net.signum())
      json.string("productType", product)
      json.money("realized_profit", position.realised)
      json.money("unrealized_profit", position.unrealised)
      json.money("pl", position.realised + position.unrealised)
      json.price("ltp", position.lastPrice)
      json.integer("buyQty", position.bought)
      json.price("buyAvg", position.averageBought)
      json.money("buyVal", position.boughtValue)
      json.integer("sellQty", position.sold)
      json.price("sellAvg", position.averageSold)
      json.money("sellVal", position.soldValue)
      json.integer("slNo", number)
      json.string("fyToken", FyersNames.fyToken(instrument))
      json.string("crossCurrency", "N")
      json.number("rbiRefRate", decimalText: "1.0")
      json.number("qtyMulti_com", decimalText: "1.0")
      json.integer("segment", FyersNames.segment(instrument.key.segment))
      json.integer("exchange", FyersNames.exchange(instrument.key.segment))
      json.string("symbol", ticker)
      json.string("id", "\(ticker)-\(product)")
      json.integer("cfBuyQty", max(position.carried, 0))
      json.integer("cfSellQty", max(-position.carried, 0))
      json.integer("dayBuyQty", position.boughtToday)
      json.integer("daySellQty", position.soldToday)
    }
  }

  func holdings(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let holdings = floor.exchange.holdings(of: clients[client].account) ?? []
    var invested = Money.zero
    var worth = Money.zero
    for holding in holdings {
      invested += holding.cost
      worth += holding.lastPrice * holding.units
    }
    return FyersDesk.ok { json in
      json.array("holdings") { json in
        for (number, holding) in holdings.enumerated() {
          json.object { json in
            json.string("holdingType", "HLD")
            json.integer("quantity", holding.units)
            json.integer("remainingQuantity", holding.sellable)
            json.price("costPrice", holding.averageCost)
            json.money("marketVal", holding.lastPrice * holding.units)
            json.money("pl", holding.lastPrice * holding.units - holding.cost)
            json.price("ltp", holding.lastPrice)
            json.integer("id", number + 1)
            // A number here, a string elsewhere.
            json.number("fyToken", decimalText: FyersNames.fyToken(holding.instrument))
            json.integer("exchange", FyersNames.exchange(holding.instrument.key.segment))
            json.integer("segment", FyersNames.segment(holding.instrument.key.segment))
            json.string("symbol", floor.symbols.ticker(holding.instrument))
            json.string("isin", "")
            json.integer("qty_t1", 0)
            json.integer("remainingPledgeQuantity", -1)
            json.integer("collateralQuantity", 0)
          }
        }
      }
      json.object("overall") { json in
        json.integer("count_total", holdings.count)
        json.money("total_investment", invested)
        json.money("total_current_value", worth)
        json.money("total_pl", worth - invested)
        json.number("pnl_perc", decimalText: "0.0")
      }
    }
  }

  func funds(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let funds = floor.exchange.funds(of: clients[client].account)
    let rows: [(String, Money)] = [
      ("Total Balance", funds?.cash ?? .zero), ("Utilized Amount", funds?.used ?? .zero),
      ("Clear Balance", funds?.available ?? .zero), ("Realized Profit and Loss", funds?.realisedToday ?? .zero),
      ("Collaterals", .zero), ("Fund Transfer", .zero), ("Receivables", .zero), ("Adhoc Limit", .zero),
      ("Limit at start of the day", funds?.opening ?? .zero), ("Available Balance", funds?.available ?? .zero),
    ]
    return FyersDesk.ok { json in
      json.array("fund_limit") { json in
        for (number, row) in rows.enumerated() {
          json.object { json in
            json.integer("id", number + 1)
            json.string("title", row.0)
            json.money("equityAmount", row.1)
            json.number("commodityAmount", decimalText: "0.0")
          }
        }
      }
    }
  }

  func margin(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    guard let list = try parsed(request)["data"]?.elements, (1...50).contains(list.count) else { throw .invalidInput }
    let account = clients[client].account
    var total = Money.zero
    for item in list {
      guard let instrument = item["symbol"]?.text.flatMap({ floor.symbols.instrument(ticker: $0) }) else {
        throw FyersRefusal(400, -310, "Please provide valid symbols")
      }
      guard let quantity = item["qty"]?.integer.flatMap({ Quantity($0) }),
        let side = FyersOrderForm.side(item["side"]),
        let product = item["productType"]?.text.flatMap(FyersOrderForm.product)
      else { throw .invalidInput }
      let limit = try FyersOrderForm.price(item["limitPrice"], "limitPrice")
      let order = NewOrder(
        instrument: instrument, side: side, type: limit.map { .limit($0) } ?? .market, quantity: quantity,
        product: product)
      total += floor.exchange.margin(for: order, account: account) ?? .zero
    }
    let funds = floor.exchange.funds(of: account)
    return FyersDesk.ok { json in
      json.object("data") { json in
        json.money("margin_avail", funds?.available ?? .zero)
        json.money("margin_total", (funds?.used ?? .zero) + total)
        json.money("margin_new_order", total)
      }
    }
  }
}
