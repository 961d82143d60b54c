/// One order and what has become of it: a fold over reports, each counted once.
public struct Order: Sendable {
  public let request: OrderRequest
  public private(set) var state: OrderState
  public private(set) var brokerOrderID: BrokerOrderID?
  public private(set) var filledQuantity: Quantity
  public private(set) var filledValue: Money
  /// Why it is where it is (denied, rejected, cancelled, unknown), in the words of whoever said so.
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
    /// Something is known that was not: `filled` units for `value` since the last report, which are zero when only the
    /// state, the broker's number or the words are new. A correction of the value alone has no units.
    case changed(filled: Quantity, value: Money)
    /// Nothing new: a repeat, or a report that was overtaken.
    case none
    /// The report contradicts what was proven before; the state stays and a person should look.
    case contradiction
  }

  /// Takes a report in; whatever their order and however often they come, the reports of one true history end in the same
  /// state with the same fills.
  public mutating func apply(_ report: OrderReport) -> Effect {
    // One tag, two numbers: two orders at the broker, and only one of them is this one.
    if let id = report.brokerOrderID, let known = brokerOrderID, id != known { return .contradiction }
    guard let next = stateAfter(report) else { return .contradiction }
    var isNews = next != state
    if isNews {
      state = next
      refusal = report.refusal
    } else if refusal == nil, let words = report.refusal, report.transition.explains(state) {
      refusal = words
      isNews = true
    }
    if brokerOrderID == nil, let id = report.brokerOrderID {
      brokerOrderID = id
      isNews = true
    }
    let fill = count(report.cumulativeFill)
    guard isNews || fill != nil else { return .none }
    lastChange = max(lastChange, report.at)
    return .changed(filled: fill?.quantity ?? .zero, value: fill?.value ?? .zero)
  }

  /// Where the report leads; `nil` when it contradicts what is known. How much has filled decides over what the report
  /// calls itself: brokers say "filled" of a part, and "cancelled" of an order whose last unit had just filled.
  private func stateAfter(_ report: OrderReport) -> OrderState? {
    // Our own clock ends nothing that is perhaps at the broker: only a report that names the broker's order does.
    if report.transition == .expired, state == .submitted || state == .unknown,
      brokerOrderID == nil, report.brokerOrderID == nil
    {
      return nil
    }
    guard let fill = report.cumulativeFill, fill.quantity > .zero else { return stateAfterBare(report.transition) }
    guard fill.quantity <= request.quantity, fill.value >= .zero, fill.value <= Price.limit * fill.quantity else {
      return nil
    }
    switch report.transition {
    case .accepted, .partiallyFilled, .filled:
      return state.after(max(fill.quantity, filledQuantity) == request.quantity ? .filled : .partiallyFilled)
    case .cancelled, .expired:
      if fill.quantity == request.quantity { return state.after(.filled) }
      return state.after(.partiallyFilled)?.after(report.transition)
    case .denied, .submitted, .notSent, .outcomeLost, .provenAbsent, .rejected: return nil
    }
  }

  /// A fill without figures counts nothing, but proves that the broker holds the order.
  private func stateAfterBare(_ transition: OrderTransition) -> OrderState? {
    guard let next = state.after(transition) else { return nil }
    switch transition {
    case .partiallyFilled, .filled: return state.after(.accepted)
    case .denied, .submitted, .notSent, .outcomeLost, .provenAbsent, .accepted, .rejected, .cancelled, .expired:
      return next
    }
  }

  /// What the cumulative figure adds to what was counted; `nil` for nothing. Of two values reported for one quantity the
  /// higher stands: some brokers report a fill before its price, others round the average.
  private mutating func count(_ fill: OrderReport.CumulativeFill?) -> OrderReport.CumulativeFill? {
    guard let fill, fill.quantity >= filledQuantity, let newUnits = fill.quantity.subtracting(filledQuantity),
      newUnits > .zero || fill.value > filledValue
    else { return nil }
    let newValue = fill.value - filledValue
    filledQuantity = fill.quantity
    filledValue = fill.value
    return OrderReport.CumulativeFill(quantity: newUnits, value: newValue)
  }
}

extension OrderTransition {
  /// Whether this kind of report says why an order is in `state`, so that its words belong to it.
  fileprivate func explains(_ state: OrderState) -> Bool {
    switch (self, state) {
    case (.denied, .denied), (.rejected, .rejected), (.cancelled, .cancelled), (.expired, .expired),
      (.outcomeLost, .unknown), (.notSent, .created):
      true
    case (.denied, _), (.rejected, _), (.cancelled, _), (.expired, _), (.outcomeLost, _), (.notSent, _),
      (.submitted, _), (.provenAbsent, _), (.accepted, _), (.partiallyFilled, _), (.filled, _):
      false
    }
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
}
