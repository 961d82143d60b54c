internal import OrderDomain

/// Fyers' order socket (`wss://socket.fyers.in/trade/v3`): what is sent and what comes.
package enum FyersUpdates {
  /// Sent once the socket is open, which the same Authorization header as a call's has opened. The wire key is SLIST,
  /// whatever the prose calls it.
  package static let subscription = #"{"T":"SUB_ORD","SLIST":["orders","trades"],"SUB_T":1}"#
  /// Sent as text every ten seconds; answered by ``pong``.
  package static let ping = "ping"
  package static let pong = "pong"

  package static func read(_ message: [UInt8]) -> OrderPush {
    if message.elementsEqual(pong.utf8) { return .other }
    do throws(JSONError) {
      var reader = WireReader(message.span)
      var envelope = FyersEnvelope()
      var push: OrderPush?
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        if try envelope.take(key, &reader) { continue }
        switch key {
        case "orders": push = try order(&reader).map { .order($0) } ?? .unreadable
        case "trades": push = try trade(&reader).map { .trade($0) } ?? .unreadable
        case "positions":
          try reader.scanner.skipValue()
          push = .other
        default: try reader.scanner.skipValue()
        }
      }
      try reader.scanner.finish()
      guard envelope.isOK else { return .unreadable }
      return push ?? (envelope.code == 1605 ? .subscribed : .other)
    } catch {
      return .unreadable
    }
  }

  /// Raw names, snake case. A number that is zero is left out.
  private static func order(_ reader: inout WireReader) throws(JSONError) -> BrokerOrder? {
    guard try reader.beginsObject() else { return nil }
    var id, tag, token, symbol, product, words, exchangeID, time, numbered: String?
    var status, side, quantity, filled: Int64?
    var average, limit, stop: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "id": id = try reader.text()
      case "ordertag": tag = try reader.meaningfulText()
      case "fy_token": token = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "product_type": product = try reader.text()
      case "oms_msg": words = try reader.meaningfulText()
      case "id_exchange": exchangeID = try reader.meaningfulText()
      case "time_oms": time = try reader.text()
      // ord_status is an internal number; this is the public one.
      case "org_ord_status": status = try reader.integer()
      case "orderNumStatus": numbered = try reader.text()
      case "tran_side": side = try reader.integer()
      case "qty": quantity = try reader.integer()
      case "qty_filled": filled = try reader.integer()
      case "price_traded": average = try reader.decimal()
      case "price_limit": limit = try reader.decimal()
      case "price_stop": stop = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    // Where it lacks, the digit behind the colon says the same (23030900015105:2).
    if status == nil { status = numbered.flatMap { $0.split(separator: ":").last.flatMap { Int64($0) } } }
    guard let id = id.flatMap({ BrokerOrderID($0) }), let quantity = quantity.flatMap({ Quantity($0) }), let status
    else { return nil }
    let state = FyersWords.status(status, hasFilled: filled.map { $0 > 0 } ?? false)
    guard let fill = RowFill(state, filled: filled, average: average, of: quantity) else { return nil }
    return BrokerOrder(
      id: id, tag: tag.flatMap(FyersWords.tag), status: state, instrument: token.flatMap(FyersWords.instrument),
      symbol: symbol ?? "", side: side.flatMap(FyersWords.side), quantity: quantity, fill: fill.figure,
      limitPrice: limit?.positivePrice, triggerPrice: stop?.positivePrice,
      product: product.flatMap(FyersWords.product), refusal: FyersRows.refusal(state, words),
      exchangeOrderID: exchangeID, updatedAt: time.flatMap(IndianTime.namedMonth))
  }

  private static func trade(_ reader: inout WireReader) throws(JSONError) -> BrokerTrade? {
    guard try reader.beginsObject() else { return nil }
    var id, order, token, symbol, product, time: String?
    var side, quantity: Int64?
    var traded: Decimal?
    while let key = try reader.nextKey() {
      switch key {
      case "id_fill": id = try reader.meaningfulText()
      case "id": order = try reader.text()
      case "fy_token": token = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "product_type": product = try reader.text()
      case "fill_time": time = try reader.text()
      case "tran_side": side = try reader.integer()
      case "qty_traded": quantity = try reader.integer()
      case "price_traded": traded = try reader.decimal()
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
}
