internal import OrderDomain

/// Fyers' words and numbers for what we have types for, in both directions.
enum FyersWords {
  static func side(_ side: Side) -> Int { side == .buy ? 1 : -1 }

  static func side(_ number: Int64) -> Side? {
    switch number {
    case 1: .buy
    case -1: .sell
    default: nil
    }
  }

  static func product(_ product: ProductType) -> String {
    switch product {
    case .intraday: "INTRADAY"
    case .delivery: "CNC"
    case .margin: "MARGIN"
    }
  }

  /// `nil` for MTF, CO and BO, which the engine does not trade, and for words that nobody knows.
  static func product(_ word: String) -> ProductType? {
    switch word {
    case "INTRADAY": .intraday
    case "CNC": .delivery
    case "MARGIN": .margin
    default: nil
    }
  }

  static func validity(_ validity: Validity) -> String { validity == .day ? "DAY" : "IOC" }

  /// 3 is documented as unused. A partly filled order is 6 with a filled quantity.
  static func status(_ number: Int64, hasFilled: Bool) -> BrokerOrderStatus {
    switch number {
    case 1: .cancelled
    case 2: .filled
    case 4: .transit
    case 5: .rejected
    case 6: hasFilled ? .partiallyFilled : .open
    case 7: .expired
    default: .unrecognised(String(number))
    }
  }

  /// A tag comes back as `1:tag`; `2:…` was made by Fyers, and `Untagged` is none.
  static func tag(_ text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return text == "Untagged" ? nil : text }
    let tag = String(text[text.index(after: colon)...])
    return text[..<colon] == "1" && tag != "Untagged" && !tag.isEmpty ? tag : nil
  }

  /// fyToken: exchange and segment of two digits each, six of the expiry, then the exchange's own number.
  static func instrument(_ fyToken: String) -> InstrumentKey? {
    let digits = Array(fyToken.utf8)
    guard digits.count > 10, digits.count <= 24, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let segment = segment(String(fyToken.prefix(4))), let number = UInt64(fyToken.dropFirst(10))
    else { return nil }
    return InstrumentKey(segment: segment, securityID: SecurityID(number))
  }

  private static func segment(_ digits: String) -> ExchangeSegment? {
    switch digits {
    case "1010": .nseEquity
    case "1011": .nseDerivatives
    case "1012": .nseCurrency
    case "1020": .nseCommodity
    case "1120": .mcxCommodity
    case "1210": .bseEquity
    case "1211": .bseDerivatives
    case "1212": .bseCurrency
    default: nil
    }
  }
}
