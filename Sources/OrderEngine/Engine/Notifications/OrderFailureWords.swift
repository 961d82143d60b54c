import OrderDomain

/// What is wrong with an order, in words; `nil` for one with which nothing is.
struct OrderFailureWords {
  let title: String
  let refusal: Refusal

  init?(_ order: Order) {
    switch order.state {
    case .created, .submitted, .accepted, .partiallyFilled, .filled: return nil
    case .denied: title = "Order denied by the engine"
    case .rejected: title = order.request.isExit ? "EXIT rejected by the broker" : "Order rejected by the broker"
    case .unknown: title = "Order unknown: it may be at the broker"
    // What a person or the day's end ends is no failure.
    case .cancelled where order.refusal != nil: title = "Order ended by the broker"
    case .expired where order.refusal != nil && order.brokerOrderID == nil: title = "Order not sent in time"
    case .cancelled, .expired: return nil
    }
    refusal = order.refusal ?? OrderFailureWords.unexplained
  }

  private static let unexplained = Refusal(
    code: "order.unexplained", cause: "nobody has said why", fix: "look at the broker's order book")
}

extension Order {
  /// `BUY 10 RELIANCE on dhan`.
  var words: String {
    "\(request.side == .buy ? "BUY" : "SELL") \(request.quantity) \(request.instrument.tradingSymbol) on "
      + request.account.name
  }

  var detailLines: [String] {
    var parts: [String] = []
    if filledQuantity > .zero, state != .filled { parts.append("Filled so far: \(filledQuantity).") }
    if let brokerOrderID { parts.append("Broker's number: \(brokerOrderID.text).") }
    return parts
  }
}

extension OrderState {
  var words: String {
    switch self {
    case .created: "waiting to be sent"
    case .submitted: "sent"
    case .unknown: "unknown"
    case .accepted: "accepted"
    case .partiallyFilled: "partly filled"
    case .filled: "filled"
    case .denied: "denied"
    case .rejected: "rejected"
    case .cancelled: "cancelled"
    case .expired: "expired"
    }
  }
}

extension Timestamp {
  /// `14:05`, Indian time.
  var indianClock: String { String(indianDescription.dropFirst(11).prefix(5)) }
}
