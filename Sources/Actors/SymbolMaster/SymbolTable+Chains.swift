public import OrderDomain

/// Futures and options of an underlying. Expiries are what the master lists, never what a weekday suggests.
extension SymbolTable {
  /// The segments with derivatives, in the order in which they are asked when no exchange is named: NSE, BSE, MCX.
  static let derivativeSegments: [ExchangeSegment] = [
    .nseDerivatives, .bseDerivatives, .mcxCommodity, .nseCurrency, .nseCommodity, .bseCurrency,
  ]

  /// How many of the nearest expiries say whether a weekly series is listed: further out, even weekly underlyings list
  /// month ends only.
  static let weeklyEvidenceCount = 4

  /// The option expiries of an underlying from `today` on, nearest first; empty when it has none.
  public func optionExpiries(of underlying: String, exchange: Exchange? = nil, today: CalendarDate) -> [CalendarDate] {
    guard let group = underlyingGroup(SymbolTable.upperCased(underlying), exchange, hasOptions: true) else { return [] }
    return liveRuns(groups[group], isOption: true, today).map(\.date)
  }

  /// The strikes that an underlying's options of one expiry have, lowest first.
  public func strikes(of underlying: String, exchange: Exchange? = nil, expiry: CalendarDate) -> [Price] {
    guard let group = underlyingGroup(SymbolTable.upperCased(underlying), exchange, hasOptions: true),
      let run = runs(of: groups[group], isOption: true).first(where: { $0.date == expiry })
    else { return [] }
    var strikes: [PackedPrice] = []
    for index in run.range {
      let strike = rows[Int(order[index])].strike
      if strikes.last != strike { strikes.append(strike) }
    }
    return strikes.map(\.price)
  }

  // MARK: Groups

  /// The group of a name in each segment, by the segment's raw value; ``SymbolRow/none`` where there is none.
  func groupNumbers(named name: Span<UInt8>) -> InlineArray<11, UInt32> {
    var found = InlineArray<11, UInt32>(repeating: SymbolRow.none)
    groupIndex.forEach(SymbolHash.hash(name)) { number in
      let group = groups[Int(number)]
      if isName(name, start: group.nameStart, count: group.nameCount) { found[Int(group.segmentCode)] = number }
    }
    return found
  }

  /// The group with derivatives that an upper-case name means, in any of its spellings.
  func underlyingGroup(_ name: [UInt8], _ exchange: Exchange?, hasOptions: Bool) -> Int? {
    for spelling in SymbolTable.spellings(of: name) {
      let numbers = groupNumbers(named: spelling.span)
      for segment in SymbolTable.derivativeSegments where exchange == nil || segment.exchange == exchange {
        let number = numbers[Int(segment.rawValue)]
        guard number != SymbolRow.none else { continue }
        if runs(of: groups[Int(number)], isOption: hasOptions).first != nil { return Int(number) }
      }
    }
    return nil
  }

  /// How a hand-typed or charted name may be listed: as it is; with TradingView's underscores read as `&` or `-`;
  /// without `-EQ`, `-INDEX` or `1!`; as the index it is another name of. Nearest first, at most a dozen.
  static func spellings(of name: [UInt8]) -> [[UInt8]] {
    var spellings = [name]
    let underscores = name.indices.filter { name[$0] == UInt8(ascii: "_") }
    // TradingView writes M&M as M_M and BAJAJ-AUTO as BAJAJ_AUTO; no listed name has more than two such places.
    if !underscores.isEmpty, underscores.count <= 3 {
      for choice in 0..<(1 << underscores.count) {
        var spelling = name
        for (bit, index) in underscores.enumerated() {
          spelling[index] = choice >> bit & 1 == 0 ? UInt8(ascii: "&") : UInt8(ascii: "-")
        }
        spellings.append(spelling)
      }
    }
    if name.count > 2, name.last == UInt8(ascii: "!") { spellings.append(Array(name.dropLast(2))) }
    for suffix in ["-EQ", "-INDEX"] where name.count > suffix.utf8.count {
      if name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) {
        spellings.append(Array(name.dropLast(suffix.utf8.count)))
      }
    }
    if let last = spellings.last, let index = IndexAliases.name(of: last), index != last { spellings.append(index) }
    return spellings
  }

  static func upperCased(_ text: String) -> [UInt8] {
    text.utf8.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 & 0xDF : $0 }
  }

  // MARK: Expiries

  func runs(of group: SymbolGroup, isOption: Bool) -> LazyFilterSequence<LazyMapSequence<Range<Int>, ExpiryRun>> {
    let first = Int(group.firstRun)
    return (first..<first + Int(group.runCount)).lazy.map { self.runs[$0] }.filter { $0.isOption == isOption }
  }

  func liveRuns(_ group: SymbolGroup, isOption: Bool, _ today: CalendarDate) -> [ExpiryRun] {
    runs(of: group, isOption: isOption).filter { $0.date >= today }
  }

  /// Whether an expiry is the last listed one of its month: that is what “monthly” means here. The file's own M and W
  /// flags are not asked; exchanges re-tag expiries, and files have been wrong about it.
  func isLastOfMonth(_ run: ExpiryRun, _ group: SymbolGroup) -> Bool {
    let month = run.date.components
    return !runs(of: group, isOption: run.isOption).contains { other in
      guard other.expiry > run.expiry else { return false }
      let date = other.date.components
      return date.year == month.year && date.month == month.month
    }
  }

  // MARK: Strikes

  /// The rows of a run with this strike and type; more than one only in a master that lists a contract twice.
  func rowNumbers(in run: ExpiryRun, strike: PackedPrice, type: OptionType) -> [UInt32] {
    let wanted = UInt64(strike.bits) << 1 | (type == .put ? 1 : 0)
    func key(_ index: Int) -> UInt64 { rows[Int(order[index])].chainKey & ((1 << 33) - 1) }
    var low = run.range.lowerBound
    var high = run.range.upperBound
    while low < high {
      let middle = (low + high) / 2
      if key(middle) < wanted { low = middle + 1 } else { high = middle }
    }
    var found: [UInt32] = []
    while low < run.range.upperBound, key(low) == wanted, found.count < 4 {
      found.append(order[low])
      low += 1
    }
    return found
  }

  /// Up to two strikes of that type below and two above.
  func strikesNear(_ price: Price, in run: ExpiryRun, type: OptionType) -> [Price] {
    var below: [Price] = []
    var above: [Price] = []
    for index in run.range {
      let row = rows[Int(order[index])]
      guard row.kind == (type == .call ? .call : .put) else { continue }
      let strike = row.strike.price
      if strike < price {
        below.append(strike)
        if below.count > 2 { below.removeFirst() }
      } else if strike > price {
        above.append(strike)
        if above.count == 2 { break }
      }
    }
    return below + above
  }
}

extension ExpiryRun {
  var date: CalendarDate { CalendarDate(daysSinceEpoch: Int32(expiry)) }
  var range: Range<Int> { Int(first)..<Int(first + count) }
}
