package import Actors
package import OrderDomain
internal import Synchronization

/// The instruments of both brokers for one day: one list, spelt in either way, with the files that they publish.
///
/// Made from one file in the layout of Dhan's detailed master; what Fyers calls the same contracts is worked out from it,
/// so that the two brokers never contradict each other.
package final class SymbolCatalogue: Sendable {
  package let table: SymbolTable
  /// As it was read.
  package let detailed: [UInt8]
  package let day: CalendarDate
  /// By row: whether it is the last expiry of its month among its kind.
  private let isMonthly: [Bool]
  private let rows: [String: UInt32]
  /// By row.
  private let tickers: [String]
  let references: [InstrumentKey: Price]
  private let made: Mutex<[String: [UInt8]]>

  /// - Parameter files: by the broker's path; the others are made when they are asked for.
  package init(
    detailed: [UInt8], name: String, day: CalendarDate, files: [String: [UInt8]] = [:]
  ) throws(SymbolFileError) {
    made = Mutex(files)
    var builder = SymbolTableBuilder()
    try builder.add(file: name, format: .dhanDetailed, bytes: detailed.span)
    table = try builder.finish()
    self.detailed = detailed
    self.day = day
    let monthly = SymbolCatalogue.monthlies(table)
    var rows: [String: UInt32] = [:]
    rows.reserveCapacity(table.rowCount)
    var tickers: [String] = []
    tickers.reserveCapacity(table.rowCount)
    var references: [InstrumentKey: Price] = [:]
    for row in 0..<UInt32(table.rowCount) {
      let instrument = table.instrument(row: row)
      let ticker = FyersNames.ticker(instrument, isMonthly: monthly[Int(row)])
      rows[ticker] = row
      tickers.append(ticker)
      if let price = ReferencePrices.price(instrument) { references[instrument.key] = price }
    }
    isMonthly = monthly
    self.tickers = tickers
    self.rows = rows
    self.references = references
  }

  /// The few instruments that ship with the program.
  package static func sample(on day: CalendarDate) throws(SymbolFileError) -> SymbolCatalogue {
    try SymbolCatalogue(
      detailed: Array(SampleSymbols.text(today: day).utf8), name: SampleSymbols.fileName, day: day)
  }

  /// A made-up master of about so many rows, the same for the same seed; from 218,000 on as full as the real one.
  package static func generated(
    rowCount: Int, seed: UInt64, on day: CalendarDate
  ) throws(SymbolFileError) -> SymbolCatalogue {
    let percent = max(1, (rowCount + fullRowCount / 100 - 1) * 100 / fullRowCount)
    let generator = SymbolFileGenerator(seed: seed, today: day, percent: percent)
    let catalogue = try SymbolCatalogue(
      detailed: generator.dhanDetailed(hasBands: false), name: "generated.csv", day: day)
    catalogue.makeFiles()
    return catalogue
  }

  /// Rows at 100 percent.
  private static let fullRowCount = 218_000

  // MARK: Look-up

  package func instrument(_ key: InstrumentKey) -> Instrument? { table.instrument(key) }

  /// By Fyers' ticker, `NSE:SBIN-EQ`.
  package func instrument(ticker: String) -> Instrument? { rows[ticker].map { table.instrument(row: $0) } }

  package func ticker(_ instrument: Instrument) -> String {
    table.rowNumber(instrument.key).map { tickers[Int($0)] } ?? instrument.tradingSymbol
  }

  /// Every instrument, with its ticker and whether it is the last expiry of its month.
  func forEachInstrument(_ body: (Instrument, String, Bool) -> Void) {
    for row in 0..<UInt32(table.rowCount) {
      body(table.instrument(row: row), tickers[Int(row)], isMonthly[Int(row)])
    }
  }

  private struct SeriesKey: Hashable {
    let underlying: String
    let segment: ExchangeSegment
    let isOption: Bool
    let year: Int
    let month: Int

    init?(_ instrument: Instrument) {
      guard let expiry = instrument.contract.expiry else { return nil }
      underlying = instrument.underlying
      segment = instrument.key.segment
      if case .option = instrument.contract { isOption = true } else { isOption = false }
      (year, month, _) = expiry.components
    }
  }

  private static func monthlies(_ table: SymbolTable) -> [Bool] {
    var numbers: [SeriesKey: Int] = [:]
    var last: [CalendarDate] = []
    var entries: [(series: Int, expiry: CalendarDate)?] = []
    entries.reserveCapacity(table.rowCount)
    for row in 0..<UInt32(table.rowCount) {
      let instrument = table.instrument(row: row)
      guard let key = SeriesKey(instrument), let expiry = instrument.contract.expiry else {
        entries.append(nil)
        continue
      }
      let number = numbers[key] ?? last.count
      if number == last.count {
        numbers[key] = number
        last.append(expiry)
      } else if last[number] < expiry {
        last[number] = expiry
      }
      entries.append((number, expiry))
    }
    return entries.map { entry in entry.map { last[$0.series] == $0.expiry } ?? false }
  }

  // MARK: Files

  /// The file at a broker's path, `nil` where there is none. Made when it is first asked for.
  package func file(_ path: String) -> [UInt8]? {
    if path == "/api-data/api-scrip-master-detailed.csv" { return detailed }
    if let known = made.withLock({ $0[path] }) { return known }
    // A file without a row is none, as with brokers.
    guard let bytes = make(path), bytes.count > 2 else { return nil }
    made.withLock { $0[path] = bytes }
    return bytes
  }

  /// Makes all files now, so that no call waits for one.
  package func makeFiles() {
    var files = fyersCSVs().filter { !$0.value.isEmpty }.map { ("/sym_details/\($0.key.rawValue).csv", $0.value) }
    files.append(("/api-data/api-scrip-master.csv", dhanCompact()))
    made.withLock { $0.merge(files) { _, new in new } }
  }

  private func make(_ path: String) -> [UInt8]? {
    if path == "/api-data/api-scrip-master.csv" { return dhanCompact() }
    guard path.hasPrefix("/sym_details/") else { return nil }
    let name = path.dropFirst("/sym_details/".count)
    if name.hasSuffix("_sym_master.json") {
      return FyersFile(rawValue: String(name.dropLast("_sym_master.json".count))).map { fyersJSON($0) }
    }
    guard name.hasSuffix(".csv") else { return nil }
    return FyersFile(rawValue: String(name.dropLast(4))).flatMap { fyersCSVs()[$0] }
  }
}
