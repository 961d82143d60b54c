public import OrderDomain

extension SymbolTable: InstrumentResolver {
  /// The longest name that is looked at; the longest listed one has 40 bytes.
  static let queryByteLimit = 64

  public func resolve(_ query: InstrumentQuery, today: CalendarDate) -> Result<Instrument, ResolutionFailure> {
    let found: Result<UInt32, ResolutionFailure> =
      switch query {
      case .symbol(let text, let exchange, let hint): resolve(symbol: text, exchange, hint, today)
      case .option(let underlying, let exchange, let strike, let type, let expiry):
        resolve(option: underlying, exchange, strike, type, expiry, today)
      }
    return found.map { instrument(row: $0) }
  }

  // MARK: A single name

  private func resolve(
    symbol text: String, _ exchange: Exchange?, _ hint: InstrumentHint?, _ today: CalendarDate
  ) -> Result<UInt32, ResolutionFailure> {
    let whole = text.utf8.span
    guard whole.count <= SymbolTable.queryByteLimit else {
      return .failure(.notFound(query: String(text.prefix(SymbolTable.queryByteLimit)), suggestions: []))
    }
    if SymbolTable.isTemplate(whole) { return .failure(.unfilledTemplate(text)) }
    let trimmed = SymbolTable.trimmed(whole)
    let (prefix, prefixCount) = SymbolTable.prefix(trimmed)
    let name = SymbolTable.trimmed(trimmed.extracting(prefixCount..<trimmed.count))
    guard !name.isEmpty else { return .failure(.notFound(query: text, suggestions: [])) }
    if let prefix, let exchange, prefix != exchange {
      // Which of the two was meant is not ours to guess.
      let bare = SymbolTable.string(name)
      return .failure(.ambiguous(query: text, candidates: [prefix, exchange].map { $0.code + ":" + bare }))
    }
    let query = NameQuery(text: text, exchange: prefix ?? exchange, hint: hint, today: today)
    // The hot path: a name that is listed as it was written. Nothing is allocated here.
    if let found = listed(name, query) { return found }
    return unlisted(SymbolTable.upperCased(SymbolTable.string(name)), query)
  }

  /// A name with what the alert said around it.
  struct NameQuery {
    let text: String
    let exchange: Exchange?
    let hint: InstrumentHint?
    let today: CalendarDate

    func allows(_ kind: SymbolKind) -> Bool {
      switch hint {
      case nil: true
      case .equity: kind == .equity
      case .index: kind == .index
      case .future: kind == .future
      case .option: kind.isOption
      }
    }

    func allows(_ segment: ExchangeSegment) -> Bool { exchange == nil || segment.exchange == exchange }
  }

  /// A share's mnemonic, an index, or a trading symbol exactly as the master has it (in any case of letters).
  ///
  /// A share wins over an index or an underlying of the same name; NSE is asked before BSE when no exchange is named.
  private func listed(_ name: Span<UInt8>, _ query: NameQuery) -> Result<UInt32, ResolutionFailure>? {
    let numbers = groupNumbers(named: name)
    if query.allows(SymbolKind.equity) {
      for segment in [ExchangeSegment.nseEquity, .bseEquity] where query.allows(segment) {
        let number = numbers[Int(segment.rawValue)]
        if number != SymbolRow.none { return share(in: groups[Int(number)], query) }
      }
    }
    if let first = rowNumber(named: name), let found = sameName(from: first, query) { return found }
    for segment in [ExchangeSegment.nseIndex, .bseIndex, .mcxIndex] where query.allows(segment) {
      let number = numbers[Int(segment.rawValue)]
      guard number != SymbolRow.none, query.allows(SymbolKind.index) else { continue }
      return .failure(.notTradable(symbol: self.name(groups[Int(number)])))
    }
    // An underlying's bare name is no contract. With one future listed it is clear which is meant, else it is not.
    for segment in SymbolTable.derivativeSegments where query.allows(segment) {
      let number = numbers[Int(segment.rawValue)]
      guard number != SymbolRow.none else { continue }
      return contract(ofUnderlying: groups[Int(number)], query)
    }
    return nil
  }

