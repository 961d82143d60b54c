/// Where a Dhan file has the columns that are read. Found by name: the detailed file has had 39, 31 and 32 columns
/// within one year.
struct DhanColumns {
  var exchange = DhanColumns.absent
  var segment = DhanColumns.absent
  var securityID = DhanColumns.absent
  var instrument = DhanColumns.absent
  /// A derivative's own name: `NIFTY-Sep2026-29150-CE`.
  var contractName = DhanColumns.absent
  /// The mnemonic of a share or index.
  var mnemonic = DhanColumns.absent
  /// The underlying of a derivative, where the file has a trustworthy one.
  var underlying = DhanColumns.absent
  var series = DhanColumns.absent
  var lot = DhanColumns.absent
  var expiry = DhanColumns.absent
  var strike = DhanColumns.absent
  var optionType = DhanColumns.absent
  var tick = DhanColumns.absent
  var freeze = DhanColumns.absent
  var upperLimit = DhanColumns.absent
  var lowerLimit = DhanColumns.absent
  let names: Names
  let count: Int

  static let absent = -1

  /// The broker's spellings.
  struct Names {
    let exchange, segment, securityID, instrument, contractName, mnemonic, series, lot, expiry, strike, optionType,
      tick: String
  }

  static let compactNames = Names(
    exchange: "SEM_EXM_EXCH_ID", segment: "SEM_SEGMENT", securityID: "SEM_SMST_SECURITY_ID",
    instrument: "SEM_INSTRUMENT_NAME", contractName: "SEM_TRADING_SYMBOL", mnemonic: "SEM_TRADING_SYMBOL",
    series: "SEM_SERIES", lot: "SEM_LOT_UNITS", expiry: "SEM_EXPIRY_DATE", strike: "SEM_STRIKE_PRICE",
    optionType: "SEM_OPTION_TYPE", tick: "SEM_TICK_SIZE")

  static let detailedNames = Names(
    exchange: "EXCH_ID", segment: "SEGMENT", securityID: "SECURITY_ID", instrument: "INSTRUMENT",
    contractName: "SYMBOL_NAME", mnemonic: "UNDERLYING_SYMBOL", series: "SERIES", lot: "LOT_SIZE",
    expiry: "SM_EXPIRY_DATE", strike: "STRIKE_PRICE", optionType: "OPTION_TYPE", tick: "TICK_SIZE")

  static let freezeName = "SM_FREEZE_QTY"
  static let upperLimitName = "SM_UPPER_LIMIT"
  static let lowerLimitName = "SM_LOWER_LIMIT"

  /// Reads the header row.
  init(header reader: borrowing CSVReader, isCompact: Bool) throws(SymbolTableBuilder.Fault) {
    names = isCompact ? DhanColumns.compactNames : DhanColumns.detailedNames
    count = reader.fieldCount
    var columns: [String] = []
    for index in 0..<count {
      let text = reader[index]
      let bytes = text.indices.map { text[$0] }
      columns.append(String(decoding: bytes, as: UTF8.self))
    }
    func find(_ name: String) throws(SymbolTableBuilder.Fault) -> Int {
      guard let index = columns.firstIndex(of: name) else { return DhanColumns.absent }
      guard columns.lastIndex(of: name) == index else { throw .init(column: name, reason: .columnNamedTwice) }
      return index
    }
    func require(_ name: String) throws(SymbolTableBuilder.Fault) -> Int {
      let index = try find(name)
      guard index != DhanColumns.absent else { throw .init(column: name, reason: .missingColumn) }
      return index
    }
    exchange = try require(names.exchange)
    segment = try require(names.segment)
    securityID = try require(names.securityID)
    instrument = try require(names.instrument)
    contractName = try require(names.contractName)
    mnemonic = try require(names.mnemonic)
    series = try require(names.series)
    lot = try require(names.lot)
    expiry = try require(names.expiry)
    strike = try require(names.strike)
    optionType = try require(names.optionType)
    tick = try require(names.tick)
    guard !isCompact else { return }
    underlying = mnemonic
    freeze = try find(DhanColumns.freezeName)
    upperLimit = try find(DhanColumns.upperLimitName)
    lowerLimit = try find(DhanColumns.lowerLimitName)
  }
}
