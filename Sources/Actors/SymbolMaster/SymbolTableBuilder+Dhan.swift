internal import OrderDomain

extension SymbolTableBuilder {
  mutating func addDhanRows(_ reader: inout CSVReader, _ format: SymbolFileFormat) throws(Fault) {
    guard try nextRow(&reader) else { throw Fault(column: nil, reason: .notASymbolFile(looksLike: "empty")) }
    let columns = try DhanColumns(header: reader, isCompact: format == .dhanCompact)
    while try nextRow(&reader) {
      try checkFieldCount(reader, expected: columns.count)
      switch try dhanRow(reader, columns) {
      case .row(let row): try storeDhan(row, reader, columns)
      case .unsupported: countUnsupported()
      case .unusable: countUnusable()
      }
    }
  }

  /// Reads the numbers of a row. Only rows that the engine could trade are judged.
  private func dhanRow(_ reader: borrowing CSVReader, _ columns: DhanColumns) throws(Fault) -> Reading {
    let names = columns.names
    guard
      let segment = SymbolTableBuilder.dhanSegment(reader[columns.exchange], reader[columns.segment]),
      let instrument = SymbolTableBuilder.dhanInstrument(reader[columns.instrument]),
      (segment.isTradable ? instrument != .index : instrument == .index)
    else { return .unsupported }
    let kind: SymbolKind
    switch instrument {
    case .equity:
      guard segment == .nseEquity || segment == .bseEquity else { return .unsupported }
      kind = .equity
    case .index: kind = .index
    case .future, .option:
      guard segment != .nseEquity, segment != .bseEquity else { return .unsupported }
      kind = instrument == .future ? .future : try SymbolTableBuilder.optionKind(reader, columns)
    }
    let id = try SymbolTableBuilder.securityID(reader[columns.securityID], column: names.securityID)
    // The tick column is in paise, except on INDEX rows, which are in rupees.
    let tick = try SymbolTableBuilder.tick(
      reader[columns.tick], column: names.tick, perRupee: kind == .index ? 1 : 100)
    let lot = try SymbolTableBuilder.lot(reader[columns.lot], column: names.lot)
    if kind == .index {
      return .row(SymbolRow(securityID: id, tick: tick ?? 100, lot: lot ?? 1, segment: segment, kind: kind))
    }
    guard let tick, let lot else { return .unusable }
    var row = SymbolRow(securityID: id, tick: tick, lot: lot, segment: segment, kind: kind)
    if kind != .equity {
      guard let expiry = try SymbolTableBuilder.dhanExpiry(reader[columns.expiry], column: names.expiry) else {
        return .unusable
      }
      row.expiry = expiry
    }
    if kind.isOption {
      guard let strike = try SymbolTableBuilder.strike(reader[columns.strike], column: names.strike) else {
        return .unusable
      }
      row.strike = strike
    }
    if columns.freeze != DhanColumns.absent { row.freeze = try dhanFreeze(reader[columns.freeze]) }
    try setBand(&row, reader, columns)
    return .row(row)
  }

  private mutating func storeDhan(
    _ row: SymbolRow, _ reader: borrowing CSVReader, _ columns: DhanColumns
  ) throws(Fault) {
    var column = row.kind == .equity || row.kind == .index ? columns.mnemonic : columns.contractName
    if reader[column].isEmpty || reader[column].equals("NA") { column = columns.contractName }
    let name = reader[column]
    let columnName = columns.names.contractName
    guard !name.isEmpty else { return countUnusable() }
    if reader.isEscaped(column) {
      // A doubled quote in a mnemonic: nobody has seen one, and one may be read.
      let text = SymbolTableBuilder.unescaped(name)
      return try store(
        row, name: text.span, underlying: text.span, series: reader[columns.series], line: reader.line,
        nameColumn: columnName)
    }
    switch row.kind {
    case .equity:
      let series = reader[columns.series]
      try store(
        row, name: name, underlying: name, series: series.equals("NA") ? series.extracting(first: 0) : series,
        line: reader.line, nameColumn: columnName)
    case .index:
      try store(
        row, name: name, underlying: name, series: name.extracting(first: 0), line: reader.line,
        nameColumn: columnName)
    case .future, .call, .put:
      var underlying = name.extracting(first: 0)
      if columns.underlying != DhanColumns.absent, !reader.isEscaped(columns.underlying),
        !reader[columns.underlying].equals("NA")
      {
        underlying = reader[columns.underlying]
      }
      if underlying.isEmpty {
        underlying = SymbolTableBuilder.withoutTail(name, partCount: row.kind == .future ? 2 : 3)
      }
      guard !underlying.isEmpty else { return countUnusable() }
      try store(
        row, name: name, underlying: underlying, series: name.extracting(first: 0), line: reader.line,
        nameColumn: columnName)
    }
  }

  /// The underlying of a trading symbol, split from the RIGHT because underlyings hold hyphens themselves:
  /// `BAJAJ-AUTO-Sep2026-FUT` has two tail parts, an option three. Empty when there are too few parts.
  @_lifetime(copy name)
  static func withoutTail(_ name: Span<UInt8>, partCount: Int) -> Span<UInt8> {
    var rest = partCount
    var index = name.count
    while index > 0, rest > 0 {
      index -= 1
      if name[index] == UInt8(ascii: "-") { rest -= 1 }
    }
    return name.extracting(0..<(rest == 0 ? index : 0))
  }

