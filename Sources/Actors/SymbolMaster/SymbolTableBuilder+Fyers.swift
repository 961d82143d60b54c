internal import OrderDomain

/// The columns of a Fyers file that are read, counted from 0; the file has no header and 21 columns.
private enum FyersColumn: Int {
  case instrumentType = 2
  case lot = 3
  case tick = 4
  case expiry = 8
  case ticker = 9
  case exchange = 10
  case segment = 11
  case token = 12
  case underlying = 13
  case strike = 15
  case optionType = 16

  /// As Fyers' documentation of the file names them.
  var name: String {
    switch self {
    case .instrumentType: "exchange instrument type"
    case .lot: "minimum lot size"
    case .tick: "tick size"
    case .expiry: "expiry date"
    case .ticker: "symbol ticker"
    case .exchange: "exchange"
    case .segment: "segment"
    case .token: "scrip code"
    case .underlying: "underlying symbol"
    case .strike: "strike price"
    case .optionType: "option type"
    }
  }

  static let count = 21
}

extension SymbolTableBuilder {
  mutating func addFyersRows(_ reader: inout CSVReader) throws(Fault) {
    while try nextRow(&reader) {
      try checkFieldCount(reader, expected: FyersColumn.count)
      switch try fyersRow(reader) {
      case .row(let row): try storeFyers(row, reader)
      case .unsupported: countUnsupported()
      case .unusable: countUnusable()
      }
    }
  }

  private func fyersRow(_ reader: borrowing CSVReader) throws(Fault) -> Reading {
    let isIndex = reader[FyersColumn.instrumentType.rawValue].equals("10")
    // A headerless file proves its layout by these: digits, or it is another file.
    let exchange = try fyersCode(reader, .exchange)
    let segmentCode = try fyersCode(reader, .segment)
    guard let segment = SymbolTableBuilder.fyersSegment(exchange, segmentCode, isIndex: isIndex) else {
      return .unsupported
    }
    let id = try SymbolTableBuilder.securityID(
      reader[FyersColumn.token.rawValue], column: FyersColumn.token.name)
    let tick = try SymbolTableBuilder.tick(
      reader[FyersColumn.tick.rawValue], column: FyersColumn.tick.name, perRupee: 1)
    let lot = try SymbolTableBuilder.lot(reader[FyersColumn.lot.rawValue], column: FyersColumn.lot.name)
    let kind = try fyersKind(reader, segment)
    if kind == .index {
      // Index rows have lot 0.
      return .row(SymbolRow(securityID: id, tick: tick ?? 100, lot: lot ?? 1, segment: segment, kind: kind))
    }
    guard let tick, let lot else { return .unusable }
    var row = SymbolRow(securityID: id, tick: tick, lot: lot, segment: segment, kind: kind)
    if kind != .equity {
      guard let expiry = try fyersExpiry(reader[FyersColumn.expiry.rawValue]) else { return .unusable }
      row.expiry = expiry
    }
    if kind.isOption {
      let text = reader[FyersColumn.strike.rawValue]
      guard let strike = try SymbolTableBuilder.strike(text, column: FyersColumn.strike.name) else { return .unusable }
      row.strike = strike
    }
    return .row(row)
  }

  private mutating func storeFyers(_ row: SymbolRow, _ reader: borrowing CSVReader) throws(Fault) {
    let ticker = reader[FyersColumn.ticker.rawValue]
    let code: StaticString =
      switch row.segment.exchange {
      case .nse: "NSE:"
      case .bse: "BSE:"
      case .mcx: "MCX:"
      }
    guard ticker.starts(with: code), ticker.count > 4, !reader.isEscaped(FyersColumn.ticker.rawValue) else {
      throw Fault(column: FyersColumn.ticker.name, reason: .impossibleValue(SymbolTableBuilder.printable(ticker)))
    }
    let name = ticker.extracting(4..<ticker.count)
    var underlying = reader[FyersColumn.underlying.rawValue]
    var series = name.extracting(first: 0)
    if row.kind == .equity {
      // `BAJAJ-AUTO-EQ`: the series stands behind the last hyphen.
      var hyphen = name.count - 1
      while hyphen > 0, name[hyphen] != UInt8(ascii: "-") { hyphen -= 1 }
      if hyphen > 0 { series = name.extracting(hyphen + 1..<name.count) }
      underlying = hyphen > 0 ? name.extracting(0..<hyphen) : name
    }
    guard !underlying.isEmpty, !underlying.equals("None") else { return countUnusable() }
    try store(
      row, name: name, underlying: underlying, series: series, line: reader.line, nameColumn: FyersColumn.ticker.name)
  }

  private func fyersCode(_ reader: borrowing CSVReader, _ column: FyersColumn) throws(Fault) -> Int64 {
    let text = reader[column.rawValue]
    guard let number = CSVNumber(text)?.whole else {
      throw Fault(column: column.name, reason: .impossibleValue(SymbolTableBuilder.printable(text)))
    }
    return number
  }

  private func fyersKind(_ reader: borrowing CSVReader, _ segment: ExchangeSegment) throws(Fault) -> SymbolKind {
    if !segment.isTradable { return .index }
    if segment == .nseEquity || segment == .bseEquity { return .equity }
    let type = reader[FyersColumn.optionType.rawValue]
    if type.equals("CE") { return .call }
    if type.equals("PE") { return .put }
    if type.equals("XX") { return .future }
    throw Fault(column: FyersColumn.optionType.name, reason: .impossibleValue(SymbolTableBuilder.printable(type)))
  }

  /// Exchange 10 NSE, 11 MCX, 12 BSE; segment 10 capital market, 11 derivatives, 12 currency, 20 commodity. Indices
  /// share their exchange's segment and are told apart by instrument type 10.
  private static func fyersSegment(_ exchange: Int64, _ segment: Int64, isIndex: Bool) -> ExchangeSegment? {
    switch (exchange, segment) {
    case (10, 10): isIndex ? .nseIndex : .nseEquity
    case (10, 11): .nseDerivatives
    case (10, 12): .nseCurrency
    case (10, 20): .nseCommodity
    case (12, 10): isIndex ? .bseIndex : .bseEquity
    case (12, 11): .bseDerivatives
    case (12, 12): .bseCurrency
    case (11, 20): isIndex ? .mcxIndex : .mcxCommodity
    default: nil
    }
  }

  /// The moment of expiry in epoch seconds; only its day in India counts (the clock part moved by ten minutes in 2026).
  private func fyersExpiry(_ text: Span<UInt8>) throws(Fault) -> UInt16? {
    guard let number = try SymbolTableBuilder.number(text, column: FyersColumn.expiry.name) else { return nil }
    if number.tenThousandths <= 0 { return nil }
    guard let seconds = number.whole, let moment = Timestamp(seconds: seconds),
      let days = SymbolTableBuilder.expiryDays(moment.indianDate)
    else {
      throw Fault(column: FyersColumn.expiry.name, reason: .impossibleValue(SymbolTableBuilder.printable(text)))
    }
    return days
  }
}
