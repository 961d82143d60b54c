public import OrderDomain

/// A broker's instruments of one day: immutable, compact, and resolving every way in which alerts name an instrument.
///
/// Rows are 48-byte records in one array, names lie in one byte arena, and look-ups go through open-addressing indexes
/// over bytes without allocating. `Instrument` objects are made when somebody asks for one.
public final class SymbolTable: Sendable {
  let rows: [SymbolRow]
  let arena: [UInt8]
  let groups: [SymbolGroup]
  let groupIndex: SlotIndex
  let identityIndex: SlotIndex
  let nameIndex: SlotIndex
  /// Row numbers by group, within a group by kind, expiry, strike, call before put.
  let order: [UInt32]
  let runs: [ExpiryRun]
  let series: [String]
  let prefixesBrokerSymbol: Bool
  let instruments = InstrumentCache()
  /// Rows that were read, and why some are not here.
  public let counts: SymbolRowCounts

  init(
    rows unlinked: [SymbolRow], arena: [UInt8], groups unordered: [SymbolGroup], groupIndex: SlotIndex,
    identityIndex: SlotIndex, series: [String], prefixesBrokerSymbol: Bool, counts: SymbolRowCounts
  ) {
    var rows = unlinked.trimmed()
    var groups = unordered.trimmed()
    self.arena = arena.trimmed()
    nameIndex = SymbolTable.indexNames(&rows, arena)
    (order, runs) = SymbolTable.orderChains(rows, &groups)
    self.rows = rows
    self.groups = groups
    self.groupIndex = groupIndex
    self.identityIndex = identityIndex
    self.series = series
    self.prefixesBrokerSymbol = prefixesBrokerSymbol
    self.counts = counts
  }

  public var rowCount: Int { rows.count }

  /// Bytes of memory for rows, names and indexes; what ``Instrument`` objects take is bounded apart from it.
  public var byteCount: Int {
    rows.capacity * MemoryLayout<SymbolRow>.stride + arena.capacity
      + groups.capacity * MemoryLayout<SymbolGroup>.stride + groupIndex.byteCount + identityIndex.byteCount
      + nameIndex.byteCount + order.capacity * 4 + runs.capacity * MemoryLayout<ExpiryRun>.stride
      + InstrumentCache.byteCount
  }

  // MARK: Look-up

  /// The instrument with this identity.
  public func instrument(_ key: InstrumentKey) -> Instrument? {
    rowNumber(key).map { instrument(row: $0) }
  }

  /// The number of an instrument's row, for callers that only want to know whether it is there.
  public func rowNumber(_ key: InstrumentKey) -> UInt32? {
    guard let id = UInt32(exactly: key.securityID.number) else { return nil }
    let hash = SymbolHash.hash(segment: key.segment.rawValue, securityID: id)
    return identityIndex.first(hash) { rows[Int($0)].securityID == id && rows[Int($0)].segment == key.segment }
  }

  /// The first row with this trading symbol, in any case of letters; others of the same name follow by
  /// ``SymbolRow/nextAlike``.
  public func rowNumber(named name: Span<UInt8>) -> UInt32? {
    nameIndex.first(SymbolHash.hash(name)) {
      isName(name, start: rows[Int($0)].nameStart, count: rows[Int($0)].nameCount)
    }
  }

  /// The instrument of a row; the same object as long as it stays in the cache.
  public func instrument(row number: UInt32) -> Instrument {
    if let known = instruments[number] { return known }
    let made = makeInstrument(rows[Int(number)])
    instruments[number] = made
    return made
  }

  /// Whether the name at `start` is this one, in any case of letters.
  func isName(_ text: Span<UInt8>, start: UInt32, count: UInt8) -> Bool {
    guard text.count == Int(count) else { return false }
    let arena = arena
    return SymbolHash.equal(text, arena.span.extracting(Int(start)..<Int(start) + Int(count)))
  }

  func text(start: UInt32, count: UInt8) -> String {
    String(decoding: arena[Int(start)..<Int(start) + Int(count)], as: UTF8.self)
  }

  func name(_ row: SymbolRow) -> String { text(start: row.nameStart, count: row.nameCount) }
  func name(_ group: SymbolGroup) -> String { text(start: group.nameStart, count: group.nameCount) }

