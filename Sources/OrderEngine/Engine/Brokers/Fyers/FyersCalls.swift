package import OrderDomain

/// Builds the calls of one Fyers account (API v3). Pure: the same input is the same bytes.
///
/// Only `/orders/sync` and its sisters are used: the older `/orders` is turned away by the edge for hosted machines, and
/// the queued forms answer before anything has been done. Every numeric field is required, with 0 for none. Positions are
/// closed by orders: the call that closes them closes all of them when its number is missing.
package struct FyersCalls: Sendable {
  package let settings: FyersSettings

  package init(settings: FyersSettings) { self.settings = settings }

  package static let quoteLimit = 50
  /// Orders in one call.
  package static let batchLimit = 10

  // MARK: Orders

  package func place(_ order: OrderRequest, token: Secret) throws(Refusal) -> BrokerCall {
    try place(order, isSliced: false, token)
  }

  /// One order above the freeze quantity, which Fyers cuts into at most ten; answered by a list.
  package func placeSliced(_ order: OrderRequest, token: Secret) throws(Refusal) -> BrokerCall {
    try place(order, isSliced: true, token)
  }

  /// At most ``batchLimit`` orders at once; each counts towards the limit of orders.
  package func placeBatch(_ orders: [OrderRequest], token: Secret) throws(Refusal) -> BrokerCall {
    try checkBatch(orders.count)
    var placements: [Placement] = []
    for order in orders { placements.append(try placement(order)) }
    return batch(.order, .post, token) { body in
      for (order, placement) in zip(orders, placements) { write(order, placement, isSliced: false, to: &body) }
    }
  }

  package func modify(_ change: OrderModification, token: Secret) throws(Refusal) -> BrokerCall {
    let pricing = try pricing(change.type, change.side, change.instrument)
    var writer = JSONWriter()
    write(change, pricing, to: &writer)
    return call(.order, .patch, "/api/v3/orders/sync", token, body: writer.bytes)
  }

  package func modifyBatch(_ changes: [OrderModification], token: Secret) throws(Refusal) -> BrokerCall {
    try checkBatch(changes.count)
    var pricings: [Pricing] = []
    for change in changes { pricings.append(try pricing(change.type, change.side, change.instrument)) }
    return batch(.order, .patch, token) { body in
      for (change, pricing) in zip(changes, pricings) { write(change, pricing, to: &body) }
    }
  }

  package func cancel(_ id: BrokerOrderID, token: Secret) -> BrokerCall {
    var writer = JSONWriter()
    writer.object { $0.string("id", id.text) }
    return call(.cancel, .delete, "/api/v3/orders/sync", token, body: writer.bytes)
  }

  package func cancelBatch(_ ids: [BrokerOrderID], token: Secret) throws(Refusal) -> BrokerCall {
    try checkBatch(ids.count)
    return batch(.cancel, .delete, token) { body in
      for id in ids { body.object { $0.string("id", id.text) } }
    }
  }

  // MARK: Reads

  package func orderBook(token: Secret) -> BrokerCall { call(.data, .get, "/api/v3/orders", token) }

  package func order(_ id: BrokerOrderID, token: Secret) -> BrokerCall {
    call(.data, .get, "/api/v3/orders?id=" + WireText.encoded(id.text), token)
  }

  /// Tags are asked for as they come back: with `1:` before them.
  package func orders(tagged tag: CorrelationID, token: Secret) -> BrokerCall {
    call(.data, .get, "/api/v3/orders?order_tag=" + WireText.encoded("1:\(tag)"), token)
  }

  package func tradeBook(token: Secret) -> BrokerCall { call(.data, .get, "/api/v3/tradebook", token) }

  package func trades(tagged tag: CorrelationID, token: Secret) -> BrokerCall {
    call(.data, .get, "/api/v3/tradebook?order_tag=" + WireText.encoded("1:\(tag)"), token)
  }

  package func positions(token: Secret) -> BrokerCall { call(.data, .get, "/api/v3/positions", token) }
  package func holdings(token: Secret) -> BrokerCall { call(.data, .get, "/api/v3/holdings", token) }
  package func funds(token: Secret) -> BrokerCall { call(.data, .get, "/api/v3/funds", token) }
  package func profile(token: Secret) -> BrokerCall { call(.other, .get, "/api/v3/profile", token) }

  package func margin(for order: OrderRequest, token: Secret) throws(Refusal) -> BrokerCall {
    let placement = try placement(order)
    var writer = JSONWriter()
    writer.object { body in
      body.array("data") { legs in
        legs.object { leg in
          leg.string("symbol", placement.symbol)
          leg.integer("qty", order.quantity.units)
          leg.integer("side", FyersWords.side(order.side))
          leg.integer("type", placement.pricing.type)
          leg.string("productType", FyersWords.product(order.product))
          leg.number("limitPrice", decimalText: placement.pricing.limit.wireText)
          leg.integer("stopLoss", 0)
          leg.number("stopPrice", decimalText: placement.pricing.stop.wireText)
          leg.integer("takeProfit", 0)
        }
      }
    }
    return call(.data, .post, "/api/v3/multiorder/margin", token, body: writer.bytes)
  }

  package func quotes(for instruments: [Instrument], token: Secret) throws(Refusal) -> BrokerCall {
    guard instruments.count <= FyersCalls.quoteLimit else {
      throw BrokerFault.tooManyInstruments.refusal("\(instruments.count), at most \(FyersCalls.quoteLimit)")
    }
    var symbols: [String] = []
    for instrument in instruments { symbols.append(WireText.encoded(try symbol(instrument))) }
    return call(
      .quote, .get, "/data/quotes?symbols=" + symbols.joined(separator: ","), token, host: .marketData)
  }

  // MARK: -

  private struct Pricing {
    /// 1 limit, 2 market, 3 stop-market, 4 stop-limit.
    let type: Int
    let limit: Price
    let stop: Price
  }

  private struct Placement {
    let symbol: String
    let pricing: Pricing
  }

  private func placement(_ order: OrderRequest) throws(Refusal) -> Placement {
    guard order.instrument.key.segment.isTradable else {
      throw BrokerFault.notOffered.refusal("\(order.instrument.tradingSymbol) is an index")
    }
    return Placement(
      symbol: try symbol(order.instrument), pricing: try pricing(order.type, order.side, order.instrument))
  }

  /// Fyers knows instruments by the names of its own symbol file alone.
  private func symbol(_ instrument: Instrument) throws(Refusal) -> String {
    guard instrument.brokerSymbol.utf8.contains(UInt8(ascii: ":")) else {
      throw BrokerFault.notOffered.refusal("\(instrument.tradingSymbol) has no name from Fyers' symbol file")
    }
    return instrument.brokerSymbol
  }

  /// The exchanges take no stop-market orders for options: one goes as a stop with a limit beyond its trigger.
  private func pricing(_ type: OrderType, _ side: Side, _ instrument: Instrument) throws(Refusal) -> Pricing {
    switch type {
    case .market: return Pricing(type: 2, limit: .zero, stop: .zero)
    case .limit(let price): return Pricing(type: 1, limit: price, stop: .zero)
    case .stopLimit(let trigger, let limit): return Pricing(type: 4, limit: limit, stop: trigger)
    case .stopMarket(let trigger):
      switch instrument.contract {
      case .equity, .index, .future: return Pricing(type: 3, limit: .zero, stop: trigger)
      case .option:
        guard let limit = settings.protectiveBand.limit(beyond: trigger, side: side, instrument: instrument) else {
          throw BrokerFault.notOffered.refusal("no limit price lies beyond a trigger of \(trigger)")
        }
        return Pricing(type: 4, limit: limit, stop: trigger)
      }
    }
  }

  private func place(_ order: OrderRequest, isSliced: Bool, _ token: Secret) throws(Refusal) -> BrokerCall {
    let placement = try placement(order)
    var writer = JSONWriter()
    write(order, placement, isSliced: isSliced, to: &writer)
    return call(.order, .post, "/api/v3/orders/sync", token, body: writer.bytes)
  }

  private func write(_ order: OrderRequest, _ placement: Placement, isSliced: Bool, to writer: inout JSONWriter) {
    writer.object { body in
      body.string("symbol", placement.symbol)
      body.integer("qty", order.quantity.units)
      body.integer("type", placement.pricing.type)
      body.integer("side", FyersWords.side(order.side))
      body.string("productType", FyersWords.product(order.product))
      body.number("limitPrice", decimalText: placement.pricing.limit.wireText)
      body.number("stopPrice", decimalText: placement.pricing.stop.wireText)
      body.integer("disclosedQty", 0)
      body.string("validity", FyersWords.validity(order.validity))
      body.boolean("offlineOrder", order.isAfterMarket)
      body.integer("stopLoss", 0)
      body.integer("takeProfit", 0)
      body.string("orderTag", order.correlationID.description)
      if isSliced { body.boolean("isSliceOrder", true) }
    }
  }

  private func write(_ change: OrderModification, _ pricing: Pricing, to writer: inout JSONWriter) {
    writer.object { body in
      body.string("id", change.id.text)
      body.integer("type", pricing.type)
      // What is left out keeps its value, so both prices are said.
      body.number("limitPrice", decimalText: pricing.limit.wireText)
      body.number("stopPrice", decimalText: pricing.stop.wireText)
      body.integer("qty", change.quantity.units)
      body.integer("disclosedQty", 0)
    }
  }

  private func checkBatch(_ count: Int) throws(Refusal) {
    guard (1...FyersCalls.batchLimit).contains(count) else {
      throw BrokerFault.notOffered.refusal("\(count) orders in one call, 1 to \(FyersCalls.batchLimit) are possible")
    }
  }

  private func batch(
    _ endpoint: BrokerEndpoint, _ method: BrokerCall.Method, _ token: Secret, _ items: (inout JSONWriter) -> Void
  ) -> BrokerCall {
    var writer = JSONWriter(reserving: 4_096)
    writer.array(nil, items)
    return call(endpoint, method, "/api/v3/multi-order/sync", token, body: writer.bytes)
  }

  private func call(
    _ endpoint: BrokerEndpoint, _ method: BrokerCall.Method, _ target: String, _ token: Secret,
    host: BrokerHost = .trading, body: [UInt8] = []
  ) -> BrokerCall {
    // No "Bearer" and no space: any other form is refused as a bad token.
    let authorization = token.withBytes { bytes in
      var value = Array((settings.appID + ":").utf8)
      for index in bytes.indices { value.append(bytes[index]) }
      return Secret(value)
    }
    var headers: [(name: String, value: BrokerCall.HeaderValue)] = [
      ("Authorization", .secret(authorization)), ("Accept", .plain("application/json")),
    ]
    if !body.isEmpty { headers.append(("Content-Type", .plain("application/json"))) }
    return BrokerCall(endpoint: endpoint, method: method, host: host, target: target, headers: headers, body: body)
  }
}
