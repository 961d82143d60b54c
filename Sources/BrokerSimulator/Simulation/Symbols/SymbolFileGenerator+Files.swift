internal import OrderDomain

/// The eras of Dhan's detailed file, by their number of columns.
package enum DhanDetailedEra: Sendable, CaseIterable {
  /// Mid-2025: 39 columns, the SELL twins, no limits.
  case columns39
  /// April 2026: 31 columns.
  case columns31
  /// July 2026: 32 columns and a trailing comma.
  case columns32
}

extension SymbolFileGenerator {
  package func dhanCompact() -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(symbols.count * 120 + 400)
    out.add("SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,")
    out.add("SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,")
    out.add("SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME\n")
    for symbol in symbols {
      out.add("\(symbol.exchangeCode),\(symbol.dhanSegment),\(symbol.id),\(symbol.dhanInstrument),0,")
      out.add("\(symbol.dhanTradingSymbol),\(symbol.lot).0,\(symbol.dhanDisplayName),")
      switch symbol.kind {
      case .equity: out.add(",,,\(symbol.dhanTick),NA,ES,\(symbol.series),\(symbol.underlying) LIMITED\n")
      case .index: out.add("0001-01-01,,XX,\(symbol.dhanTick),,INDEX,X,\(symbol.underlying)\n")
      case .future, .option:
        let clock = symbol.segment.exchange == .mcx ? "23:30:00" : "14:30:00"
        out.add("\(symbol.expiry) \(clock),\(symbol.dhanStrike),\(symbol.typeCode),\(symbol.dhanTick),")
        out.add("\(symbol.isMonthly ? "M" : "W"),\(symbol.dhanShortType),,\n")
      }
    }
    return out
  }

  /// - Parameter hasBands: whether rows carry price limits, all the same, in the eras that have a place for them.
  package func dhanDetailed(_ era: DhanDetailedEra = .columns32, hasBands: Bool = true) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(symbols.count * 170 + 800)
    out.add("EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,SYMBOL_NAME,")
    out.add("DISPLAY_NAME,INSTRUMENT_TYPE,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,")
    out.add("EXPIRY_FLAG,BRACKET_FLAG,COVER_FLAG,ASM_GSM_FLAG,ASM_GSM_CATEGORY,BUY_SELL_INDICATOR,")
    out.add("BUY_CO_MIN_MARGIN_PER,")
    if era == .columns39 { out.add("SELL_CO_MIN_MARGIN_PER,") }
    out.add("BUY_CO_SL_RANGE_MAX_PERC,")
    if era == .columns39 { out.add("SELL_CO_SL_RANGE_MAX_PERC,") }
    out.add("BUY_CO_SL_RANGE_MIN_PERC,")
    if era == .columns39 { out.add("SELL_CO_SL_RANGE_MIN_PERC,") }
    out.add("BUY_BO_MIN_MARGIN_PER,")
    if era == .columns39 { out.add("SELL_BO_MIN_MARGIN_PER,BUY_BO_SL_RANGE_MAX_PERC,SELL_BO_SL_RANGE_MAX_PERC,") }
    if era == .columns39 { out.add("BUY_BO_SL_RANGE_MIN_PERC,SELL_BO_SL_MIN_RANGE,") }
    out.add("BUY_BO_PROFIT_RANGE_MAX_PERC,")
    if era == .columns39 { out.add("SELL_BO_PROFIT_RANGE_MAX_PERC,") }
    out.add("BUY_BO_PROFIT_RANGE_MIN_PERC,MTF_LEVERAGE")
    switch era {
    case .columns39: out.add(",SELL_BO_PROFIT_RANGE_MIN_PERC\n")
    case .columns31: out.add(",SM_UPPER_LIMIT,SM_LOWER_LIMIT\n")
    case .columns32: out.add(",SM_UPPER_LIMIT,SM_LOWER_LIMIT,SM_FREEZE_QTY,\n")
    }
    for symbol in symbols {
      out.add("\(symbol.exchangeCode),\(symbol.dhanSegment),\(symbol.id),NA,\(symbol.dhanInstrument),,")
      out.add("\(symbol.underlying),")
      switch symbol.kind {
      case .equity:
        out.add("\"\(symbol.underlying), LIMITED\",\(symbol.underlying),ES,\(symbol.series),\(symbol.lot),,,,")
      case .index: out.add("\(symbol.underlying),\(symbol.underlying),INDEX,NA,1,0001-01-01,,XX,")
      case .future, .option:
        out.add("\(symbol.dhanTradingSymbol),\(symbol.dhanDisplayName),\(symbol.dhanShortType),NA,\(symbol.lot).0,")
        out.add("\(symbol.expiry),\(symbol.dhanStrike),\(symbol.typeCode),")
      }
      out.add("\(symbol.dhanTick),\(symbol.isMonthly ? "M" : "NA"),N,N,N,NA,A,0,0,0,0,0,0,0")
      switch era {
      case .columns39: out.add(",0,0,0,0,0,0,0,0,0,0\n")
      case .columns31: out.add(hasBands ? ",1446.6,1183.6\n" : ",,\n")
      case .columns32: out.add("\(hasBands ? ",20.1000,0.0500" : ",,"),\(symbol.freeze == 0 ? -1 : symbol.freeze),\n")
      }
    }
    return out
  }

  package func fyers(_ file: FyersFile) -> [UInt8] {
    var out: [UInt8] = []
    for symbol in symbols where symbol.fyersFile == file {
      let exchange = symbol.segment.exchange == .nse ? 10 : symbol.segment.exchange == .bse ? 12 : 11
      let segment: Int
      switch file {
      case .nseEquity, .bseEquity: segment = 10
      case .nseDerivatives, .bseDerivatives: segment = 11
      case .nseCurrency: segment = 12
      case .commodity: segment = 20
      }
      let isContract = symbol.expiry.daysSinceEpoch > 0
      // 15:30 in India is 10:00 UTC.
      let expiry = isContract ? String(Int64(symbol.expiry.daysSinceEpoch) * 86_400 + 36_000) : ""
      out.add("\(exchange)\(segment)000000\(symbol.id),\(symbol.underlying) DETAILS,\(symbol.fyersType),")
      out.add("\(symbol.fyersLot),\(symbol.rupees(Int64(symbol.tickTenThousandths))),,0915-1530|1815-1915:,2026-11-20,")
      out.add("\(expiry),\(symbol.fyersTicker),\(exchange),\(segment),\(symbol.id),\(symbol.underlying),1,")
      out.add("\(symbol.strike == 0 ? "-1.0" : symbol.rupees(symbol.strike)),\(symbol.typeCode),1,None,0,0.0\n")
    }
    return out
  }
}