  private func makeInstrument(_ row: SymbolRow) -> Instrument {
    let name = name(row)
    let contract: Contract =
      switch row.kind {
      case .equity: .equity
      case .index: .index
      case .future: .future(expiry: row.expiryDate)
      case .call: .option(expiry: row.expiryDate, strike: row.strike.price, type: .call)
      case .put: .option(expiry: row.expiryDate, strike: row.strike.price, type: .put)
      }
    let lot = LotSize(Int64(row.lot)) ?? .one
    var freeze: FreezeQuantity?
    if row.freeze > 0, let published = Quantity(Int64(row.freeze)) {
      // Dhan publishes the first refused figure (1756 for a NIFTY lot of 65); Fyers' CSV publishes none.
      freeze = FreezeQuantity(firstRefused: published, lot: lot)
    }
    guard let tick = Price(tenThousandths: Int64(row.tick)).flatMap({ TickSize($0) }) else {
      preconditionFailure("the builder lets no row without a tick in")
    }
    return Instrument(
      key: InstrumentKey(segment: row.segment, securityID: SecurityID(UInt64(row.securityID))), contract: contract,
      underlying: self.name(groups[Int(row.group)]), tradingSymbol: name,
      brokerSymbol: prefixesBrokerSymbol ? row.segment.exchange.code + ":" + name : name,
      series: series[Int(row.series)], lotSize: lot, tickSize: tick, freezeQuantity: freeze,
      priceBand: row.bandHigh == .zero ? nil : row.bandLow.price...row.bandHigh.price)
  }

  // MARK: Building

  private static func indexNames(_ rows: inout [SymbolRow], _ arena: [UInt8]) -> SlotIndex {
    var index = SlotIndex(room: rows.count)
    let bytes = arena.span
    for number in rows.indices {
      let row = rows[number]
      let name = bytes.extracting(Int(row.nameStart)..<Int(row.nameStart) + Int(row.nameCount))
      let hash = SymbolHash.hash(name)
      let known = index.first(hash) { other in
        let other = rows[Int(other)]
        return SymbolHash.equal(
          name, bytes.extracting(Int(other.nameStart)..<Int(other.nameStart) + Int(other.nameCount)))
      }
      if let known {
        rows[number].nextAlike = rows[Int(known)].nextAlike
        rows[Int(known)].nextAlike = UInt32(truncatingIfNeeded: number)
      } else {
        index.insert(hash, UInt32(truncatingIfNeeded: number))
      }
    }
    return index
  }

  private static func orderChains(
    _ rows: [SymbolRow], _ groups: inout [SymbolGroup]
  ) -> (order: [UInt32], runs: [ExpiryRun]) {
    for row in rows { groups[Int(row.group)].count += 1 }
    var start: UInt32 = 0
    for number in groups.indices {
      groups[number].first = start
      start += groups[number].count
    }
    var next = groups.map(\.first)
    var order = [UInt32](repeating: 0, count: rows.count)
    for (number, row) in rows.enumerated() {
      order[Int(next[Int(row.group)])] = UInt32(truncatingIfNeeded: number)
      next[Int(row.group)] += 1
    }
    var runs: [ExpiryRun] = []
    var keyed: [(key: UInt64, row: UInt32)] = []
    for number in groups.indices {
      let group = groups[number]
      let range = Int(group.first)..<Int(group.first + group.count)
      if group.count > 1 {
        keyed.removeAll(keepingCapacity: true)
        for index in range { keyed.append((rows[Int(order[index])].chainKey, order[index])) }
        keyed.sort { $0.key != $1.key ? $0.key < $1.key : $0.row < $1.row }
        for (offset, entry) in keyed.enumerated() { order[range.lowerBound + offset] = entry.row }
      }
      groups[number].firstRun = UInt32(truncatingIfNeeded: runs.count)
      appendRuns(of: range, order, rows, to: &runs)
      groups[number].runCount = UInt16(clamping: runs.count - Int(groups[number].firstRun))
    }
    return (order, runs.trimmed())
  }

  private static func appendRuns(
    of range: Range<Int>, _ order: [UInt32], _ rows: [SymbolRow], to runs: inout [ExpiryRun]
  ) {
    let firstRun = runs.count
    for index in range {
      let row = rows[Int(order[index])]
      guard row.kind != .equity, row.kind != .index else { continue }
      let last = runs.count - 1
      if last >= firstRun, runs[last].expiry == row.expiry, runs[last].isOption == row.kind.isOption {
        runs[last].count += 1
      } else {
        runs.append(
          ExpiryRun(
            first: UInt32(truncatingIfNeeded: index), count: 1, expiry: row.expiry, isOption: row.kind.isOption))
      }
    }
  }
}

extension Array {
  /// A copy of the exact size: an array that grew by doubling would keep up to half of itself empty for the day.
  fileprivate func trimmed() -> [Element] {
    var copy: [Element] = []
    copy.reserveCapacity(count)
    copy.append(contentsOf: self)
    return copy
  }
}
