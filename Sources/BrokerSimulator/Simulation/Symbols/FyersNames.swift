import OrderDomain

/// Six of the seven files that Fyers publishes; NSE lists no commodities here.
package enum FyersFile: String, Sendable, CaseIterable {
  case nseEquity = "NSE_CM"
  case nseDerivatives = "NSE_FO"
  case nseCurrency = "NSE_CD"
  case bseEquity = "BSE_CM"
  case bseDerivatives = "BSE_FO"
  case commodity = "MCX_COM"

  /// `nil` for what Fyers offers no file of.
  init?(_ segment: ExchangeSegment) {
    switch segment {
    case .nseEquity, .nseIndex: self = .nseEquity
    case .nseDerivatives: self = .nseDerivatives
    case .nseCurrency: self = .nseCurrency
    case .bseEquity, .bseIndex: self = .bseEquity
    case .bseDerivatives: self = .bseDerivatives
    case .mcxCommodity, .mcxIndex: self = .commodity
    case .nseCommodity, .bseCurrency: return nil
    }
  }
}

/// How Fyers names and numbers what the exchange lists.
enum FyersNames {
  static func exchange(_ segment: ExchangeSegment) -> Int {
    switch segment.exchange {
    case .nse: 10
    case .mcx: 11
    case .bse: 12
    }
  }

  static func segment(_ segment: ExchangeSegment) -> Int {
    switch segment {
    case .nseEquity, .nseIndex, .bseEquity, .bseIndex: 10
    case .nseDerivatives, .bseDerivatives: 11
    case .nseCurrency, .bseCurrency: 12
    case .nseCommodity, .mcxCommodity, .mcxIndex: 20
    }
  }

  /// The exchange's token: Dhan numbers the indices on its own.
  static func token(_ instrument: Instrument) -> String {
    guard instrument.contract == .index else { return instrument.key.securityID.description }
    switch instrument.underlying {
    case "NIFTY": return "26000"
    case "BANKNIFTY": return "26009"
    case "INDIA VIX": return "26017"
    case "FINNIFTY": return "26037"
    default: return instrument.key.securityID.description
    }
  }

  /// Exchange, segment, expiry as YYMMDD (zeros without one), token.
  static func fyToken(_ instrument: Instrument) -> String {
    let segment = instrument.key.segment
    var date = "000000"
    if let (year, month, day) = instrument.contract.expiry?.components {
      date = "\(IndianTime.two(year % 100))\(IndianTime.two(month))\(IndianTime.two(day))"
    }
    return "\(exchange(segment))\(self.segment(segment))\(date)\(token(instrument))"
  }

  /// Fyers' number for the kind of instrument.
  static func kind(_ instrument: Instrument) -> Int {
    let segment = instrument.key.segment
    let isIndex = indices.contains(instrument.underlying)
    switch instrument.contract {
    case .equity: return 0
    case .index: return 10
    case .future:
      switch segment {
      case .nseCurrency, .bseCurrency: return 16
      case .mcxCommodity, .nseCommodity: return 30
      default: return isIndex ? 11 : 13
      }
    case .option:
      switch segment {
      case .nseCurrency, .bseCurrency: return 19
      case .mcxCommodity, .nseCommodity: return 31
      default: return isIndex ? 14 : 15
      }
    }
  }

  private static let indices: Set<String> = ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"]

  /// `NSE:SBIN-EQ`, `NSE:NIFTY26SEPFUT`, `NSE:NIFTY2670724400CE`: the last expiry of a month has the monthly form, the
  /// others name their day.
  static func ticker(_ instrument: Instrument, isMonthly: Bool) -> String {
    let prefix = instrument.key.segment.exchange.code + ":"
    switch instrument.contract {
    case .equity: return prefix + instrument.underlying + "-" + (instrument.series.isEmpty ? "EQ" : instrument.series)
    case .index: return prefix + indexName(instrument.underlying) + "-INDEX"
    case .future(let expiry): return prefix + instrument.underlying + code(expiry, isMonthly) + "FUT"
    case .option(let expiry, let strike, let type):
      return prefix + instrument.underlying + code(expiry, isMonthly) + plain(strike) + type.code
    }
  }

  private static func indexName(_ underlying: String) -> String {
    switch underlying {
    case "NIFTY": "NIFTY50"
    case "BANKNIFTY": "NIFTYBANK"
    default: underlying.filter { $0 != " " }
    }
  }

  private static func code(_ expiry: CalendarDate, _ isMonthly: Bool) -> String {
    let (year, month, day) = expiry.components
    if isMonthly { return "\(IndianTime.two(year % 100))\(IndianTime.months[month - 1].uppercased())" }
    let letter = month < 10 ? String(month) : ["O", "N", "D"][month - 10]
    return "\(IndianTime.two(year % 100))\(letter)\(IndianTime.two(day))"
  }

  /// `26000`, `80.5`.
  static func plain(_ price: Price) -> String {
    var text = Substring(price.description)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return String(text)
  }

  /// `NIFTY 24 Nov 26 26000 CE`.
  static func details(_ instrument: Instrument) -> String {
    guard let expiry = instrument.contract.expiry else { return instrument.tradingSymbol }
    let (year, month, day) = expiry.components
    let date = "\(IndianTime.two(day)) \(IndianTime.months[month - 1]) \(IndianTime.two(year % 100))"
    switch instrument.contract {
    case .option(_, let strike, let type): return "\(instrument.underlying) \(date) \(plain(strike)) \(type.code)"
    case .equity, .index, .future: return "\(instrument.underlying) \(date) FUT"
    }
  }
}
