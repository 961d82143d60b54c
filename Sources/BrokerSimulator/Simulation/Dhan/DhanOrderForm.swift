import OrderDomain
import SimulatedExchange

/// The body of a placing call, read as Dhan reads it: names exact, nothing unknown, no empty strings.
struct DhanOrderForm {
  let tag: String?
  let segment: String
  let securityID: UInt64
  let side: Side
  let product: ProductType
  let kind: Kind
  let validity: Validity
  let quantity: Int64
  let price: Price?
  let trigger: Price?
  let isAfterMarket: Bool

  enum Kind: String {
    case limit = "LIMIT"
    case market = "MARKET"
    case stop = "STOP_LOSS"
    case stopMarket = "STOP_LOSS_MARKET"
  }

  private static let names: Set<String> = [
    "dhanClientId", "correlationId", "transactionType", "exchangeSegment", "productType", "orderType", "validity",
    "securityId", "tradingSymbol", "quantity", "disclosedQuantity", "price", "triggerPrice", "afterMarketOrder",
    "amoTime", "boProfitValue", "boStopLossValue", "drvExpiryDate", "drvOptionType", "drvStrikePrice",
  ]

  static let tagLimit = 25

  init(_ body: JSONValue, clientID: String) throws(DhanRefusal) {
    guard let members = body.members, members.allSatisfy({ DhanOrderForm.names.contains($0.name) }),
      !members.contains(where: { $0.value == .string("") && $0.name != "tradingSymbol" })
    else { throw .badFields }
    guard body["dhanClientId"]?.text == clientID else { throw .badAccess }
    // Judged first of all, before the address and the instrument.
    guard let wanted = body["quantity"]?.integer, wanted > 0 else { throw .input("quantity is required") }
    quantity = wanted
    tag = try DhanOrderForm.tag(body["correlationId"])
    guard let side = body["transactionType"]?.text.flatMap(DhanOrderForm.side),
      let product = body["productType"]?.text.flatMap(DhanOrderForm.product),
      let kind = body["orderType"]?.text.flatMap(Kind.init(rawValue:)),
      let validity = body["validity"]?.text.flatMap(DhanOrderForm.validity),
      let segment = body["exchangeSegment"]?.text, !DhanNames.segments(segment).isEmpty
    else { throw .badFields }
    self.side = side
    self.product = product
    self.kind = kind
    self.validity = validity
    self.segment = segment
    // A string of digits: a number is refused.
    guard let text = body["securityId"]?.text, let id = UInt64(text) else { throw .input("Invalid SecurityId") }
    securityID = id
    price = try DhanOrderForm.price(body["price"])
    trigger = try DhanOrderForm.price(body["triggerPrice"])
    isAfterMarket = body["afterMarketOrder"]?.flag ?? false
    if isAfterMarket {
      guard let time = body["amoTime"]?.text, ["PRE_OPEN", "OPEN", "OPEN_30", "OPEN_60"].contains(time) else {
        throw .badFields
      }
    }
    if let disclosed = body["disclosedQuantity"]?.integer, disclosed != 0 {
      guard disclosed > 0, disclosed <= wanted, disclosed * 10 > wanted * 3 else {
        throw .input("Disclosed Quantity should be more than 30% of quantity")
      }
    }
  }

  /// A price of nought is no price.
  static func price(_ value: JSONValue?) throws(DhanRefusal) -> Price? {
    guard let value, value != .null else { return nil }
    guard let decimal = value.decimal, let price = Price(decimal) else { throw .badFields }
    return price == .zero ? nil : price
  }

  /// 25 characters pass and 26 do not, measured; the documentation says 30.
  private static func tag(_ value: JSONValue?) throws(DhanRefusal) -> String? {
    guard let value, value != .null else { return nil }
    guard let text = value.text, (1...tagLimit).contains(text.utf8.count), text.utf8.allSatisfy(isLegalInTag) else {
      throw .input("Invalid correlationId")
    }
    return text
  }

  private static func isLegalInTag(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  static func side(_ text: String) -> Side? {
    switch text {
    case "BUY": .buy
    case "SELL": .sell
    default: nil
    }
  }

  /// Margin trading is held as delivery; cover and bracket orders are not taken.
  static func product(_ text: String) -> ProductType? {
    switch text {
    case "CNC", "MTF": .delivery
    case "INTRADAY": .intraday
    case "MARGIN": .margin
    default: nil
    }
  }

  static func validity(_ text: String) -> Validity? {
    switch text {
    case "DAY": .day
    case "IOC": .immediateOrCancel
    default: nil
    }
  }
}