  private enum DhanInstrument { case equity, index, future, option }

  private static func dhanInstrument(_ text: Span<UInt8>) -> DhanInstrument? {
    if text.count == 6, text.starts(with: "OPT") || text.starts(with: "FUT") {
      return text[0] == UInt8(ascii: "O") ? .option : .future
    }
    if text.equals("EQUITY") { return .equity }
    if text.equals("INDEX") { return .index }
    return nil
  }

  /// Dhan's letters: E equity, D derivatives, C currency, I index, M commodity.
  private static func dhanSegment(_ exchange: Span<UInt8>, _ letter: Span<UInt8>) -> ExchangeSegment? {
    guard letter.count == 1 else { return nil }
    if exchange.equals("NSE") {
      switch letter[0] {
      case UInt8(ascii: "E"): return .nseEquity
      case UInt8(ascii: "D"): return .nseDerivatives
      case UInt8(ascii: "C"): return .nseCurrency
      case UInt8(ascii: "M"): return .nseCommodity
      case UInt8(ascii: "I"): return .nseIndex
      default: return nil
      }
    }
    if exchange.equals("BSE") {
      switch letter[0] {
      case UInt8(ascii: "E"): return .bseEquity
      case UInt8(ascii: "D"): return .bseDerivatives
      case UInt8(ascii: "C"): return .bseCurrency
      case UInt8(ascii: "I"): return .bseIndex
      default: return nil
      }
    }
    guard exchange.equals("MCX") else { return nil }
    switch letter[0] {
    case UInt8(ascii: "M"): return .mcxCommodity
    case UInt8(ascii: "I"): return .mcxIndex
    default: return nil
    }
  }

  private static func optionKind(_ reader: borrowing CSVReader, _ columns: DhanColumns) throws(Fault) -> SymbolKind {
    let text = reader[columns.optionType]
    if text.equals("CE") { return .call }
    if text.equals("PE") { return .put }
    throw Fault(column: columns.names.optionType, reason: .impossibleValue(printable(text)))
  }

  /// `2026-09-29` or `2026-09-29 14:30:00` (the clock part is not the real close); `nil` for none (`0001-01-01`).
  /// Copies that were re-saved as `29/09/26` are refused: nothing tells day and month apart for sure.
  static func dhanExpiry(_ text: Span<UInt8>, column: String) throws(Fault) -> UInt16? {
    if text.isEmpty || text.equals("NA") || text.starts(with: "0001-01-01") { return nil }
    guard text.count == 10 || (text.count == 19 && text[10] == UInt8(ascii: " ")),
      let date = CalendarDate(iso: text.extracting(0..<10)), let days = expiryDays(date)
    else { throw Fault(column: column, reason: .impossibleValue(printable(text))) }
    return days
  }

  /// `nil` outside 2000 … 2149.
  static func expiryDays(_ date: CalendarDate) -> UInt16? {
    date.daysSinceEpoch >= 10_957 ? UInt16(exactly: date.daysSinceEpoch) : nil
  }

  /// 0 for none: blank, zero, and the negative figures of cash rows.
  private func dhanFreeze(_ text: Span<UInt8>) throws(Fault) -> UInt32 {
    let column = DhanColumns.freezeName
    guard let number = try SymbolTableBuilder.number(text, column: column), number.tenThousandths > 0 else { return 0 }
    guard let whole = number.whole, let freeze = UInt32(exactly: whole) else {
      throw Fault(column: column, reason: .impossibleValue(SymbolTableBuilder.printable(text)))
    }
    return freeze
  }

  /// Rupees, unlike the tick. Blank or zero limits, or an upper below a lower, are no band.
  private func setBand(
    _ row: inout SymbolRow, _ reader: borrowing CSVReader, _ columns: DhanColumns
  ) throws(Fault) {
    guard columns.upperLimit != DhanColumns.absent, columns.lowerLimit != DhanColumns.absent else { return }
    // A last field without a line end behind it may have lost digits; a band must not be made of it.
    let last = columns.count - 1
    if reader.endsWithoutLineEnd, columns.upperLimit == last || columns.lowerLimit == last { return }
    guard
      let upper = try SymbolTableBuilder.number(reader[columns.upperLimit], column: DhanColumns.upperLimitName),
      let lower = try SymbolTableBuilder.number(reader[columns.lowerLimit], column: DhanColumns.lowerLimitName),
      upper.tenThousandths > 0, lower.tenThousandths >= 0
    else { return }
    // Digits beyond what we keep are rounded into the band.
    let lowerValue = lower.isExact ? lower.tenThousandths : lower.tenThousandths + 1
    guard let high = SymbolTableBuilder.packed(upper.tenThousandths, roundingUp: false),
      let low = SymbolTableBuilder.packed(lowerValue, roundingUp: true), low <= high
    else { return }
    row.bandLow = low
    row.bandHigh = high
  }

  private static func packed(_ tenThousandths: Int64, roundingUp: Bool) -> PackedPrice? {
    if let exact = PackedPrice(tenThousandths: tenThousandths) { return exact }
    let paise = tenThousandths / 100 + (roundingUp ? 1 : 0)
    return PackedPrice(tenThousandths: paise * 100)
  }
}
