package import OrderDomain

/// One instrument of a generated market, before any broker has spelt it.
package struct GeneratedSymbol: Sendable {
  package enum Kind: Sendable { case equity, index, future, option(OptionType) }

  package var segment: ExchangeSegment
  package var id: Int
  package var kind: Kind
  package var underlying: String
  /// Empty for everything but shares and bonds.
  package var series = ""
  package var lot = 1
  /// Hundredths of a paisa: 1000 is ₹0.10.
  package var tickTenThousandths = 500
  package var expiry = CalendarDate(daysSinceEpoch: 0)
  /// Whether it is the last expiry of its month in its chain: what Dhan flags M.
  package var isMonthly = false
  /// Ten-thousandths of a rupee.
  package var strike: Int64 = 0
  /// The first refused quantity; 0 for none.
  package var freeze = 0
}

/// Writes symbol masters of full size, the same for the same seed: 13,339 BSE and 9,586 NSE papers, 191 indices, and
/// chains of index, stock, commodity and currency derivatives. The mnemonics are made up but for the best known ones.
package struct SymbolFileGenerator: Sendable {
  package let today: CalendarDate
  package private(set) var symbols: [GeneratedSymbol] = []
  private var state: UInt64

  /// - Parameter percent: how much of each list is generated; 100 gives at least 218,000 rows.
  package init(seed: UInt64, today: CalendarDate, percent: Int = 100) {
    self.today = today
    state = seed
    func part(_ count: Int) -> Int { max(1, count * percent / 100) }
    let names = addPapers(nse: part(9_586), bse: part(13_339))
    addIndices(nse: part(119), bse: part(72))
    let stocks = Array(names.prefix(part(220)))
    addIndexChains(strikeCount: part(220))
    addStockChains(stocks, .nseDerivatives, weekday: 1, strikeCount: 90)
    addStockChains(Array(stocks.prefix(part(160))), .bseDerivatives, weekday: 3, strikeCount: 52)
    addCommodities(strikeCount: part(60))
    addCurrencies(strikeCount: part(60))
    addTestContracts()
  }

  // MARK: Instruments

  /// Well-known shares with their real ids; the rest of the list follows them.
  private static let known: [(name: String, id: Int, tick: Int)] = [
    ("RELIANCE", 2_885, 1_000), ("TCS", 11_536, 1_000), ("INFY", 1_594, 1_000), ("HDFCBANK", 1_333, 500),
    ("SBIN", 3_045, 1_000), ("IDEA", 14_366, 100), ("M&M", 2_031, 1_000), ("BAJAJ-AUTO", 16_669, 5_000),
    ("NAM-INDIA", 357, 500), ("360ONE", 13_061, 1_000), ("ABB", 13, 5_000), ("ADANIENT", 25, 1_000),
  ]

  private mutating func addPapers(nse: Int, bse: Int) -> [String] {
    var names: [String] = []
    var id = 20_000
    for number in 0..<nse {
      if number < Self.known.count {
        let (name, id, tick) = Self.known[number]
        names.append(name)
        add(GeneratedSymbol(segment: .nseEquity, id: id, kind: .equity, underlying: name, series: "EQ"), tick: tick)
        continue
      }
      id += 1 + Int(next() % 3)
      let isBond = number > 3_200
      let name = isBond ? "\(600 + number % 300)GS\(2_027 + number % 40)\(letters(number))" : mnemonic(number)
      if !isBond { names.append(name) }
      let series = isBond ? ["GS", "SG", "N1", "TB"][number % 4] : number % 12 == 0 ? "BE" : "EQ"
      let tick = [100, 500, 1_000][Int(next() % 3)]
      add(GeneratedSymbol(segment: .nseEquity, id: id, kind: .equity, underlying: name, series: series), tick: tick)
    }
    for number in 0..<bse {
      let name = number < names.count ? names[number] : mnemonic(100_000 + number)
      let series = ["A", "B", "T", "X", "XT"][number % 5]
      let id = number == 0 ? 500_325 : 500_400 + number
      add(GeneratedSymbol(segment: .bseEquity, id: id, kind: .equity, underlying: name, series: series), tick: 500)
    }
    return names
  }

  private mutating func addIndices(nse: Int, bse: Int) {
    let known = [("NIFTY", 13), ("BANKNIFTY", 25), ("INDIA VIX", 21), ("FINNIFTY", 27), ("MIDCPNIFTY", 442)]
    for number in 0..<max(nse, known.count) {
      let (name, id) = number < known.count ? known[number] : ("NIFTY \(mnemonic(500_000 + number))", 1_000 + number)
      symbols.append(GeneratedSymbol(segment: .nseIndex, id: id, kind: .index, underlying: name))
    }
    for number in 0..<bse {
      let (name, id) = number == 0 ? ("SENSEX", 51) : ("BSE \(mnemonic(600_000 + number))", 2_000 + number)
      symbols.append(GeneratedSymbol(segment: .bseIndex, id: id, kind: .index, underlying: name))
    }
  }

  private mutating func addIndexChains(strikeCount: Int) {
    let tuesdays = merged(weekly(1, 5), monthly(1, 12))
    let thursdays = merged(weekly(3, 5), monthly(3, 12))
    let months = monthly(1, 3)
    addChain(.nseDerivatives, "NIFTY", tuesdays, months, lot: 65, freeze: 1_756, middle: 26_000, 50, strikeCount)
    addChain(.nseDerivatives, "BANKNIFTY", months, months, lot: 30, freeze: 601, middle: 58_000, 100, strikeCount)
    addChain(.nseDerivatives, "FINNIFTY", months, months, lot: 60, freeze: 1_201, middle: 27_000, 50, strikeCount)
    addChain(.nseDerivatives, "MIDCPNIFTY", months, months, lot: 120, freeze: 2_761, middle: 13_500, 25, strikeCount)
    addChain(
      .bseDerivatives, "SENSEX", thursdays, monthly(3, 3), lot: 20, freeze: 1_001, middle: 85_000, 100, strikeCount)
  }

  private mutating func addStockChains(
    _ names: [String], _ segment: ExchangeSegment, weekday: Int, strikeCount: Int
  ) {
    let months = monthly(weekday, 3)
    for name in names {
      let middle = 100 + Int(next() % 4_000)
      let lot = 25 * (1 + Int(next() % 60))
      let step = max(1, middle / 50)
      addChain(segment, name, months, months, lot: lot, freeze: lot * 40 + 1, middle: middle, step, strikeCount)
    }
  }

  private mutating func addCommodities(strikeCount: Int) {
    let names = [
      ("GOLD", 125_000, 100), ("GOLDM", 125_000, 100), ("SILVER", 160_000, 250), ("CRUDEOIL", 5_300, 50),
      ("NATURALGAS", 380, 5), ("COPPER", 1_000, 10), ("ZINC", 300, 5), ("ALUMINIUM", 270, 5),
    ]
    for (offset, entry) in names.enumerated() {
      let days = monthDays(5 + offset * 2, 4)
      addChain(.mcxCommodity, entry.0, days, days, lot: 1, freeze: 0, middle: entry.1, entry.2, strikeCount)
    }
  }

  private mutating func addCurrencies(strikeCount: Int) {
    for (offset, name) in ["USDINR", "EURINR", "GBPINR", "JPYINR"].enumerated() {
      let fridays = weekly(4, 11)
      addChain(
        .nseCurrency, name, fridays, fridays, lot: 1, freeze: 0, middle: 80 + offset * 10, 1, strikeCount, tick: 25,
        strikeUnit: 2_500)
    }
  }

  private mutating func addTestContracts() {
    for number in 0..<40 {
      let name = String(String(number + 1_000).dropFirst()) + "NSETEST"
      addChain(.nseDerivatives, name, monthly(1, 1), monthly(1, 1), lot: 100, freeze: 0, middle: 500, 10, 4)
    }
  }

  private mutating func addChain(
    _ segment: ExchangeSegment, _ underlying: String, _ optionExpiries: [CalendarDate],
    _ futureExpiries: [CalendarDate],
    lot: Int, freeze: Int, middle: Int, _ step: Int, _ strikeCount: Int, tick: Int = 500, strikeUnit: Int64 = 10_000
  ) {
    var base = GeneratedSymbol(segment: segment, id: 0, kind: .future, underlying: underlying)
    base.lot = lot
    base.freeze = freeze
    for expiry in futureExpiries {
      base.expiry = expiry
      base.isMonthly = Self.isLast(expiry, futureExpiries)
      addContract(base, tick: tick)
    }
    let first = max(1, middle - step * strikeCount / 2)
    for expiry in optionExpiries {
      base.expiry = expiry
      base.isMonthly = Self.isLast(expiry, optionExpiries)
      for number in 0..<strikeCount {
        base.strike = Int64(first + number * step) * strikeUnit
        for type in [OptionType.call, .put] {
          base.kind = .option(type)
          addContract(base, tick: tick)
        }
      }
    }
  }

  /// Ids of each segment start where the real ones lie; NSE's currency ids include RELIANCE's 2885.
  private var nextIDs: [ExchangeSegment: Int] = [
    .nseDerivatives: 35_000, .bseDerivatives: 820_000, .mcxCommodity: 430_000, .nseCurrency: 1_000,
  ]

  private mutating func addContract(_ symbol: GeneratedSymbol, tick: Int) {
    var symbol = symbol
    symbol.id = nextIDs[symbol.segment] ?? 1
    nextIDs[symbol.segment] = symbol.id + 1
    add(symbol, tick: tick)
  }

  private mutating func add(_ symbol: GeneratedSymbol, tick: Int) {
    var symbol = symbol
    symbol.tickTenThousandths = tick
    symbols.append(symbol)
  }

  // MARK: Chance and dates

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A name of its own for every number: four drawn letters, then the number in base 26.
  private mutating func mnemonic(_ number: Int) -> String {
    var bytes: [UInt8] = []
    for _ in 0..<4 { bytes.append(UInt8(ascii: "A") + UInt8(next() % 26)) }
    return String(decoding: bytes, as: UTF8.self) + letters(number)
  }

  private func letters(_ number: Int) -> String {
    var bytes: [UInt8] = []
    var rest = number
    for _ in 0..<5 {
      bytes.append(UInt8(ascii: "A") + UInt8(rest % 26))
      rest /= 26
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func weekly(_ weekday: Int, _ count: Int32) -> [CalendarDate] {
    let first = today.adding(days: Int32((weekday - today.weekday + 7) % 7))
    return (0..<count).map { first.adding(days: 7 * $0) }
  }

  private func monthly(_ weekday: Int, _ count: Int) -> [CalendarDate] {
    days(count) { $0.weekday == weekday && $0.adding(days: 7).components.month != $0.components.month }
  }

  private func monthDays(_ wanted: Int, _ count: Int) -> [CalendarDate] {
    days(count) { $0.components.day == wanted }
  }

  private func days(_ count: Int, where isWanted: (CalendarDate) -> Bool) -> [CalendarDate] {
    var found: [CalendarDate] = []
    var day = today
    while found.count < count {
      if isWanted(day) { found.append(day) }
      day = day.adding(days: 1)
    }
    return found
  }

  private func merged(_ left: [CalendarDate], _ right: [CalendarDate]) -> [CalendarDate] {
    (left + right.filter { !left.contains($0) }).sorted()
  }

  private static func isLast(_ expiry: CalendarDate, _ expiries: [CalendarDate]) -> Bool {
    let date = expiry.components
    return !expiries.contains {
      $0 > expiry && $0.components.month == date.month && $0.components.year == date.year
    }
  }
}