extension GeneratedSymbol {
  static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  package var exchangeCode: String { segment.exchange.code }
  var typeCode: String {
    switch kind {
    case .option(let type): type.code
    case .equity, .index, .future: "XX"
    }
  }

  // MARK: Dhan

  package var dhanTradingSymbol: String {
    let date = expiry.components
    let month = "\(Self.months[date.month - 1])\(date.year)"
    switch kind {
    case .equity, .index: return underlying
    case .future: return "\(underlying)-\(month)-FUT"
    case .option(let type): return "\(underlying)-\(month)-\(plainStrike)-\(type.code)"
    }
  }

  package var dhanDisplayName: String {
    let date = expiry.components
    let month = Self.months[date.month - 1].uppercased()
    switch kind {
    case .equity, .index: return underlying
    case .future: return "\(underlying) \(month) FUT"
    case .option(let type):
      let day = String(date.day + 100).dropFirst()
      return "\(underlying) \(day) \(month) \(plainStrike) \(type == .call ? "CALL" : "PUT")"
    }
  }

  var dhanSegment: String {
    switch segment {
    case .nseEquity, .bseEquity: "E"
    case .nseDerivatives, .bseDerivatives: "D"
    case .nseCurrency, .bseCurrency: "C"
    case .mcxCommodity, .nseCommodity: "M"
    case .nseIndex, .bseIndex, .mcxIndex: "I"
    }
  }

  var dhanInstrument: String {
    let suffix =
      switch segment {
      case .nseCurrency, .bseCurrency: "CUR"
      case .mcxCommodity, .nseCommodity: "COM"
      default: ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX"].contains(underlying) ? "IDX" : "STK"
      }
    switch kind {
    case .equity: return "EQUITY"
    case .index: return "INDEX"
    case .future: return "FUT" + suffix
    case .option: return suffix == "COM" ? "OPTFUT" : "OPT" + suffix
    }
  }

  var dhanShortType: String {
    if case .future = kind { return "FUT" }
    return "OP"
  }

  /// Paise, except for indices.
  var dhanTick: String {
    if case .index = kind { return rupees(Int64(tickTenThousandths)) }
    return rupees(Int64(tickTenThousandths) * 100)
  }

  var dhanStrike: String { strike == 0 ? "-0.01000" : rupees(strike) + "0" }

  // MARK: Fyers

  var fyersFile: FyersFile? { FyersFile(segment) }

  package var fyersTicker: String {
    let date = expiry.components
    let year = String(date.year % 100 + 100).dropFirst()
    let month = Self.months[date.month - 1].uppercased()
    let name: String
    switch kind {
    case .equity: name = "\(underlying)-\(series)"
    case .index: name = "\(underlying.filter { $0 != " " })-INDEX"
    case .future: name = isMonthly ? "\(underlying)\(year)\(month)FUT" : "\(underlying)\(weeklyCode)FUT"
    case .option(let type):
      name = "\(underlying)\(isMonthly ? "\(year)\(month)" : weeklyCode)\(plainStrike)\(type.code)"
    }
    return "\(exchangeCode):\(name)"
  }

  /// `26707`, `26O08`: year, month as a digit or O, N, D, day.
  private var weeklyCode: String {
    let date = expiry.components
    let month = date.month < 10 ? String(date.month) : ["O", "N", "D"][date.month - 10]
    return "\(String(date.year % 100 + 100).dropFirst())\(month)\(String(date.day + 100).dropFirst())"
  }

  var fyersType: Int {
    switch kind {
    case .equity: 0
    case .index: 10
    case .future: 13
    case .option: 15
    }
  }

  var fyersLot: Int {
    if case .index = kind { return 0 }
    return lot
  }

  // MARK: Numbers

  func rupees(_ tenThousandths: Int64) -> String {
    "\(tenThousandths / 10_000).\(String(tenThousandths % 10_000 + 10_000).dropFirst())"
  }

  /// `26000`, `84.25`.
  package var plainStrike: String {
    var text = rupees(strike)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}

extension [UInt8] {
  fileprivate mutating func add(_ text: String) { append(contentsOf: text.utf8) }
}
