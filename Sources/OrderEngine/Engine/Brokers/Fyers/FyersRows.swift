internal import OrderDomain

/// Reads one row of each of Fyers' lists; `nil` for a value that lacks what makes it such a row.
enum FyersRows {
  static func order(_ reader: inout WireReader) throws(JSONError) -> BrokerOrder? {
    guard try reader.beginsObject() else { return nil }
    var id, tag, token, symbol, product, words, exchangeID, time: String?
    var status, side, quantity, filled: Int64?
    var average, limit, stop: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "id": id = try reader.text()
      case "orderTag", "ordertag": tag = try reader.meaningfulText()
      case "fyToken": token = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "productType": product = try reader.text()
      case "message": words = try reader.meaningfulText()
      case "exchOrdId": exchangeID = try reader.meaningfulText()
      case "orderDateTime": time = try reader.text()
      case "status": status = try reader.integer()
      case "side": side = try reader.integer()
      case "qty": quantity = try reader.integer()
      case "filledQty": filled = try reader.integer()
      case "tradedPrice": average = try reader.decimal()
      case "limitPrice": limit = try reader.decimal()
      case "stopPrice": stop = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    // Legs of cover and bracket orders have numbers such as 25070400129405-BO-1.
    guard let id = id.flatMap({ BrokerOrderID($0) }), let quantity = quantity.flatMap({ Quantity($0) }), let status
    else { return nil }
    let state = FyersWords.status(status, hasFilled: filled.map { $0 > 0 } ?? false)
    guard let fill = RowFill(state, filled: filled, average: average, of: quantity) else { return nil }
    return BrokerOrder(
      id: id, tag: tag.flatMap(FyersWords.tag), status: state, instrument: token.flatMap(FyersWords.instrument),
      symbol: symbol ?? "", side: side.flatMap(FyersWords.side), quantity: quantity,
      fill: fill.figure,
      limitPrice: limit?.positivePrice, triggerPrice: stop?.positivePrice,
      product: product.flatMap(FyersWords.product), refusal: refusal(state, words), exchangeOrderID: exchangeID,
      updatedAt: time.flatMap(IndianTime.namedMonth))
  }

  static func trade(_ reader: inout WireReader) throws(JSONError) -> BrokerTrade? {
    guard try reader.beginsObject() else { return nil }
    var id, order, token, symbol, product, time: String?
    var side, quantity: Int64?
    var traded: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "tradeNumber": id = try reader.meaningfulText()
      case "orderNumber": order = try reader.text()
      case "fyToken": token = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "productType": product = try reader.text()
      case "orderDateTime": time = try reader.text()
      case "side": side = try reader.integer()
      case "tradedQty": quantity = try reader.integer()
      case "tradePrice": traded = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    guard let id = id.flatMap({ TradeID($0) }), let order = order.flatMap({ BrokerOrderID($0) }),
      let quantity = quantity.flatMap({ Quantity($0) }), let price = traded?.price
    else { return nil }
    return BrokerTrade(
      id: id, orderID: order, instrument: token.flatMap(FyersWords.instrument), symbol: symbol ?? "",
      side: side.flatMap(FyersWords.side), quantity: quantity, price: price,
      product: product.flatMap(FyersWords.product), at: time.flatMap(IndianTime.namedMonth))
  }

  /// Positions closed today stay listed with a net of 0.
  static func position(_ reader: inout WireReader) throws(JSONError) -> BrokerPosition? {
    guard try reader.beginsObject() else { return nil }
    var token, symbol, product: String?
    var net, bought, sold: Int64?
    var buyAverage, sellAverage, realised, unrealised: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "fyToken": token = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "productType": product = try reader.text()
      case "netQty": net = try reader.units()
      case "buyQty": bought = try reader.units()
      case "sellQty": sold = try reader.units()
      case "buyAvg": buyAverage = try reader.decimal()
      case "sellAvg": sellAverage = try reader.decimal()
      case "realized_profit": realised = try reader.decimal()
      case "unrealized_profit": unrealised = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    // A row without its net quantity is no flat position.
    guard let net, let symbol else { return nil }
    return BrokerPosition(
      instrument: token.flatMap(FyersWords.instrument), symbol: symbol, product: product.flatMap(FyersWords.product),
      netUnits: net, boughtUnits: bought ?? 0, soldUnits: sold ?? 0, averageBought: buyAverage?.positivePrice,
      averageSold: sellAverage?.positivePrice, realised: realised?.money, unrealised: unrealised?.money)
  }

  static func holding(_ reader: inout WireReader) throws(JSONError) -> BrokerHolding? {
    guard try reader.beginsObject() else { return nil }
    var token, symbol, isin: String?
    var total, sellable: Int64?
    var cost: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      // A number here, a string elsewhere.
      case "fyToken": token = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "isin": isin = try reader.meaningfulText()
      case "quantity": total = try reader.units()
      case "remainingQuantity": sellable = try reader.units()
      case "costPrice": cost = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    guard let total, let symbol else { return nil }
    return BrokerHolding(
      securityID: token.flatMap(FyersWords.instrument)?.securityID, symbol: symbol, isin: isin ?? "", units: total,
      sellableUnits: sellable, averageCost: cost?.positivePrice)
  }

  /// Rejections start with `RED:` where risk refuses; a working order may carry words that mean nothing.
  static func refusal(_ status: BrokerOrderStatus, _ words: String?) -> Refusal? {
    switch status {
    case .rejected:
      return FyersErrors.table.entry(code: "-99", message: words)?.refusal(words: words)
    case .cancelled, .expired:
      guard let words else { return nil }
      return Refusal(
        code: "fyers.orderEnded", cause: "the order ended at Fyers: " + BrokerWords.clean(words),
        fix: "send it again as a new alert if it is still wanted")
    case .transit, .open, .partiallyFilled, .filled, .unrecognised: return nil
    }
  }
}
