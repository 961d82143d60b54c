import OrderDomain

/// What became of a leg: its orders, taken together.
struct LegReport: Sendable {
  enum Outcome: String, Sendable {
    case pending, accepted, filled, rejected, denied, unknown, expired, cancelled
    case partiallyFilled = "partially_filled"
  }

  let leg: Leg
  let outcome: Outcome
  let orders: [Order]
  let filledQuantity: Quantity
  let averagePrice: Price?
  let refusal: Refusal?

  /// - Parameter ended: why no order of this leg will ever be sent, if so.
  init(_ leg: Leg, orders: [Order], ended: Refusal?) {
    self.leg = leg
    self.orders = orders
    var filled = Quantity.zero
    var value = Money.zero
    for order in orders {
      filled = filled.adding(order.filledQuantity) ?? filled
      value += order.filledValue
    }
    filledQuantity = filled
    averagePrice = Price(averageOf: value, over: filled)
    refusal = ended ?? orders.lazy.compactMap(\.refusal).first
    outcome = LegReport.outcome(leg, orders, filled: filled, hasEnded: ended != nil)
  }

  /// The worst that is true: what nobody has proven comes first, because a person may have to act on it.
  private static func outcome(_ leg: Leg, _ orders: [Order], filled: Quantity, hasEnded: Bool) -> Outcome {
    let states = orders.lazy.map(\.state)
    if states.contains(.unknown) { return .unknown }
    if filled > .zero {
      return orders.allSatisfy({ $0.state == .filled }) ? .filled : .partiallyFilled
    }
    if hasEnded { return .denied }
    if states.contains(.created) || states.contains(.submitted) || states.isEmpty { return .pending }
    if states.contains(.accepted) || states.contains(.partiallyFilled) { return .accepted }
    if states.contains(.rejected) { return .rejected }
    if states.contains(.denied) { return .denied }
    if states.contains(.expired) { return .expired }
    return .cancelled
  }

  func write(to json: inout JSONWriter, broker: Broker?) {
    json.object { json in
      json.integer("leg", leg.number)
      json.string("account", leg.account)
      json.optionalString("broker", broker?.code)
      json.string("symbol", leg.instrument.tradingSymbol)
      json.string("exchange", leg.instrument.key.segment.exchange.code)
      json.string("side", leg.side.code)
      json.string("role", leg.role.code)
      json.integer("quantity", leg.quantity.units)
      json.string("product", leg.product.code)
      writePricing(to: &json)
      json.string("outcome", outcome.rawValue)
      json.string("correlation_id", orders.first?.request.correlationID ?? leg.slices[0].correlationID)
      json.optionalString("order_id", id: orders.first?.brokerOrderID)
      json.integer("filled_quantity", filledQuantity.units)
      if let averagePrice {
        json.number("average_price", decimalText: averagePrice.description)
      } else {
        json.null("average_price")
      }
      if let refusal { refusal.writeFields(to: &json) }
      if leg.slices.count > 1 {
        json.array("orders") { json in for order in orders { order.write(to: &json, broker: nil) } }
      }
    }
  }

  private func writePricing(to json: inout JSONWriter) {
    switch leg.pricing {
    case .fixed(let type): type.writeFields(to: &json)
    case .stop(let distance):
      json.string("order_type", "stop_market")
      json.number("distance", decimalText: distance.description)
    case .target(let distance):
      json.string("order_type", "limit")
      json.number("distance", decimalText: distance.description)
    }
  }
}

extension OrderType {
  func writeFields(to json: inout JSONWriter) {
    json.string("order_type", code)
    if let limitPrice { json.number("price", decimalText: limitPrice.description) }
    if let triggerPrice { json.number("trigger_price", decimalText: triggerPrice.description) }
  }
}

extension Refusal {
  /// `code`, `cause` and `fix` as fields of the object being written.
  func writeFields(to json: inout JSONWriter) {
    json.string("code", code)
    json.string("cause", cause)
    json.string("fix", fix)
  }

  func write(_ name: StaticString?, to json: inout JSONWriter) {
    json.object(name) { json in
      writeFields(to: &json)
      if let leg { json.integer("leg", leg) }
    }
  }
}

extension Order {
  func write(to json: inout JSONWriter, broker: Broker?) {
    json.object { json in
      json.string("correlation_id", request.correlationID)
      json.optionalString("order_id", id: brokerOrderID)
      json.string("account", request.account)
      if let broker { json.string("broker", broker.code) }
      json.string("symbol", request.instrument.tradingSymbol)
      json.string("exchange", request.instrument.key.segment.exchange.code)
      json.string("side", request.side.code)
      json.integer("quantity", request.quantity.units)
      json.string("product", request.product.code)
      request.type.writeFields(to: &json)
      json.string("state", state.code)
      json.integer("filled_quantity", filledQuantity.units)
      if let averagePrice {
        json.number("average_price", decimalText: averagePrice.description)
      } else {
        json.null("average_price")
      }
      json.string("changed_at", lastChange)
      if let refusal { refusal.writeFields(to: &json) }
    }
  }
}