  /// The one share of a mnemonic: bonds and other papers of the company share it under series of their own.
  private func share(in group: SymbolGroup, _ query: NameQuery) -> Result<UInt32, ResolutionFailure> {
    let range = Int(group.first)..<Int(group.first + group.count)
    if range.count == 1 { return .success(order[range.lowerBound]) }
    for wanted in ["EQ", "BE", "BZ", "SM", "ST", "A", "B", "T", "X", "XT", "Z", "M", "MT"] {
      let matching = range.filter { series[Int(rows[Int(order[$0])].series)] == wanted }
      if matching.count == 1 { return .success(order[matching[0]]) }
      if matching.count > 1 { break }
    }
    return .failure(.ambiguous(query: query.text, candidates: range.prefix(5).map { label(order[$0]) }))
  }

  /// Every row with one trading symbol, of which Dhan gives the same to all weeklies of a month.
  private func sameName(from first: UInt32, _ query: NameQuery) -> Result<UInt32, ResolutionFailure>? {
    var found: [UInt32] = []
    var expired: CalendarDate?
    var number = first
    // Bounded: a broken file could give one name to everything.
    var rest = 256
    while number != SymbolRow.none, rest > 0 {
      let row = rows[Int(number)]
      if query.allows(row.kind), query.allows(row.segment) {
        if row.expiry > 0, row.expiryDate < query.today {
          expired = max(expired ?? row.expiryDate, row.expiryDate)
        } else {
          found.append(number)
        }
      }
      number = row.nextAlike
      rest -= 1
    }
    if found.isEmpty { return expired.map { .failure(.expired(symbol: query.text, on: $0)) } }
    return one(of: found, query)
  }

  private func one(of candidates: [UInt32], _ query: NameQuery) -> Result<UInt32, ResolutionFailure> {
    if candidates.count == 1 {
      let row = rows[Int(candidates[0])]
      return row.kind == .index ? .failure(.notTradable(symbol: name(row))) : .success(candidates[0])
    }
    // The same name at several exchanges: NSE, when no exchange is named.
    let atNSE = candidates.filter { rows[Int($0)].segment.exchange == .nse }
    if query.exchange == nil, atNSE.count == 1, candidates.allSatisfy({ rows[Int($0)].kind == .equity }) {
      return .success(atNSE[0])
    }
    let sorted = candidates.sorted { (rows[Int($0)].expiry, $0) < (rows[Int($1)].expiry, $1) }
    return .failure(.ambiguous(query: query.text, candidates: sorted.prefix(5).map { label($0) }))
  }

  private func contract(ofUnderlying group: SymbolGroup, _ query: NameQuery) -> Result<UInt32, ResolutionFailure>? {
    let wantsOption = query.hint == .option
    guard query.hint == nil || query.hint == .future || wantsOption else { return nil }
    let contracts = liveRuns(group, isOption: wantsOption, query.today).flatMap { $0.range.prefix(6) }.prefix(6)
    guard let first = contracts.first else { return nil }
    if contracts.count == 1 { return .success(order[first]) }
    return .failure(.ambiguous(query: query.text, candidates: contracts.prefix(5).map { label(order[$0]) }))
  }

  // MARK: Names that the master does not list

  private func unlisted(_ name: [UInt8], _ query: NameQuery) -> Result<UInt32, ResolutionFailure> {
    if let found = bySecurityID(name, query) { return found }
    if let found = withSeries(name, query) { return found }
    for spelling in SymbolTable.spellings(of: name).dropFirst() {
      // `NIFTY1!` is a future and no other spelling of the index.
      if name.last == UInt8(ascii: "!") { break }
      if let found = listed(spelling.span, query) { return found }
    }
    var failure: ResolutionFailure?
    var found: [UInt32] = []
    for form in SymbolForm.readings(of: name) {
      switch resolve(form, query) {
      case .success(let row): if !found.contains(row) { found.append(row) }
      case .failure(let reason): failure = failure ?? reason
      case nil: continue
      }
    }
    if found.isEmpty {
      return .failure(failure ?? .notFound(query: query.text, suggestions: suggestions(for: name, query.exchange)))
    }
    let allowed = found.filter { query.allows(rows[Int($0)].kind) }
    // The name is one contract, and the alert says that it is another kind of thing.
    if allowed.isEmpty { return .failure(.notFound(query: query.text, suggestions: found.prefix(5).map { label($0) })) }
    return one(of: allowed, query)
  }

