internal import OrderDomain

/// Dhan's words for what we have types for, in both directions.
enum DhanWords {
  /// `nil` for what takes no orders.
  static func segment(_ segment: ExchangeSegment) -> String? {
    switch segment {
    case .nseEquity: "NSE_EQ"
    case .nseDerivatives: "NSE_FNO"
    case .nseCurrency: "NSE_CURRENCY"
    // On the newer documentation only; not seen on the wire.
    case .nseCommodity: "NSE_COMM"
    case .bseEquity: "BSE_EQ"
    case .bseDerivatives: "BSE_FNO"
    case .bseCurrency: "BSE_CURRENCY"
    case .mcxCommodity: "MCX_COMM"
    case .nseIndex, .bseIndex, .mcxIndex: nil
    }
  }

  static func segment(_ word: String) -> ExchangeSegment? {
    switch word {
    case "NSE_EQ": .nseEquity
    case "NSE_FNO": .nseDerivatives
    case "NSE_CURRENCY": .nseCurrency
    case "NSE_COMM": .nseCommodity
    case "BSE_EQ": .bseEquity
    case "BSE_FNO": .bseDerivatives
    case "BSE_CURRENCY": .bseCurrency
    case "MCX_COMM": .mcxCommodity
    default: nil
    }
  }

  /// The socket writes exchange and letter apart: NSE and D.
  static func segment(_ exchange: String, letter: String) -> String? {
    switch (exchange, letter) {
    case ("NSE", "E"): "NSE_EQ"
    case ("NSE", "D"): "NSE_FNO"
    case ("NSE", "C"): "NSE_CURRENCY"
    case ("NSE", "M"): "NSE_COMM"
    case ("BSE", "E"): "BSE_EQ"
    case ("BSE", "D"): "BSE_FNO"
    case ("BSE", "C"): "BSE_CURRENCY"
    case ("MCX", "M"): "MCX_COMM"
    default: nil
    }
  }

  static func side(_ side: Side) -> String { side == .buy ? "BUY" : "SELL" }

  static func side(_ word: String) -> Side? {
    switch word.uppercased() {
    case "BUY", "B": .buy
    case "SELL", "S": .sell
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

  /// The socket's letter; F is MTF, V a cover and B a bracket order.
  static func productLetter(_ letter: String) -> ProductType? {
    switch letter {
    case "I": .intraday
    case "C": .delivery
    case "M": .margin
    default: product(letter)
    }
  }

  static func validity(_ validity: Validity) -> String { validity == .day ? "DAY" : "IOC" }

  /// REST says `PART_TRADED`, the order socket `Part Traded`.
  static func status(_ word: String) -> BrokerOrderStatus {
    switch String(word.uppercased().map { $0 == " " ? "_" : $0 }) {
    case "TRANSIT": .transit
    // A triggered leg and an armed forever order are working orders to us.
    case "PENDING", "CONFIRM", "TRIGGERED", "MODIFIED": .open
    case "PART_TRADED", "PARTIALLY_TRADED": .partiallyFilled
    case "TRADED": .filled
    case "CANCELLED": .cancelled
    case "REJECTED": .rejected
    case "EXPIRED": .expired
    default: .unrecognised(BrokerWords.clean(word))
    }
  }
}
