import OrderDomain
import SimulatedExchange

/// The body of a placing call, as Fyers reads it. Prices that are left out are nought.
struct FyersOrderForm {
  let symbol: String
  let quantity: Int64
  let kind: Kind
  let side: Side
  let product: ProductType
  let limit: Price?
  let stop: Price?
  let validity: Validity
  let isOffline: Bool
  let tag: String?
  let isSliced: Bool

  enum Kind: Int64 {
    case limit = 1
    case market = 2
    case stop = 3
    case stopLimit = 4
  }

  static let tagLimit = 30

  init(_ body: JSONValue, clientID: String) throws(FyersRefusal) {
    guard body.members != nil else { throw .invalidInput }
    guard let symbol = body["symbol"]?.text, !symbol.isEmpty else { throw .bad("symbol is required") }
    guard let quantity = body["qty"]?.integer, quantity > 0 else { throw .bad("qty should be greater than 0") }
    guard let kind = body["type"]?.integer.flatMap(Kind.init(rawValue:)) else { throw .bad("Invalid type") }
    guard let side = FyersOrderForm.side(body["side"]) else { throw .bad("Invalid side") }
    guard let product = body["productType"]?.text.flatMap(FyersOrderForm.product) else {
      throw .bad("Invalid productType")
    }
    guard let validity = FyersOrderForm.validity(body["validity"]) else { throw .bad("Invalid validity") }
    self.symbol = symbol
    self.quantity = quantity
    self.kind = kind
    self.side = side
    self.product = product
    self.validity = validity
    limit = try FyersOrderForm.price(body["limitPrice"], "limitPrice")
    stop = try FyersOrderForm.price(body["stopPrice"], "stopPrice")
    isOffline = body["offlineOrder"]?.flag ?? false
    isSliced = body["isSliceOrder"]?.flag ?? false
    tag = try FyersOrderForm.tag(body["orderTag"], clientID)
    if let disclosed = body["disclosedQty"]?.integer, disclosed < 0 || disclosed > quantity {
      throw .bad("Invalid disclosedQty")
    }
  }

  static func side(_ value: JSONValue?) -> Side? {
    switch value?.integer {
    case 1: .buy
    case -1: .sell
    default: nil
    }
  }

  /// Margin trading is held as delivery; cover and bracket orders are deprecated and not taken.
  static func product(_ text: String) -> ProductType? {
    switch text {
    case "CNC", "MTF": .delivery
    case "INTRADAY": .intraday
    case "MARGIN": .margin
    default: nil
    }
  }

  private static func validity(_ value: JSONValue?) -> Validity? {
    switch value?.text {
    case "DAY": .day
    case "IOC": .immediateOrCancel
    default: nil
    }
  }

  /// A price of nought is no price.
  static func price(_ value: JSONValue?, _ name: String) throws(FyersRefusal) -> Price? {
    guard let value, value != .null else { return nil }
    guard let decimal = value.decimal, let price = Price(decimal) else { throw .bad("Invalid \(name)") }
    return price == .zero ? nil : price
  }

  /// Letters and digits, 1 to 30, neither the client's id nor the word that stands for none.
  private static func tag(_ value: JSONValue?, _ clientID: String) throws(FyersRefusal) -> String? {
    guard let value, value != .null, value != .string("") else { return nil }
    guard let text = value.text, (1...tagLimit).contains(text.utf8.count), text != clientID,
      text.lowercased() != "untagged",
      text.utf8.allSatisfy({ ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 })
    else { throw .bad("Invalid orderTag") }
    return text
  }

  /// - Parameter protected: the limit that stands for a market price, if the broker sends one.
  static func type(
    _ kind: Kind, limit: Price?, stop: Price?, protected: Price?, _ policy: SimulationSettings.StopMarketPolicy
  ) throws(FyersRefusal) -> OrderType {
    let market = protected.map { OrderType.limit($0) } ?? .market
    switch kind {
    case .limit:
      guard let limit else { throw .bad("limitPrice should be greater than 0") }
      guard stop == nil else { throw .bad("stopPrice should be 0") }
      return .limit(limit)
    case .market:
      guard limit == nil, stop == nil else { throw .bad("limitPrice and stopPrice should be 0") }
      return market
    case .stop:
      guard let stop else { throw .bad("stopPrice should be greater than 0") }
      guard limit == nil else { throw .bad("limitPrice should be 0") }
      switch policy {
      case .accept: return .stopMarket(trigger: stop)
      case .refuse: throw .risk("RED:RULE:SL-M orders are not allowed")
      case .dropTrigger: return market
      }
    case .stopLimit:
      guard let limit, let stop else { throw .bad("limitPrice and stopPrice should be greater than 0") }
      return .stopLimit(trigger: stop, limit: limit)
    }
  }
}
