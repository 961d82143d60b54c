/// Every field name that any of the three formats reads. Those of a leg come first, so that a leg's fields fit 32
/// places.
enum AlertField: UInt8, CaseIterable {
  // In a leg of any format; the option order has them at the top.
  case account, symbol, exchange, instrument, quantity, price, validity, role, productType, orderType
  // In a leg of multi_leg_order.
  case transactionType, triggerPrice, sortOrder
  // In a native leg.
  case side, nativeOrderType, lots, underlying, strike, nativeOptionType, expiry, product, nativeTriggerPrice
  case afterMarket, stopLoss, target
  // In the option order.
  case action, qty, strikeprice, optionType, sl, tp
  // Only at the top.
  case format, secret, token, alertID, strategy, timenow, execution, endPolicy, validForMilliseconds, valueLimit
  case quantityLimit, marketPosition, positionSize, orderID, note, alertType, orderLegs, legs

  static let legFieldLimit: UInt8 = 32

  var name: String {
    switch self {
    case .account: "account"
    case .symbol: "symbol"
    case .exchange: "exchange"
    case .instrument: "instrument"
    case .quantity: "quantity"
    case .price: "price"
    case .validity: "validity"
    case .role: "role"
    case .productType: "productType"
    case .orderType: "orderType"
    case .transactionType: "transactionType"
    case .triggerPrice: "triggerPrice"
    case .sortOrder: "sort_order"
    case .side: "side"
    case .nativeOrderType: "order_type"
    case .lots: "lots"
    case .underlying: "underlying"
    case .strike: "strike"
    case .nativeOptionType: "option_type"
    case .expiry: "expiry"
    case .product: "product"
    case .nativeTriggerPrice: "trigger_price"
    case .afterMarket: "after_market"
    case .stopLoss: "stop_loss"
    case .target: "target"
    case .action: "action"
    case .qty: "qty"
    case .strikeprice: "strikeprice"
    case .optionType: "optionType"
    case .sl: "sl"
    case .tp: "tp"
    case .format: "format"
    case .secret: "secret"
    case .token: "token"
    case .alertID: "alert_id"
    case .strategy: "strategy"
    case .timenow: "timenow"
    case .execution: "execution"
    case .endPolicy: "end_policy"
    case .validForMilliseconds: "valid_for_ms"
    case .valueLimit: "value_limit"
    case .quantityLimit: "quantity_limit"
    case .marketPosition: "market_position"
    case .positionSize: "position_size"
    case .orderID: "order_id"
    case .note: "note"
    case .alertType: "alertType"
    case .orderLegs: "order_legs"
    case .legs: "legs"
    }
  }

  private static let table = NameTable(allCases.map { ($0.name, $0.rawValue) })

  init?(_ name: PackedName) {
    guard let number = AlertField.table[name], let field = AlertField(rawValue: number) else { return nil }
    self = field
  }
}

/// A set of fields in one word.
struct AlertFieldSet: Sendable {
  private(set) var bits: UInt64

  init(_ fields: AlertField...) {
    bits = 0
    for field in fields { bits |= 1 << UInt64(field.rawValue) }
  }

  init() { bits = 0 }

  @inline(__always)
  init(_ field: AlertField) { bits = 1 &<< UInt64(field.rawValue) }

  init(bits: UInt64) { self.bits = bits }

  static func | (left: AlertFieldSet, right: AlertFieldSet) -> AlertFieldSet {
    AlertFieldSet(bits: left.bits | right.bits)
  }

  var isEmpty: Bool { bits == 0 }

  /// Whether it was not in the set.
  @discardableResult
  mutating func insert(_ field: AlertField) -> Bool {
    let bit: UInt64 = 1 &<< UInt64(field.rawValue)
    defer { bits |= bit }
    return bits & bit == 0
  }

  /// The field that comes first in the list of all of them.
  var first: AlertField? {
    bits == 0 ? nil : AlertField(rawValue: UInt8(truncatingIfNeeded: bits.trailingZeroBitCount))
  }

  func intersection(_ other: AlertFieldSet) -> AlertFieldSet { AlertFieldSet(bits: bits & other.bits) }

  func subtracting(_ other: AlertFieldSet) -> AlertFieldSet { AlertFieldSet(bits: bits & ~other.bits) }

  func contains(_ field: AlertField) -> Bool { bits >> UInt64(field.rawValue) & 1 == 1 }
}

/// What may stand where. Kept, because building a set from a list costs more than reading a field.
extension AlertFieldSet {
  private static let sharedTop = AlertFieldSet(.secret, .token, .alertID, .strategy, .account, .timenow)
  static let optionOrderTop =
    sharedTop
    | AlertFieldSet(
      .symbol, .exchange, .strikeprice, .optionType, .expiry, .action, .qty, .productType, .orderType, .price,
      .triggerPrice, .validity, .sl, .tp)
  static let multiLegTop = sharedTop | AlertFieldSet(.alertType, .orderLegs, .execution)
  static let multiLegLeg = AlertFieldSet(
    .account, .symbol, .exchange, .instrument, .quantity, .price, .validity, .role, .productType, .orderType,
    .transactionType, .triggerPrice, .sortOrder)
  static let nativeTop =
    sharedTop
    | AlertFieldSet(
      .format, .execution, .endPolicy, .validForMilliseconds, .valueLimit, .quantityLimit, .marketPosition,
      .positionSize, .orderID, .note, .legs)
  static let nativeLeg = AlertFieldSet(
    .account, .symbol, .exchange, .instrument, .quantity, .price, .validity, .role, .side, .nativeOrderType, .lots,
    .underlying, .strike, .nativeOptionType, .expiry, .product, .nativeTriggerPrice, .afterMarket, .stopLoss,
    .target)
  /// What a leg of `multi_leg_order` takes from the first one.
  static let inherited = AlertFieldSet(.exchange, .productType, .instrument, .symbol)
  /// What only the option order has.
  static let optionOrderMarks = AlertFieldSet(.strikeprice, .optionType, .action, .qty)
}

extension AlertFormat {
  /// What may stand at the top of an alert of this format.
  var topFields: AlertFieldSet {
    switch self {
    case .optionOrder: .optionOrderTop
    case .multiLegOrder: .multiLegTop
    case .native: .nativeTop
    }
  }

  /// What may stand in a leg of this format.
  var legFields: AlertFieldSet {
    switch self {
    case .optionOrder: AlertFieldSet()
    case .multiLegOrder: .multiLegLeg
    case .native: .nativeLeg
    }
  }
}

/// What to do with fields that the alert's format does not know.
public enum UnknownFieldPolicy: UInt8, Hashable, Sendable {
  /// Pass over them in the two legacy formats, as the old services did, and refuse them in the native one, where a
  /// misspelt limit must not be a missing limit.
  case byFormat
  case ignore
  case refuse
}
