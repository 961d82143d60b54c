/// What an alert becomes: every order that it may lead to, named and sized before the first byte leaves.
///
/// One object, because it goes through many hands and never changes.
public final class ExecutionPlan: Sendable {
  public let alert: AlertIdentity
  public let strategy: String?
  public let style: ExecutionStyle
  public let endPolicy: EndPolicy
  /// No order of this plan is sent after it, exits of what has filled excepted.
  public let deadline: Timestamp
  public let legs: [Leg]
  /// The legs that go first.
  public let firstLegs: [Leg]

  public init(
    alert: AlertIdentity, strategy: String?, style: ExecutionStyle, endPolicy: EndPolicy, deadline: Timestamp,
    legs: [Leg]
  ) {
    self.alert = alert
    self.strategy = strategy
    self.style = style
    self.endPolicy = endPolicy
    self.deadline = deadline
    self.legs = legs
    let first = legs.lazy.map(\.rank).min()
    firstLegs = legs.allSatisfy { $0.rank == first } ? legs : legs.filter { $0.rank == first }
  }
}

extension ExecutionPlan {
  /// The leg of a plan that is one order.
  public var onlyLeg: Leg? { legs.count == 1 && legs[0].slices.count == 1 ? legs[0] : nil }
}

extension Leg {
  /// Whether it closes what an earlier alert has opened.
  public var isClosing: Bool { role == .exit && entryNumber == nil }
}

/// One instrument, one side, one quantity, on one account. One object, because it goes through many hands.
public final class Leg: Sendable {
  /// Counted from 1, in the order of the alert; exits that the planner adds follow the alert's own legs.
  public let number: Int
  public let account: AccountID
  public let instrument: Instrument
  public let side: Side
  public let pricing: LegPricing
  public let quantity: Quantity
  public let product: ProductType
  public let validity: Validity
  public let isAfterMarket: Bool
  public let role: LegRole
  /// The number of the entry leg whose fill this exit is sized by; `nil` for an entry, and for an exit that closes
  /// something older than this plan and is sent like any order.
  public let entryNumber: Int?
  /// Lower ranks go first; legs of one rank go at once.
  public let rank: Int
  /// Orders that the exchange takes, in order; their quantities sum to ``quantity``.
  public let slices: [Slice]

  public init(
    number: Int, account: AccountID, instrument: Instrument, side: Side, pricing: LegPricing, quantity: Quantity,
    product: ProductType, validity: Validity, isAfterMarket: Bool, role: LegRole, rank: Int, slices: [Slice],
    entryNumber: Int? = nil
  ) {
    self.number = number
    self.account = account
    self.instrument = instrument
    self.side = side
    self.pricing = pricing
    self.quantity = quantity
    self.product = product
    self.validity = validity
    self.isAfterMarket = isAfterMarket
    self.role = role
    self.entryNumber = entryNumber
    self.rank = rank
    self.slices = slices
  }
}

/// How a leg's order is priced.
public enum LegPricing: Hashable, Sendable {
  case fixed(OrderType)
  /// A stop-market exit this far on the losing side of the entry's average fill.
  case stop(distance: Price)
  /// A limit exit this far on the winning side of the entry's average fill.
  case target(distance: Price)

  /// The order type of an exit on `side`, once the entry's average fill price is known; rounded to the tick so that a
  /// stop never lies nearer to the market, and a target never further away, than asked. `nil` when it would leave the
  /// range of prices.
  public func orderType(entryAverage: Price, exitSide: Side, tick: TickSize) -> OrderType? {
    switch (self, exitSide) {
    case (.fixed(let type), _): type
    case (.stop(let distance), .sell): entryAverage.lowered(by: distance).flatMap { stop($0, tick, .down) }
    case (.stop(let distance), .buy): entryAverage.raised(by: distance).flatMap { stop($0, tick, .up) }
    case (.target(let distance), .sell): entryAverage.raised(by: distance).flatMap { limit($0, tick, .down) }
    case (.target(let distance), .buy): entryAverage.lowered(by: distance).flatMap { limit($0, tick, .up) }
    }
  }

  private func stop(_ price: Price, _ tick: TickSize, _ rounding: TickSize.Rounding) -> OrderType? {
    tick.round(price, rounding).flatMap { $0 > .zero ? .stopMarket(trigger: $0) : nil }
  }

  private func limit(_ price: Price, _ tick: TickSize, _ rounding: TickSize.Rounding) -> OrderType? {
    tick.round(price, rounding).flatMap { $0 > .zero ? .limit($0) : nil }
  }
}

/// The part of a leg that goes out as one order: at most the freeze quantity, whole lots.
public struct Slice: Hashable, Sendable {
  /// Counted from 1 within the leg.
  public let number: Int
  public let quantity: Quantity
  public let correlationID: CorrelationID

  public init(number: Int, quantity: Quantity, correlationID: CorrelationID) {
    self.number = number
    self.quantity = quantity
    self.correlationID = correlationID
  }
}
