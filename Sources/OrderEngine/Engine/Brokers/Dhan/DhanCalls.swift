package import OrderDomain

/// Builds the calls of one Dhan account (DhanHQ v2). Pure: the same input is the same bytes.
///
/// Fields that do not apply are left out: an empty string or a needless price is refused with DH-905.
package struct DhanCalls: Sendable {
  package let settings: DhanSettings

  package init(settings: DhanSettings) { self.settings = settings }

  // MARK: Orders

  package func place(_ order: OrderRequest, token: Secret) throws(Refusal) -> BrokerCall {
    call(.order, .post, "/orders", token, body: try placement(order))
  }

  /// One order above the freeze quantity, which Dhan cuts itself; answered by a list.
  package func placeSliced(_ order: OrderRequest, token: Secret) throws(Refusal) -> BrokerCall {
    call(.order, .post, "/orders/slicing", token, body: try placement(order))
  }

  package func modify(_ change: OrderModification, token: Secret) throws(Refusal) -> BrokerCall {
    let pricing = try pricing(change.type, change.side, change.instrument)
    var writer = JSONWriter()
    writer.object { body in
      body.string("dhanClientId", settings.clientID)
      body.string("orderId", change.id.text)
      body.string("orderType", pricing.word)
      body.integer("quantity", change.quantity.units)
      pricing.write(to: &body)
      body.string("validity", DhanWords.validity(change.validity))
    }
    return call(.order, .put, "/orders/" + WireText.encoded(change.id.text), token, body: writer.bytes)
  }

  package func cancel(_ id: BrokerOrderID, token: Secret) -> BrokerCall {
    call(.cancel, .delete, "/orders/" + WireText.encoded(id.text), token)
  }

  // MARK: Reads

  package func orderBook(token: Secret) -> BrokerCall { call(.data, .get, "/orders", token) }

  package func order(_ id: BrokerOrderID, token: Secret) -> BrokerCall {
    call(.data, .get, "/orders/" + WireText.encoded(id.text), token)
  }

  package func order(tagged tag: CorrelationID, token: Secret) -> BrokerCall {
    call(.data, .get, "/orders/external/" + WireText.encoded(tag.description), token)
  }

  package func tradeBook(token: Secret) -> BrokerCall { call(.data, .get, "/trades", token) }

  package func trades(of id: BrokerOrderID, token: Secret) -> BrokerCall {
    call(.data, .get, "/trades/" + WireText.encoded(id.text), token)
  }

  package func positions(token: Secret) -> BrokerCall { call(.data, .get, "/positions", token) }
  package func holdings(token: Secret) -> BrokerCall { call(.data, .get, "/holdings", token) }
  package func funds(token: Secret) -> BrokerCall { call(.data, .get, "/fundlimit", token) }
  package func profile(token: Secret) -> BrokerCall { call(.other, .get, "/profile", token) }

  /// Which addresses may send orders, and whether this machine's is one of them.
  package func registeredAddresses(token: Secret) -> BrokerCall { call(.other, .get, "/ip/getIP", token) }

  package func margin(for order: OrderRequest, token: Secret) throws(Refusal) -> BrokerCall {
    let pricing = try pricing(order.type, order.side, order.instrument)
    let segment = try segment(order.instrument)
    var writer = JSONWriter()
    writer.object { body in
      body.string("dhanClientId", settings.clientID)
      body.string("exchangeSegment", segment)
      body.string("transactionType", DhanWords.side(order.side))
      body.integer("quantity", order.quantity.units)
      body.string("productType", DhanWords.product(order.product))
      body.string("securityId", order.instrument.key.securityID.description)
      // The calculator wants a price in any case; the market's own is 0.
      if pricing.price == nil { body.integer("price", 0) }
      pricing.write(to: &body)
    }
    return call(.data, .post, "/margincalculator", token, body: writer.bytes)
  }

  /// Instruments of one segment stand together, in the order in which the segments come first.
  package func quotes(for instruments: [Instrument], token: Secret) throws(Refusal) -> BrokerCall {
    guard instruments.count <= DhanCalls.quoteLimit else {
      throw BrokerFault.tooManyInstruments.refusal("\(instruments.count), at most \(DhanCalls.quoteLimit)")
    }
    var segments: [(word: String, ids: [SecurityID])] = []
    for instrument in instruments {
      let word = instrument.key.segment.isTradable ? try segment(instrument) : "IDX_I"
      if let index = segments.firstIndex(where: { $0.word == word }) {
        segments[index].ids.append(instrument.key.securityID)
      } else {
        segments.append((word, [instrument.key.securityID]))
      }
    }
    var text = "{"
    for (index, segment) in segments.enumerated() {
      // Names of segments and numbers: nothing that JSON would want escaped.
      text += (index == 0 ? "" : ",") + "\"\(segment.word)\":["
      text += segment.ids.map(\.description).joined(separator: ",") + "]"
    }
    return call(.quote, .post, "/marketfeed/ltp", token, body: Array((text + "}").utf8))
  }

  package static let quoteLimit = 1_000

  // MARK: -

  private func placement(_ order: OrderRequest) throws(Refusal) -> [UInt8] {
    let pricing = try pricing(order.type, order.side, order.instrument)
    let segment = try segment(order.instrument)
    var writer = JSONWriter()
    writer.object { body in
      body.string("dhanClientId", settings.clientID)
      body.string("correlationId", order.correlationID.description)
      body.string("transactionType", DhanWords.side(order.side))
      body.string("exchangeSegment", segment)
      body.string("productType", DhanWords.product(order.product))
      body.string("orderType", pricing.word)
      body.string("validity", DhanWords.validity(order.validity))
      body.string("securityId", order.instrument.key.securityID.description)
      body.integer("quantity", order.quantity.units)
      pricing.write(to: &body)
      if order.isAfterMarket {
        body.boolean("afterMarketOrder", true)
        body.string("amoTime", settings.afterMarketTime.rawValue)
      }
    }
    return writer.bytes
  }

  private func segment(_ instrument: Instrument) throws(Refusal) -> String {
    guard let word = DhanWords.segment(instrument.key.segment) else {
      throw BrokerFault.notOffered.refusal("\(instrument.tradingSymbol) is in no segment that Dhan trades")
    }
    return word
  }

  private struct Pricing {
    let word: String
    let price: Price?
    let trigger: Price?

    func write(to body: inout JSONWriter) {
      if let price { body.number("price", decimalText: price.wireText) }
      if let trigger { body.number("triggerPrice", decimalText: trigger.wireText) }
    }
  }

  /// STOP_LOSS_MARKET is never sent: at Dhan it was seen to lose its trigger and fill at once, and to be refused. A stop
  /// with a limit beyond its trigger fills like it and rests.
  private func pricing(_ type: OrderType, _ side: Side, _ instrument: Instrument) throws(Refusal) -> Pricing {
    switch type {
    case .market: return Pricing(word: "MARKET", price: nil, trigger: nil)
    case .limit(let price): return Pricing(word: "LIMIT", price: price, trigger: nil)
    case .stopLimit(let trigger, let limit): return Pricing(word: "STOP_LOSS", price: limit, trigger: trigger)
    case .stopMarket(let trigger):
      guard let limit = settings.protectiveBand.limit(beyond: trigger, side: side, instrument: instrument) else {
        throw BrokerFault.notOffered.refusal("no limit price lies beyond a trigger of \(trigger)")
      }
      return Pricing(word: "STOP_LOSS", price: limit, trigger: trigger)
    }
  }

  private func call(
    _ endpoint: BrokerEndpoint, _ method: BrokerCall.Method, _ path: String, _ token: Secret, body: [UInt8] = []
  ) -> BrokerCall {
    var headers: [(name: String, value: BrokerCall.HeaderValue)] = [
      ("access-token", .secret(token)), ("client-id", .plain(settings.clientID)),
      ("Accept", .plain("application/json")),
    ]
    if !body.isEmpty { headers.append(("Content-Type", .plain("application/json"))) }
    return BrokerCall(endpoint: endpoint, method: method, target: "/v2" + path, headers: headers, body: body)
  }
}
