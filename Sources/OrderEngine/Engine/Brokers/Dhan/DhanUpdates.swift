package import OrderDomain

/// Dhan's order-update socket (`wss://api-order-update.dhan.co`): its first message and what comes.
package enum DhanUpdates {
  /// What is sent once the socket is open. Nothing acknowledges it; a dead token is answered by a reset.
  package static func login(clientID: String, token: Secret) -> Secret {
    token.withBytes { bytes in
      var writer = JSONWriter()
      writer.object { message in
        message.object("LoginReq") { request in
          request.integer("MsgCode", 42)
          request.string("ClientId", clientID)
          var text: [UInt8] = []
          for index in bytes.indices { text.append(bytes[index]) }
          request.string("Token", String(decoding: text, as: UTF8.self))
        }
        message.string("UserType", "SELF")
      }
      return Secret(writer.bytes)
    }
  }

  /// `{"Type":"order_alert","Data":{…}}`, for every order of the account, whoever placed it.
  package static func read(_ message: [UInt8]) -> OrderPush {
    do throws(JSONError) {
      var reader = WireReader(message.span)
      var kind: String?
      var order: BrokerOrder?
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        switch key.lowercased() {
        case "type": kind = try reader.text()?.lowercased()
        case "data": order = try row(&reader)
        default: try reader.scanner.skipValue()
        }
      }
      try reader.scanner.finish()
      guard kind == "order_alert" else { return kind == nil ? .unreadable : .other }
      return order.map { .order($0) } ?? .unreadable
    } catch {
      return .unreadable
    }
  }

  /// Older documents write OrderNo, the newest mix, the wire says orderNo: letters are compared without case.
  private static func row(_ reader: inout WireReader) throws(JSONError) -> BrokerOrder? {
    guard try reader.beginsObject() else { return nil }
    var id, tag, status, exchange, segment, security, symbol, side, product, words, exchangeID, time: String?
    var quantity, filled: Int64?
    var average, limit, trigger: Decimal?
    while let key = try reader.nextKey() {
      switch key.lowercased() {
      case "orderno": id = try reader.text()
      case "correlationid": tag = try reader.meaningfulText()
      case "status": status = try reader.meaningfulText()
      case "exchange": exchange = try reader.text()
      case "segment": segment = try reader.text()
      case "securityid": security = try reader.text()
      case "symbol": symbol = try reader.meaningfulText()
      case "txntype": side = try reader.text()
      case "product": product = try reader.text()
      case "reasondescription": words = try reader.meaningfulText()
      case "exchorderno": exchangeID = try reader.meaningfulText()
      case "lastupdatedtime": time = try reader.text()
      case "quantity": quantity = try reader.integer()
      case "tradedqty": filled = try reader.integer()
      case "avgtradedprice": average = try reader.decimal()
      case "price": limit = try reader.decimal()
      case "triggerprice": trigger = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    guard let id = id.flatMap(DhanAnswers.orderID), let quantity = quantity.flatMap({ Quantity($0) }),
      let state = status.map(DhanWords.status),
      let fill = RowFill(state, filled: filled, average: average, of: quantity)
    else { return nil }
    let key = DhanRows.instrument(exchange.flatMap { DhanWords.segment($0, letter: segment ?? "") }, security)
    return BrokerOrder(
      id: id, tag: tag, status: state, instrument: key, symbol: symbol ?? "", side: side.flatMap(DhanWords.side),
      quantity: quantity, fill: fill.figure, limitPrice: limit?.positivePrice, triggerPrice: trigger?.positivePrice,
      product: product.flatMap(DhanWords.productLetter), refusal: DhanRows.refusal(state, words),
      exchangeOrderID: exchangeID, updatedAt: time.flatMap(IndianTime.dashed))
  }
}
