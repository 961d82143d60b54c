import OrderDomain

/// How Dhan spells what the exchange lists.
enum DhanNames {
  static func segment(_ segment: ExchangeSegment) -> String {
    switch segment {
    case .nseEquity: "NSE_EQ"
    case .nseDerivatives: "NSE_FNO"
    case .nseCurrency: "NSE_CURRENCY"
    case .nseCommodity: "NSE_COMM"
    case .bseEquity: "BSE_EQ"
    case .bseDerivatives: "BSE_FNO"
    case .bseCurrency: "BSE_CURRENCY"
    case .mcxCommodity: "MCX_COMM"
    case .nseIndex, .bseIndex, .mcxIndex: "IDX_I"
    }
  }

  /// The segments that a name stands for: three exchanges' indices share one.
  static func segments(_ name: String) -> [ExchangeSegment] {
    switch name {
    case "NSE_EQ": [.nseEquity]
    case "NSE_FNO": [.nseDerivatives]
    case "NSE_CURRENCY": [.nseCurrency]
    case "NSE_COMM": [.nseCommodity]
    case "BSE_EQ": [.bseEquity]
    case "BSE_FNO": [.bseDerivatives]
    case "BSE_CURRENCY": [.bseCurrency]
    case "MCX_COMM": [.mcxCommodity]
    case "IDX_I": [.nseIndex, .bseIndex, .mcxIndex]
    default: []
    }
  }

  static func letter(_ segment: ExchangeSegment) -> String {
    switch segment {
    case .nseEquity, .bseEquity: "E"
    case .nseDerivatives, .bseDerivatives: "D"
    case .nseCurrency, .bseCurrency: "C"
    case .mcxCommodity, .nseCommodity: "M"
    case .nseIndex, .bseIndex, .mcxIndex: "I"
    }
  }

  static func product(_ product: ProductType) -> String {
    switch product {
    case .intraday: "INTRADAY"
    case .delivery: "CNC"
    case .margin: "MARGIN"
    }
  }

  static func type(_ type: OrderType) -> String {
    switch type {
    case .market: "MARKET"
    case .limit: "LIMIT"
    case .stopLimit: "STOP_LOSS"
    case .stopMarket: "STOP_LOSS_MARKET"
    }
  }

  /// `NIFTY 24 NOV 26000 CALL`, as the master's display names are.
  static func display(_ instrument: Instrument) -> String {
    guard let expiry = instrument.contract.expiry else { return instrument.tradingSymbol }
    let (_, month, day) = expiry.components
    let name = IndianTime.months[month - 1].uppercased()
    switch instrument.contract {
    case .option(_, let strike, let type):
      let word = type == .call ? "CALL" : "PUT"
      return "\(instrument.underlying) \(IndianTime.two(day)) \(name) \(FyersNames.plain(strike)) \(word)"
    case .equity, .index, .future: return "\(instrument.underlying) \(name) FUT"
    }
  }

  /// What the master calls the kind of instrument.
  static func kind(_ instrument: Instrument) -> String {
    switch FyersNames.kind(instrument) {
    case 0: "EQUITY"
    case 10: "INDEX"
    case 11: "FUTIDX"
    case 13: "FUTSTK"
    case 14: "OPTIDX"
    case 15: "OPTSTK"
    case 16: "FUTCUR"
    case 19: "OPTCUR"
    case 30: "FUTCOM"
    default: "OPTFUT"
    }
  }
}
