internal import OrderDomain

/// Futures and options named by what they are.
extension SymbolTable {
  /// Looks a reading up; `nil` when its underlying is unknown, which says that it was the wrong reading.
  func resolve(_ form: SymbolForm, _ query: NameQuery) -> Result<UInt32, ResolutionFailure>? {
    switch form {
    case .continuous(let root, let position):
      guard let number = underlyingGroup(root, query.exchange, hasOptions: false) else { return nil }
      let live = liveRuns(groups[number], isOption: false, query.today)
      guard position <= live.count else {
        return .failure(.noSuchExpiry(underlying: name(groups[number]), available: live.prefix(5).map(\.date)))
      }
      return only(Array(live[position - 1].range.map { order[$0] }), query)
    case .future(let root, let expiry):
      guard let number = underlyingGroup(root, query.exchange, hasOptions: false) else { return nil }
      switch matching(expiry, groups[number], isOption: false, query) {
      case .failure(let failure): return .failure(failure)
      case .success(let runs): return only(runs.flatMap { $0.range.map { order[$0] } }, query)
      }
    case .option(let root, let expiry, let strike, let type):
      guard let number = underlyingGroup(root, query.exchange, hasOptions: true) else { return nil }
      let group = groups[number]
      switch matching(expiry, group, isOption: true, query) {
      case .failure(let failure): return .failure(failure)
      case .success(let runs):
        let found = runs.flatMap { rowNumbers(in: $0, strike: strike, type: type) }
        if found.isEmpty { return .failure(noStrike(strike.price, type, runs[0], group)) }
        return only(found, query)
      }
    }
  }

  /// The live expiries that a name's date can mean; never empty on success.
  private func matching(
    _ text: ExpiryText, _ group: SymbolGroup, isOption: Bool, _ query: NameQuery
  ) -> Result<[ExpiryRun], ResolutionFailure> {
    var fitting: [ExpiryRun] = runs(of: group, isOption: isOption).filter { run in
      let date = run.date.components
      return switch text {
      case .day(let wanted): run.date == wanted
      case .month(let year, let month), .lastOfMonth(let year, let month): date.year == year && date.month == month
      case .dayAndMonth(let day, let month): date.day == day && date.month == month
      case .monthName(let month): date.month == month
      }
    }
    switch text {
    case .lastOfMonth: fitting = fitting.suffix(1)
    case .monthName:
      // Without a year: the nearest such month.
      if let first = fitting.first(where: { $0.date >= query.today })?.date.components {
        fitting = fitting.filter { $0.date >= query.today && $0.date.components.year == first.year }
      }
    case .dayAndMonth:
      if let first = fitting.first(where: { $0.date >= query.today }) { fitting = [first] }
    case .day, .month: break
    }
    let live = fitting.filter { $0.date >= query.today }
    if !live.isEmpty { return .success(live) }
    if let last = fitting.last { return .failure(.expired(symbol: query.text, on: last.date)) }
    if case .day(let day) = text, day < query.today { return .failure(.expired(symbol: query.text, on: day)) }
    return .failure(noExpiry(group, isOption: isOption, query.today))
  }

  private func only(_ found: [UInt32], _ query: NameQuery) -> Result<UInt32, ResolutionFailure> {
    if found.count == 1 { return .success(found[0]) }
    return .failure(.ambiguous(query: query.text, candidates: found.prefix(5).map { label($0) }))
  }

  // MARK: By underlying, strike, type and expiry

