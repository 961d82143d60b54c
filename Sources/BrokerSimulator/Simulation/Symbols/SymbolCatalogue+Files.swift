import Actors
import OrderDomain

/// The files in the brokers' layouts.
extension SymbolCatalogue {
  /// Dhan's 16 columns; futures carry a strike of -0.01, ticks are paise but for indices.
  func dhanCompact() -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(table.rowCount * 120 + 400)
    out.add("SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,")
    out.add("SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,")
    out.add("SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME\n")
    forEachInstrument { instrument, _, isMonthly in
      let segment = instrument.key.segment
      let tick = instrument.tickSize.price.tenThousandths
      out.add("\(segment.exchange.code),\(DhanNames.letter(segment)),\(instrument.key.securityID),")
      out.add("\(DhanNames.kind(instrument)),0,\(quoted(instrument.tradingSymbol)),\(instrument.lotSize.units).0,")
      out.add("\(quoted(DhanNames.display(instrument))),")
      let paise = fixed(tick * 100, 4)
      let flag = isMonthly ? "M" : "W"
      switch instrument.contract {
      case .equity: out.add(",,,\(paise),NA,ES,\(instrument.series),\(quoted(instrument.underlying))\n")
      case .index: out.add("0001-01-01,,XX,\(fixed(tick, 4)),,INDEX,X,\(quoted(instrument.underlying))\n")
      case .future(let expiry):
        out.add("\(expiry) \(closing(segment)),-0.01000,XX,\(paise),\(flag),FUT,,\n")
      case .option(let expiry, let strike, let type):
        out.add(
          "\(expiry) \(closing(segment)),\(fixed(strike.tenThousandths, 4))0,\(type.code),\(paise),\(flag),OP,,\n")
      }
    }
    return out
  }

  private func closing(_ segment: ExchangeSegment) -> String { segment.exchange == .mcx ? "23:30:00" : "14:30:00" }

  /// 21 columns without a header; all files in one pass.
  func fyersCSVs() -> [FyersFile: [UInt8]] {
    var files = [[UInt8]](repeating: [], count: FyersFile.allCases.count)
    forEachInstrument { instrument, ticker, _ in
      guard let file = FyersFile(instrument.key.segment), let index = FyersFile.allCases.firstIndex(of: file) else {
        return
      }
      write(instrument, ticker, to: &files[index])
    }
    return Dictionary(uniqueKeysWithValues: zip(FyersFile.allCases, files))
  }

  private func write(_ instrument: Instrument, _ ticker: String, to out: inout [UInt8]) {
    let token = FyersNames.token(instrument)
    let fyToken = FyersNames.fyToken(instrument)
    let lot = instrument.contract == .index ? 0 : instrument.lotSize.units
    var expiry = ""
    var strike = "-1.0"
    var type = "XX"
    // 15:30 in India is 10:00 UTC.
    if let date = instrument.contract.expiry { expiry = String(Int64(date.daysSinceEpoch) * 86_400 + 36_000) }
    if case .option(_, let price, let option) = instrument.contract {
      strike = FyersNames.plain(price)
      if !strike.contains(".") { strike += ".0" }
      type = option.code
    }
    out.add("\(fyToken),\(quoted(FyersNames.details(instrument))),\(FyersNames.kind(instrument)),\(lot),")
    out.add("\(FyersNames.plain(instrument.tickSize.price)),,0915-1530|1815-1915:,\(day),\(expiry),")
    out.add("\(quoted(ticker)),\(FyersNames.exchange(instrument.key.segment)),")
    out.add("\(FyersNames.segment(instrument.key.segment)),\(token),\(quoted(instrument.underlying)),\(token),")
    out.add("\(strike),\(type),\(fyToken),None,0,0.0\n")
  }

  /// One object by ticker, with numbers and strings mixed as they come.
  func fyersJSON(_ file: FyersFile) -> [UInt8] {
    var writer = JSONWriter(reserving: 1 << 16)
    writer.object { json in
      forEachInstrument { instrument, ticker, _ in
        guard FyersFile(instrument.key.segment) == file else { return }
        json.object(named: ticker) { describe(instrument, ticker, &$0) }
      }
    }
    return writer.bytes
  }

  private func describe(_ instrument: Instrument, _ ticker: String, _ json: inout JSONWriter) {
    let segment = instrument.key.segment
    json.string("fyToken", FyersNames.fyToken(instrument))
    json.string("isin", "")
    json.string("exSymbol", instrument.underlying)
    json.string("symDetails", FyersNames.details(instrument))
    json.string("symTicker", ticker)
    json.integer("exchange", FyersNames.exchange(segment))
    json.integer("segment", FyersNames.segment(segment))
    json.string("exSymName", FyersNames.details(instrument))
    json.integer("exToken", Int(FyersNames.token(instrument)) ?? 0)
    json.string("exSeries", instrument.series)
    var type = "XX"
    var strike = "-1.0"
    if case .option(_, let price, let option) = instrument.contract {
      type = option.code
      strike = FyersNames.plain(price)
    }
    json.string("optType", type)
    json.string("underSym", instrument.underlying)
    json.string("underFyTok", "")
    json.integer("exInstType", FyersNames.kind(instrument))
    json.integer("minLotSize", instrument.contract == .index ? 0 : instrument.lotSize.units)
    json.number("tickSize", decimalText: FyersNames.plain(instrument.tickSize.price))
    json.string("tradingSession", "0915-1530|1815-1915:")
    json.string("lastUpdate", day.description)
    json.string(
      "expiryDate", instrument.contract.expiry.map { String(Int64($0.daysSinceEpoch) * 86_400 + 36_000) } ?? "")
    json.number("strikePrice", decimalText: strike)
    json.string("qtyFreeze", instrument.freezeQuantity.map { $0.quantity.description } ?? "")
    json.integer("tradeStatus", segment.isTradable ? 1 : 0)
    json.string("currencyCode", "INR")
    json.number("upperPrice", decimalText: (instrument.priceBand?.upperBound ?? .zero).description)
    json.number("lowerPrice", decimalText: (instrument.priceBand?.lowerBound ?? .zero).description)
    json.number("qtyMultiplier", decimalText: "1.0")
    json.string("originalExpDate", "")
    json.integer("is_mtf_tradable", 0)
    json.string("exchangeName", segment.exchange.code)
    json.string("symbolDesc", FyersNames.details(instrument))
    json.string("stream", "")
  }

  // MARK: Text

  /// `value` ten-thousandths with `digits` decimals, four at most.
  private func fixed(_ value: Int64, _ digits: Int) -> String {
    "\(value / 10_000).\(String(value % 10_000 + 10_000).dropFirst().prefix(digits))"
  }

  private func quoted(_ text: String) -> String { text.utf8.contains(UInt8(ascii: ",")) ? "\"\(text)\"" : text }
}

extension [UInt8] {
  fileprivate mutating func add(_ text: String) { append(contentsOf: text.utf8) }
}