  /// `2885`: the exchange's number, unique only within a segment.
  private func bySecurityID(_ name: [UInt8], _ query: NameQuery) -> Result<UInt32, ResolutionFailure>? {
    guard name.count <= 10, let id = UInt64(String(decoding: name, as: UTF8.self)) else { return nil }
    var found: [UInt32] = []
    var expired: CalendarDate?
    for segment in ExchangeSegment.allCases where query.allows(segment) {
      guard let number = rowNumber(InstrumentKey(segment: segment, securityID: SecurityID(id))) else { continue }
      let row = rows[Int(number)]
      guard query.allows(row.kind) else { continue }
      if row.expiry > 0, row.expiryDate < query.today { expired = row.expiryDate } else { found.append(number) }
    }
    if found.isEmpty { return expired.map { .failure(.expired(symbol: query.text, on: $0)) } }
    if found.count == 1 { return one(of: found, query) }
    // A number says nothing about which of its owners was meant.
    return .failure(.ambiguous(query: query.text, candidates: found.prefix(5).map { label($0) }))
  }

  /// `RELIANCE-EQ`, `BAJAJ_AUTO-EQ`, `SBIN-A`: a share with its series.
  private func withSeries(_ name: [UInt8], _ query: NameQuery) -> Result<UInt32, ResolutionFailure>? {
    guard query.allows(SymbolKind.equity), let hyphen = name.lastIndex(of: UInt8(ascii: "-")), hyphen > 0,
      name.count - hyphen <= 4, hyphen + 1 < name.count
    else { return nil }
    let wanted = String(decoding: name[(hyphen + 1)...], as: UTF8.self)
    let mnemonic = Array(name[..<hyphen])
    for spelling in [mnemonic] + SymbolTable.spellings(of: mnemonic).dropFirst() {
      let numbers = groupNumbers(named: spelling.span)
      for segment in [ExchangeSegment.nseEquity, .bseEquity] where query.allows(segment) {
        let number = numbers[Int(segment.rawValue)]
        guard number != SymbolRow.none else { continue }
        let group = groups[Int(number)]
        let range = Int(group.first)..<Int(group.first + group.count)
        let matching = range.filter { series[Int(rows[Int(order[$0])].series)] == wanted }.map { order[$0] }
        if !matching.isEmpty { return one(of: matching, query) }
      }
    }
    return nil
  }

  // MARK: Text

  private static func isTemplate(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] == UInt8(ascii: "{") || text[index] == UInt8(ascii: "}") { return true }
    return false
  }

  @_lifetime(copy text)
  static func trimmed(_ text: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = text.count
    while start < end, text[start] == UInt8(ascii: " ") { start += 1 }
    while end > start, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return text.extracting(start..<end)
  }

  /// The exchange that a name begins with (`NSE:RELIANCE`) and how many bytes that takes.
  private static func prefix(_ text: Span<UInt8>) -> (exchange: Exchange?, byteCount: Int) {
    guard text.count > 3, text[3] == UInt8(ascii: ":") else { return (nil, 0) }
    let letters = (text[0] & 0xDF, text[1] & 0xDF, text[2] & 0xDF)
    if letters == (UInt8(ascii: "N"), UInt8(ascii: "S"), UInt8(ascii: "E")) { return (.nse, 4) }
    if letters == (UInt8(ascii: "B"), UInt8(ascii: "S"), UInt8(ascii: "E")) { return (.bse, 4) }
    if letters == (UInt8(ascii: "M"), UInt8(ascii: "C"), UInt8(ascii: "X")) { return (.mcx, 4) }
    return (nil, 0)
  }

  static func split(_ text: String) -> (exchange: Exchange?, name: [UInt8]) {
    let whole = trimmed(text.utf8.span)
    let (exchange, byteCount) = prefix(whole)
    return (exchange, upperCased(string(trimmed(whole.extracting(byteCount..<whole.count)))))
  }

  static func string(_ text: Span<UInt8>) -> String {
    String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
  }
}