  func resolve(
    option underlying: String, _ exchange: Exchange?, _ strike: Price, _ type: OptionType, _ expiry: ExpirySelector,
    _ today: CalendarDate
  ) -> Result<UInt32, ResolutionFailure> {
    guard underlying.utf8.count <= SymbolTable.queryByteLimit else {
      return .failure(.notFound(query: String(underlying.prefix(SymbolTable.queryByteLimit)), suggestions: []))
    }
    if underlying.utf8.contains(UInt8(ascii: "{")) { return .failure(.unfilledTemplate(underlying)) }
    let (prefix, name) = SymbolTable.split(underlying)
    if let prefix, let exchange, prefix != exchange {
      let bare = String(decoding: name, as: UTF8.self)
      return .failure(.ambiguous(query: underlying, candidates: [prefix, exchange].map { $0.code + ":" + bare }))
    }
    guard let number = underlyingGroup(name, prefix ?? exchange, hasOptions: true) else {
      let near = suggestions(for: name, prefix ?? exchange, withOptions: true)
      return .failure(.notFound(query: underlying, suggestions: near))
    }
    let group = groups[number]
    switch run(expiry, group, underlying, today) {
    case .failure(let failure): return .failure(failure)
    case .success(let run):
      let found = PackedPrice(strike).map { rowNumbers(in: run, strike: $0, type: type) } ?? []
      if found.isEmpty { return .failure(noStrike(strike, type, run, group)) }
      if found.count == 1 { return .success(found[0]) }
      return .failure(.ambiguous(query: underlying, candidates: found.map { label($0) }))
    }
  }

  private func run(
    _ selector: ExpirySelector, _ group: SymbolGroup, _ underlying: String, _ today: CalendarDate
  ) -> Result<ExpiryRun, ResolutionFailure> {
    let live = liveRuns(group, isOption: true, today)
    switch selector {
    case .weekly:
      // A weekly series is one of whose nearest expiries some is not the last of its month. Its nearest contract is
      // what WEEKLY means, also in the week whose contract is the monthly one.
      let hasWeeklies = live.prefix(SymbolTable.weeklyEvidenceCount).contains { !isLastOfMonth($0, group) }
      guard hasWeeklies, let nearest = live.first else {
        let monthly = live.first { isLastOfMonth($0, group) }
        return .failure(.noWeeklySeries(underlying: name(group), nearestMonthly: monthly?.date))
      }
      return .success(nearest)
    case .monthly:
      guard let nearest = live.first(where: { isLastOfMonth($0, group) }) else {
        return .failure(noExpiry(group, isOption: true, today))
      }
      return .success(nearest)
    case .date(let date):
      if date < today { return .failure(.expired(symbol: underlying, on: date)) }
      guard let run = live.first(where: { $0.date == date }) else {
        return .failure(noExpiry(group, isOption: true, today))
      }
      return .success(run)
    }
  }

  private func noExpiry(_ group: SymbolGroup, isOption: Bool, _ today: CalendarDate) -> ResolutionFailure {
    let live = liveRuns(group, isOption: isOption, today)
    return .noSuchExpiry(underlying: name(group), available: live.prefix(5).map(\.date))
  }

  private func noStrike(
    _ strike: Price, _ type: OptionType, _ run: ExpiryRun, _ group: SymbolGroup
  ) -> ResolutionFailure {
    .noSuchStrike(
      underlying: name(group), expiry: run.date, strike: strike, nearest: strikesNear(strike, in: run, type: type))
  }

  // MARK: Names for people

  /// A name by which exactly this row resolves.
  func label(_ number: UInt32) -> String {
    let row = rows[Int(number)]
    let group = groups[Int(row.group)]
    let code = row.segment.exchange.code + ":"
    switch row.kind {
    case .equity:
      let series = series[Int(row.series)]
      return group.count == 1 || series.isEmpty || prefixesBrokerSymbol
        ? code + name(row) : code + name(row) + "-" + series
    case .index: return code + name(row)
    case .future, .call, .put:
      if row.nextAlike == SymbolRow.none, isFirstOfItsName(number) { return code + name(row) }
      let date = row.expiryDate.components
      let day = String(date.day + 100).dropFirst()
      let year = String(date.year % 100 + 100).dropFirst()
      let start = "\(code)\(name(group)) \(day) \(SymbolForm.monthNames[date.month - 1]) \(year)"
      if row.kind == .future { return start + " FUT" }
      return "\(start) \(SymbolTable.plain(row.strike.price)) \(row.kind == .call ? "CALL" : "PUT")"
    }
  }

  private func isFirstOfItsName(_ number: UInt32) -> Bool {
    let row = rows[Int(number)]
    return rowNumber(named: nameBytes(start: row.nameStart, count: row.nameCount)) == number
  }

  /// `26000`, `84.25`: a strike as everybody writes it.
  private static func plain(_ price: Price) -> String {
    var text = price.description
    if text.contains(".") {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    return text
  }
}
