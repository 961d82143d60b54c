/// One row of a broker's order book.
public struct BrokerOrder: Hashable, Sendable {
  public let id: BrokerOrderID
  /// The tag in the form in which it was given to the broker; `nil` for none, and for one that the broker made up.
  public let tag: String?
  public let status: BrokerOrderStatus
  /// `nil` when the broker's words for it are none that we know.
  public let instrument: InstrumentKey?
  /// The broker's label of the instrument, for people.
  public let symbol: String
  public let side: Side?
  public let quantity: Quantity
  /// `nil` when the broker gives no figures.
  public let fill: OrderReport.CumulativeFill?
  public let limitPrice: Price?
  public let triggerPrice: Price?
  public let product: ProductType?
  /// The broker's or the exchange's words, where the order ended unwanted.
  public let refusal: Refusal?
  /// The number that the exchange gave it.
  public let exchangeOrderID: String?
  public let updatedAt: Timestamp?

  public init(
    id: BrokerOrderID, tag: String?, status: BrokerOrderStatus, instrument: InstrumentKey?, symbol: String, side: Side?,
    quantity: Quantity, fill: OrderReport.CumulativeFill?, limitPrice: Price?, triggerPrice: Price?,
    product: ProductType?, refusal: Refusal?, exchangeOrderID: String?, updatedAt: Timestamp?
  ) {
    self.id = id
    self.tag = tag
    self.status = status
    self.instrument = instrument
    self.symbol = symbol
    self.side = side
    self.quantity = quantity
    self.fill = fill
    self.limitPrice = limitPrice
    self.triggerPrice = triggerPrice
    self.product = product
    self.refusal = refusal
    self.exchangeOrderID = exchangeOrderID
    self.updatedAt = updatedAt
  }

  /// Ours, if the tag reads as one that this engine makes.
  public var correlationID: CorrelationID? { tag.flatMap { CorrelationID($0) } }

  /// The row as news of an order of ours; `nil` for a foreign one.
  public func report(at time: Timestamp) -> OrderReport? {
    guard let correlationID else { return nil }
    let hasFilled = fill.map { $0.quantity > .zero } ?? false
    let transition: OrderTransition
    var words = refusal
    switch status {
    case .transit, .open: transition = hasFilled ? .partiallyFilled : .accepted
    case .partiallyFilled: transition = .partiallyFilled
    case .filled: transition = .filled
    case .cancelled: transition = .cancelled
    // What filled before a refusal stays filled; the refusal ends the rest.
    case .rejected: transition = hasFilled ? .cancelled : .rejected
    case .expired: transition = .expired
    case .unrecognised(let word):
      // A fill is a fact under any word; nothing else is.
      transition = hasFilled ? .partiallyFilled : .outcomeLost
      words = Refusal(
        code: "broker.unrecognisedStatus", cause: "the broker calls the order \"\(word)\", which is no status we know",
        fix: "look the order up at the broker; the engine keeps asking")
    }
    return OrderReport(
      correlationID: correlationID, transition: transition, brokerOrderID: id, cumulativeFill: hasFilled ? fill : nil,
      refusal: words, at: time)
  }
}

/// Where a broker says that an order stands.
public enum BrokerOrderStatus: Hashable, Sendable {
  /// At the broker, not yet at the exchange.
  case transit
  /// Resting, or waiting for its trigger or for the market to open. Some brokers say so of a partly filled order too.
  case open
  case partiallyFilled
  case filled
  case cancelled
  case rejected
  case expired
  /// A word that no document lists.
  case unrecognised(String)
}
