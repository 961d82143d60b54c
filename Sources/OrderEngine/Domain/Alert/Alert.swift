/// What came in by HTTP, decoded and nothing more: no instrument looked up, no quantity checked against a lot.
public struct Alert: Sendable {
  public var format: AlertFormat
  /// The shared secret that the body carried, if any.
  public var secret: Secret?
  /// The sender's own id of this alert (`alert_id`); else the body is its identity.
  public var alertID: String?
  /// Which strategy sent it: its limits, its secret, its mailbox.
  public var strategy: String?
  /// The account that every leg goes to unless it names its own; `nil` is the engine's default account.
  public var account: AccountID?
  /// When TradingView fired it (`{{timenow}}`), if it says.
  public var firedAt: Timestamp?
  /// How the legs belong together; `nil` lets the planner recognise it.
  public var execution: ExecutionStyle?
  /// What to do when some legs are done and others cannot be.
  public var endPolicy: EndPolicy?
  /// How long after ``firedAt`` (or receipt) the legs may still be sent; `nil` is the engine's setting.
  public var validForMilliseconds: Int64?
  /// Refuse the alert when its legs' value is higher, in rupees at the legs' own prices or the last traded ones.
  public var valueLimit: Money?
  /// Refuse the alert when a leg has more units.
  public var quantityLimit: Quantity?
  /// The strategy's own idea of its position (`{{strategy.market_position}}`), for the missed-alert check.
  public var marketPosition: MarketPosition?
  /// `{{strategy.position_size}}`, in units, signless.
  public var positionSize: Quantity?
  /// `{{strategy.order.id}}`.
  public var strategyOrderID: String?
  /// The sender's words, kept in history.
  public var note: String?
  /// In `sort_order`, numbered from 1.
  public var legs: [AlertLeg]
  /// Fields that the format does not know and the policy let pass, at most eight names.
  public var ignoredFields: [String]

  public init(format: AlertFormat, legs: [AlertLeg]) {
    self.format = format
    self.legs = legs
    ignoredFields = []
  }

  /// The most legs of one alert.
  public static let legLimit = 20
}

public enum AlertFormat: UInt8, Hashable, Sendable {
  /// The single option order of the Fyers bot.
  case optionOrder
  /// Dhan's `multi_leg_order`.
  case multiLegOrder
  /// Ours, which can say everything.
  case native

  public var code: String {
    switch self {
    case .optionOrder: "option_order"
    case .multiLegOrder: "multi_leg_order"
    case .native: "native"
    }
  }
}

/// One leg as the alert words it.
public struct AlertLeg: Hashable, Sendable {
  public var number: Int
  public var account: AccountID?
  public var instrument: InstrumentQuery
  public var side: Side
  public var orderType: OrderType
  public var quantity: QuantityRequest
  public var product: RequestedProduct
  public var validity: Validity
  /// Queue it for the next session when the market is closed.
  public var isAfterMarket: Bool
  /// Protective stop, as a distance from the entry's fill price.
  public var stopLossDistance: Price?
  /// Profit target, as a distance from the entry's fill price.
  public var targetDistance: Price?
  /// What the leg is for; `nil` lets the planner recognise it.
  public var role: LegRole?

  public init(
    number: Int, instrument: InstrumentQuery, side: Side, orderType: OrderType, quantity: QuantityRequest,
    product: RequestedProduct
  ) {
    self.number = number
    self.instrument = instrument
    self.side = side
    self.orderType = orderType
    self.quantity = quantity
    self.product = product
    validity = .day
    isAfterMarket = false
  }
}

public enum QuantityRequest: Hashable, Sendable {
  case units(Quantity)
  case lots(Lots)
}

/// The product that an alert asks for. Bracket and cover orders are understood, and refused with the way to say the
/// same: they carry no tag at Fyers, so they could not be found again after a lost answer.
public enum RequestedProduct: Hashable, Sendable {
  case product(ProductType)
  case bracketOrder
  case coverOrder
}

/// How the legs of an alert belong together.
public enum ExecutionStyle: UInt8, Hashable, Sendable {
  /// Independent legs, all sent at once.
  case parallel
  /// One after the other in order, each after the one before it has filled.
  case sequential
  /// An entry, then its exits sized by what filled; when one exit fills, the other is cancelled.
  case bracket

  public var code: String {
    switch self {
    case .parallel: "parallel"
    case .sequential: "sequential"
    case .bracket: "bracket"
    }
  }
}

public enum LegRole: UInt8, Hashable, Sendable {
  case entry, stop, target, exit

  public var code: String {
    switch self {
    case .entry: "entry"
    case .stop: "stop"
    case .target: "target"
    case .exit: "exit"
    }
  }
}

/// What happens to a multi-leg plan that cannot be completed.
public enum EndPolicy: UInt8, Hashable, Sendable {
  /// Take back what was done.
  case unwind
  /// Keep trying to complete until the deadline, then hold.
  case complete
  /// Leave it as it is and tell a person.
  case holdAndAlert

  public var code: String {
    switch self {
    case .unwind: "unwind"
    case .complete: "complete"
    case .holdAndAlert: "hold_and_alert"
    }
  }
}

public enum MarketPosition: UInt8, Hashable, Sendable {
  case long, short, flat

  public var code: String {
    switch self {
    case .long: "long"
    case .short: "short"
    case .flat: "flat"
    }
  }
}
