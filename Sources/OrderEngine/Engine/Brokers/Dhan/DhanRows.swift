internal import OrderDomain

/// Reads one row of each of Dhan's lists; `nil` for a value that lacks what makes it such a row.
enum DhanRows {
  static func order(_ reader: inout WireReader) throws(JSONError) -> BrokerOrder? {
    guard try reader.beginsObject() else { return nil }
    var id, tag, status, segment, security, symbol, side, product, words, exchangeID, created, updated: String?
    var quantity, filled: Int64?
    var average, limit, trigger: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "orderId": id = try reader.text()
      case "correlationId": tag = try reader.meaningfulText()
      case "orderStatus": status = try reader.meaningfulText()
      case "exchangeSegment": segment = try reader.text()
      case "securityId": security = try reader.text()
      case "tradingSymbol": symbol = try reader.meaningfulText()
      case "transactionType": side = try reader.text()
      case "productType": product = try reader.text()
      case "omsErrorDescription": words = try reader.meaningfulText()
      case "exchangeOrderId": exchangeID = try reader.meaningfulText()
      case "createTime": created = try reader.text()
      case "updateTime": updated = try reader.text()
      case "quantity": quantity = try reader.integer()
      // The postback spells it in snake case.
      case "filledQty", "filled_qty": filled = try reader.integer()
      case "averageTradedPrice": average = try reader.decimal()
      case "price": limit = try reader.decimal()
      case "triggerPrice": trigger = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    guard let id = id.flatMap(DhanAnswers.orderID), let quantity = quantity.flatMap({ Quantity($0) }),
      let state = status.map(DhanWords.status),
      let fill = RowFill(state, filled: filled, average: average, of: quantity)
    else { return nil }
    return BrokerOrder(
      id: id, tag: tag, status: state, instrument: instrument(segment, security), symbol: symbol ?? "",
      side: side.flatMap(DhanWords.side), quantity: quantity,
      fill: fill.figure,
      limitPrice: limit?.positivePrice, triggerPrice: trigger?.positivePrice,
      product: product.flatMap(DhanWords.product), refusal: refusal(state, words), exchangeOrderID: exchangeID,
      updatedAt: updated.flatMap(IndianTime.dashed) ?? created.flatMap(IndianTime.dashed))
  }

  static func trade(_ reader: inout WireReader) throws(JSONError) -> BrokerTrade? {
    guard try reader.beginsObject() else { return nil }
    var id, order, segment, security, symbol, side, product, time, updated: String?
    var quantity: Int64?
    var traded: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "exchangeTradeId": id = try reader.meaningfulText()
      case "orderId": order = try reader.text()
      case "exchangeSegment": segment = try reader.text()
      case "securityId": security = try reader.text()
      case "tradingSymbol": symbol = try reader.meaningfulText()
      case "transactionType": side = try reader.text()
      case "productType": product = try reader.text()
      case "tradedQuantity": quantity = try reader.integer()
      case "tradedPrice": traded = try reader.decimal()
      case "exchangeTime": time = try reader.text()
      case "updateTime": updated = try reader.text()
      default: try reader.scanner.skipValue()
      }
    }
    guard let id = id.flatMap({ TradeID($0) }), let order = order.flatMap(DhanAnswers.orderID),
      let quantity = quantity.flatMap({ Quantity($0) }), let price = traded?.price
    else { return nil }
    return BrokerTrade(
      id: id, orderID: order, instrument: instrument(segment, security), symbol: symbol ?? "",
      side: side.flatMap(DhanWords.side), quantity: quantity, price: price, product: product.flatMap(DhanWords.product),
      at: time.flatMap(IndianTime.dashed) ?? updated.flatMap(IndianTime.dashed))
  }

  static func position(_ reader: inout WireReader) throws(JSONError) -> BrokerPosition? {
    guard try reader.beginsObject() else { return nil }
    var segment, security, symbol, product: String?
    var net, bought, sold: Int64?
    var buyAverage, sellAverage, realised, unrealised: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "exchangeSegment": segment = try reader.text()
      case "securityId": security = try reader.text()
      case "tradingSymbol": symbol = try reader.meaningfulText()
      case "productType": product = try reader.text()
      case "netQty": net = try reader.units()
      case "buyQty": bought = try reader.units()
      case "sellQty": sold = try reader.units()
      case "buyAvg": buyAverage = try reader.decimal()
      case "sellAvg": sellAverage = try reader.decimal()
      case "realizedProfit": realised = try reader.decimal()
      case "unrealizedProfit": unrealised = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    // A row without its net quantity is no flat position.
    guard let net, security != nil else { return nil }
    return BrokerPosition(
      instrument: instrument(segment, security), symbol: symbol ?? "", product: product.flatMap(DhanWords.product),
      netUnits: net, boughtUnits: bought ?? 0, soldUnits: sold ?? 0, averageBought: buyAverage?.positivePrice,
      averageSold: sellAverage?.positivePrice, realised: realised?.money, unrealised: unrealised?.money)
  }

  static func holding(_ reader: inout WireReader) throws(JSONError) -> BrokerHolding? {
    guard try reader.beginsObject() else { return nil }
    var security, symbol, isin: String?
    var total, sellable: Int64?
    var cost: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "securityId": security = try reader.text()
      case "tradingSymbol": symbol = try reader.meaningfulText()
      case "isin": isin = try reader.meaningfulText()
      case "totalQty": total = try reader.units()
      case "availableQty": sellable = try reader.units()
      case "avgCostPrice": cost = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    guard let total, symbol != nil || isin != nil else { return nil }
    return BrokerHolding(
      securityID: security.flatMap { UInt64($0) }.map { SecurityID($0) }, symbol: symbol ?? "", isin: isin ?? "",
      units: total, sellableUnits: sellable, averageCost: cost?.positivePrice)
  }

  // MARK: -

  static func instrument(_ segment: String?, _ security: String?) -> InstrumentKey? {
    guard let segment = segment.flatMap(DhanWords.segment), let id = security.flatMap({ UInt64($0) }) else {
      return nil
    }
    return InstrumentKey(segment: segment, securityID: SecurityID(id))
  }

  /// Only where an order ended: on a healthy one the same field says CONFIRMED.
  static func refusal(_ status: BrokerOrderStatus, _ words: String?) -> Refusal? {
    let said = words.flatMap { $0.uppercased() == "CONFIRMED" ? nil : $0 }
    switch status {
    case .rejected:
      return DhanErrors.table.entry(code: "DH-906", message: said)?.refusal(words: said)
    case .cancelled, .expired:
      guard let said else { return nil }
      return Refusal(
        code: "dhan.orderEnded", cause: "the order ended at Dhan: " + BrokerWords.clean(said),
        fix: "send it again as a new alert if it is still wanted")
    case .transit, .open, .partiallyFilled, .filled, .unrecognised: return nil
    }
  }
}
