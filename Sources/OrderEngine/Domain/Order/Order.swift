/// One order and what has become of it: a fold over reports, each counted once.
public struct Order: Sendable {
  public let request: OrderRequest
  public private(set) var state: OrderState
  public private(set) var brokerOrderID: BrokerOrderID?
  public private(set) var filledQuantity: Quantity
  public private(set) var filledValue: Money
  /// Why it was denied, rejected, cancelled or is unknown, in the words of whoever said so.
  public private(set) var refusal: Refusal?
  public private(set) var lastChange: Timestamp

  public init(_ request: OrderRequest, createdAt: Timestamp) {
    self.request = request
    state = .created
    filledQuantity = .zero
    filledValue = .zero
    lastChange = createdAt
  }

  public var remainingQuantity: Quantity { request.quantity.subtracting(filledQuantity) ?? .zero }
  public var averagePrice: Price? { Price(averageOf: filledValue, over: filledQuantity) }

  /// What a report did to the order.
  public enum Effect: Hashable, Sendable {
    /// The state moved, or a fill was counted: `filled` units for `value` since the last report.
    case changed(filled: Quantity, value: Money)
    /// Nothing new: a repeat, or a report that was overtaken.
    case none
    /// The report contradicts what was proven before; the state stays and a person should look.
    case contradiction
  }

  public mutating func apply(_ report: OrderReport) -> Effect {
    if let id = report.brokerOrderID, brokerOrderID == nil { brokerOrderID = id }
    if let fill = report.cumulativeFill {
      guard fill.quantity <= request.quantity else { return .contradiction }
      if fill.quantity > filledQuantity { return count(fill, report) }
      // An earlier cumulative figure that arrives late; what else it reports may still be news.
    }
    guard report.transition != .partiallyFilled, report.transition != .filled else { return .none }
    guard let next = state.after(report.transition) else {
      return state.isFinal && report.isEcho(of: state) ? .none : .contradiction
    }
    guard next != state || report.refusal != nil && refusal == nil else { return .none }
    state = next
    if let words = report.refusal { refusal = words }
    lastChange = report.at
    return .changed(filled: .zero, value: .zero)
  }

  private mutating func count(_ fill: OrderReport.CumulativeFill, _ report: OrderReport) -> Effect {
    let isComplete = fill.quantity == request.quantity
    guard let afterFill = state.after(isComplete ? .filled : .partiallyFilled) else { return .contradiction }
    guard let newUnits = fill.quantity.subtracting(filledQuantity) else { return .contradiction }
    let newValue = fill.value - filledValue
    filledQuantity = fill.quantity
    filledValue = fill.value
    state = afterFill
    // A report of the end of the order may carry its last fill with it.
    if !isComplete, report.transition != .partiallyFilled, let end = state.after(report.transition) { state = end }
    if let words = report.refusal { refusal = words }
    lastChange = report.at
    return .changed(filled: newUnits, value: newValue)
  }
}

/// News of one order: from the answer to a call, a push, or a reading of the broker's book. Reports may come twice, late
/// and out of order; ``Order/apply(_:)`` counts each once.
public struct OrderReport: Sendable {
  /// Everything that has filled so far, not the latest fill alone: a lost report is made up by the next one.
  public struct CumulativeFill: Hashable, Sendable {
    public let quantity: Quantity
    public let value: Money

    public init(quantity: Quantity, value: Money) {
      self.quantity = quantity
      self.value = value
    }
  }

  public let correlationID: CorrelationID
  public let transition: OrderTransition
  public let brokerOrderID: BrokerOrderID?
  public let cumulativeFill: CumulativeFill?
  public let refusal: Refusal?
  public let at: Timestamp

  public init(
    correlationID: CorrelationID, transition: OrderTransition, brokerOrderID: BrokerOrderID? = nil,
    cumulativeFill: CumulativeFill? = nil, refusal: Refusal? = nil, at: Timestamp
  ) {
    self.correlationID = correlationID
    self.transition = transition
    self.brokerOrderID = brokerOrderID
    self.cumulativeFill = cumulativeFill
    self.refusal = refusal
    self.at = at
  }

  /// Late news that an order was once working, after its end.
  fileprivate func isEcho(of state: OrderState) -> Bool {
    switch transition {
    case .submitted, .accepted, .partiallyFilled, .outcomeLost: true
    case .denied, .notSent, .provenAbsent, .rejected, .filled, .cancelled, .expired: false
    }
  }
}
