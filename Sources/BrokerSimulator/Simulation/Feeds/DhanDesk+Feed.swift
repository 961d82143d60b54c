import OrderDomain
import SimulatedExchange

/// Dhan's order alerts.
extension DhanDesk {
  func client(loggingInAs id: String?, token text: String?, _ floor: MarketFloor) -> Int? {
    guard let client = clientNumber(id) else { return nil }
    guard floor.settings.enforcesTokens else { return client }
    guard let text, clients[client].token == text, let token = token(text), floor.now < token.expires else {
      return nil
    }
    return client
  }

  /// In title case, unlike the REST answers.
  private static func status(_ state: ExchangeOrderState) -> String {
    switch state {
    case .transit: "Transit"
    case .pending: "Pending"
    case .partiallyFilled: "Part_Traded"
    case .filled: "Traded"
    case .rejected: "Rejected"
    case .cancelled: "Cancelled"
    case .expired: "Expired"
    }
  }

  private static func product(_ product: ProductType) -> (letter: String, name: String) {
    switch product {
    case .delivery: ("C", "CNC")
    case .intraday: ("I", "INTRADAY")
    case .margin: ("M", "MARGIN")
    }
  }

  private static func kind(_ type: OrderType) -> String {
    switch type {
    case .limit: "LMT"
    case .market: "MKT"
    case .stopLimit: "SL"
    case .stopMarket: "SLM"
    }
  }

  func alert(_ news: OrderNews, _ order: ExchangeOrder, _ client: Int, _ floor: MarketFloor) -> [UInt8] {
    let instrument = order.instrument
    let segment = instrument.key.segment
    let (letter, product) = DhanDesk.product(order.product)
    var strike = Price.zero
    var option = "XX"
    if case .option(_, let price, let type) = instrument.contract { (strike, option) = (price, type.code) }
    var writer = JSONWriter(reserving: 1_536)
    writer.object { json in
      json.object("Data") { json in
        json.string("exchange", segment.exchange.code)
        json.string("segment", DhanNames.letter(segment))
        json.string("source", "P")
        json.string("securityId", instrument.key.securityID.description)
        json.string("clientId", clients[client].id)
        json.string("exchOrderNo", order.exchangeOrderID ?? "0")
        json.string("orderNo", order.id.text)
        json.string("product", letter)
        json.string("productName", product)
        json.string("txnType", order.side == .buy ? "B" : "S")
        json.string("orderType", DhanDesk.kind(order.type))
        json.string("validity", order.validity == .day ? "DAY" : "IOC")
        json.integer("discQuantity", 0)
        json.integer("discQtyRem", 0)
        json.integer("quantity", order.quantity.units)
        json.integer("remainingQuantity", news.state.isFinal ? 0 : order.quantity.units - news.filled.units)
        json.integer("tradedQty", news.filled.units)
        json.price("price", order.type.limitPrice)
        json.price("triggerPrice", order.type.triggerPrice)
        json.price("tradedPrice", news.fill?.price)
        json.price("avgTradedPrice", order.averagePrice)
        json.string("algoOrdNo", "0")
        json.string("offMktFlag", order.isAfterMarket ? "1" : "0")
        json.string("orderDateTime", IndianTime.iso(order.createdAt))
        json.string("exchOrderTime", order.acceptedAt.map(IndianTime.iso) ?? "0001-01-01 00:00:00")
        json.string("lastUpdatedTime", IndianTime.iso(news.time))
        json.string("remarks", "")
        json.string("mktType", "NL")
        json.string("reasonDescription", news.state == .rejected ? DhanDesk.reason(order) : "CONFIRMED")
        json.integer("legNo", 1)
        json.string("instrument", DhanNames.kind(instrument))
        json.string("symbol", instrument.tradingSymbol)
        json.string("displayName", DhanNames.display(instrument))
        json.string("status", DhanDesk.status(news.state))
        json.integer("lotSize", instrument.lotSize.units)
        json.price("strikePrice", strike)
        json.string("expiryDate", instrument.contract.expiry.map { "\($0) 00:00:00" } ?? "0001-01-01 00:00:00")
        json.string("optType", option)
        json.string("isin", "")
        json.string("series", instrument.series)
        json.string("goodTillDaysDate", floor.now.indianDate.description)
        json.price("refLtp", floor.exchange.quote(instrument, at: floor.now).lastPrice)
        json.price("tickSize", instrument.tickSize.price)
        json.string("algoId", "0")
        json.integer("multiplier", 1)
        json.string("correlationId", order.tag ?? "")
      }
      json.string("Type", "order_alert")
    }
    return floor.settings.dhanFeedPascalCase ? DhanDesk.capitalised(writer.bytes) : writer.bytes
  }

  /// The older spelling of the names: each begins with a capital.
  static func capitalised(_ json: [UInt8]) -> [UInt8] {
    var json = json
    var isInString = false
    for index in json.indices {
      let byte = json[index]
      if isInString {
        // Quotes within a string have a backslash before them, and our texts have no backslash at their end.
        if byte == UInt8(ascii: "\""), json[index - 1] != UInt8(ascii: "\\") { isInString = false }
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
        let before = json[index - 1]
        if before == UInt8(ascii: "{") || before == UInt8(ascii: ","), json[index + 1] &- 0x61 < 26 {
          json[index + 1] -= 0x20
        }
      }
    }
    return json
  }
}
