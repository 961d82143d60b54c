internal import OrderDomain

/// Reads symbol files and makes one ``SymbolTable`` of them. A builder that has thrown is of no further use.
public struct SymbolTableBuilder: ~Copyable {
  private let limits: SymbolTableLimits
  private var rows: [SymbolRow] = []
  /// The line of each row in its file, for the report of a conflict found at the end.
  private var lines: [UInt32] = []
  private var fileStarts: [(name: String, firstRow: Int)] = []
  private var arena: [UInt8] = []
  private var groups: [SymbolGroup] = []
  private var groupIndex = SlotIndex(room: 1_024)
  private var lastGroup = SymbolRow.none
  private var series: [UInt64] = [0]
  private var prefixesBrokerSymbol = false
  private var counts = SymbolRowCounts()

  public init(limits: SymbolTableLimits = SymbolTableLimits()) { self.limits = limits }

  /// What a row that was read turned out to be.
  enum Reading {
    case row(SymbolRow)
    /// An exchange, segment or kind that the engine does not trade.
    case unsupported
    /// Well-formed, without what an order needs.
    case unusable
  }

  /// A fault of one row, before file and line are known.
  struct Fault: Error {
    let column: String?
    let reason: SymbolFileError.Reason
  }

  /// Adds the rows of one file.
  ///
  /// - Parameter file: what errors call it.
  public mutating func add(
    file: String, format: SymbolFileFormat, bytes whole: Span<UInt8>
  ) throws(SymbolFileError) {
    guard whole.count <= limits.fileByteLimit else {
      throw SymbolFileError(file: file, reason: .fileTooLarge(limit: limits.fileByteLimit))
    }
    let start = SymbolTableBuilder.startAfterByteOrderMark(whole)
    if let looksLike = SymbolTableBuilder.foreignKind(whole, from: start) {
      throw SymbolFileError(file: file, line: 1, reason: .notASymbolFile(looksLike: looksLike))
    }
    try SymbolTableBuilder.validateUTF8(whole, file: file)
    fileStarts.append((file, rows.count))
    prefixesBrokerSymbol = prefixesBrokerSymbol || format.prefixesBrokerSymbol
    reserve(whole.count)
    var reader = CSVReader(whole, from: start)
    do throws(Fault) {
      switch format {
      case .dhanCompact, .dhanDetailed: try addDhanRows(&reader, format)
      case .fyers: try addFyersRows(&reader)
      }
    } catch {
      throw SymbolFileError(file: file, line: reader.line, column: error.column, reason: error.reason)
    }
  }

  /// Room for what so many bytes are likely to hold, so that arrays of megabytes need not grow by moving: rows take 123
  /// bytes in Dhan's compact file and 159 in the detailed one, and a sixth of that is names.
  private mutating func reserve(_ byteCount: Int) {
    let rowCount = min(byteCount / 120, limits.rowCountLimit)
    rows.reserveCapacity(rows.count + rowCount)
    lines.reserveCapacity(lines.count + rowCount)
    arena.reserveCapacity(arena.count + byteCount / 6)
  }

  /// Checks the whole and builds the indexes.
  public consuming func finish() throws(SymbolFileError) -> SymbolTable {
    let name = fileStarts.count == 1 ? fileStarts[0].name : "the symbol files together"
    try limits.check(rowCount: rows.count, counts, of: name)
    let identities = try indexIdentities()
    let names = SymbolTableLinking.indexNames(&rows, arena)
    let (order, runs) = SymbolTableLinking.orderChains(rows, &groups)
    return SymbolTable(
      SymbolImage(
        SymbolImage.Parts(
          rows: rows, groups: groups, groupIndex: groupIndex, identityIndex: identities, nameIndex: names,
          order: order, runs: runs, arena: arena, series: series, prefixesBrokerSymbol: prefixesBrokerSymbol,
          counts: counts)))
  }

  // MARK: Rows

  /// Reads the next row; `false` at the end of the file.
  mutating func nextRow(_ reader: inout CSVReader) throws(Fault) -> Bool {
    do throws(CSVFault) {
      return try reader.next()
    } catch {
      throw Fault(column: nil, reason: error == .containsNUL ? .containsNUL : .malformedCSV(error.words))
    }
  }

  /// Checks the number of fields of a data row. A further empty field is a trailing comma that the header lacks.
  mutating func checkFieldCount(_ reader: borrowing CSVReader, expected: Int) throws(Fault) {
    counts.read += 1
    let count = reader.fieldCount
    if count == expected { return }
    if count < expected {
      if reader.endsWithoutLineEnd { throw Fault(column: nil, reason: .truncated) }
      throw Fault(column: nil, reason: .rowTooShort(fieldCount: count, expected: expected))
    }
    guard count == expected + 1, reader[count - 1].isEmpty else {
      throw Fault(column: nil, reason: .rowTooLong(fieldCount: count, expected: expected))
    }
  }

  mutating func countUnsupported() { counts.unsupported += 1 }
  mutating func countUnusable() { counts.unusable += 1 }

  /// Keeps a row with its names.
  mutating func store(
    _ draft: SymbolRow, name: Span<UInt8>, underlying: Span<UInt8>, series seriesName: Span<UInt8>, line: Int,
    nameColumn: String
  ) throws(Fault) {
    guard name.count <= 255, underlying.count <= 255 else {
      throw Fault(column: nameColumn, reason: .impossibleValue(SymbolTableBuilder.printable(name)))
    }
    guard rows.count < limits.rowCountLimit else {
      throw Fault(column: nil, reason: .tooManyRows(limit: limits.rowCountLimit))
    }
    var row = draft
    let group = intern(underlying, draft.segment)
    row.group = group
    row.nameCount = UInt8(truncatingIfNeeded: name.count)
    let known = groups[Int(group)]
    if name.count == Int(known.nameCount), arena.matches(name, at: Int(known.nameStart)) {
      row.nameStart = known.nameStart
    } else {
      row.nameStart = appendName(name)
    }
    guard let number = internSeries(seriesName) else {
      throw Fault(column: "SERIES", reason: .impossibleValue(SymbolTableBuilder.printable(seriesName)))
    }
    row.series = number
    rows.append(row)
    lines.append(UInt32(truncatingIfNeeded: line))
  }

  private mutating func appendName(_ name: Span<UInt8>) -> UInt32 {
    let start = UInt32(truncatingIfNeeded: arena.count)
    for index in 0..<name.count { arena.append(name[index]) }
    return start
  }

  /// The group of a mnemonic in a segment; made when it is new.
  private mutating func intern(_ name: Span<UInt8>, _ segment: ExchangeSegment) -> UInt32 {
    // Files list a chain in one stretch, so the group is nearly always that of the row before.
    if lastGroup != SymbolRow.none, isGroup(lastGroup, name, segment) { return lastGroup }
    let hash = SymbolHash.hash(name)
    if let found = groupIndex.first(hash, where: { isGroup($0, name, segment) }) {
      lastGroup = found
      return found
    }
    if groupIndex.isFull {
      var larger = SlotIndex(room: groups.count * 2)
      for (number, group) in groups.enumerated() {
        let start = Int(group.nameStart)
        let hash = SymbolHash.hash(arena.span.extracting(start..<start + Int(group.nameCount)))
        larger.insert(hash, UInt32(truncatingIfNeeded: number))
      }
      groupIndex = larger
    }
    let number = UInt32(truncatingIfNeeded: groups.count)
    groups.append(
      SymbolGroup(
        nameStart: appendName(name), letters: NameLikeness.letters(name),
        nameCount: UInt8(truncatingIfNeeded: name.count), segment: segment))
    groupIndex.insert(hash, number)
    lastGroup = number
    return number
  }

  private func isGroup(_ number: UInt32, _ name: Span<UInt8>, _ segment: ExchangeSegment) -> Bool {
    let group = groups[Int(number)]
    guard group.segment == segment, Int(group.nameCount) == name.count else { return false }
    let start = Int(group.nameStart)
    return SymbolHash.equal(name, arena.span.extracting(start..<start + name.count))
  }

  /// The number of a series of up to seven letters; exchanges use one or two.
  private mutating func internSeries(_ name: Span<UInt8>) -> UInt16? {
    if name.isEmpty { return 0 }
    guard name.count <= 7 else { return nil }
    var packed: UInt64 = 0
    for index in 0..<name.count { packed = packed << 8 | UInt64(name[index]) }
    if let known = series.firstIndex(of: packed) { return UInt16(known) }
    guard series.count < SymbolTable.seriesLimit else { return nil }
    series.append(packed)
    return UInt16(series.count - 1)
  }

  // MARK: Identity

  /// Indexes rows by segment and security id. A row that repeats another is dropped; one that contradicts is refused.
  private mutating func indexIdentities() throws(SymbolFileError) -> SlotIndex {
    var index = SlotIndex(room: rows.count)
    var isRepeated: [Bool] = []
    for number in rows.indices {
      let row = rows[number]
      let hash = SymbolHash.hash(segment: row.segment.rawValue, securityID: row.securityID)
      let known = index.first(hash) { other in
        rows[Int(other)].securityID == row.securityID && rows[Int(other)].segment == row.segment
      }
      guard let known else {
        index.insert(hash, UInt32(truncatingIfNeeded: number))
        continue
      }
      guard row.describesSame(as: rows[Int(known)]), sameName(row, rows[Int(known)]) else {
        let file = fileStarts.last { $0.firstRow <= number }
        throw SymbolFileError(
          file: file?.name ?? "", line: Int(lines[number]),
          reason: .conflictingDuplicate(securityID: UInt64(row.securityID)))
      }
      if isRepeated.isEmpty { isRepeated = [Bool](repeating: false, count: rows.count) }
      isRepeated[number] = true
      counts.repeated += 1
    }
    guard counts.repeated > 0 else { return index }
    var kept: [SymbolRow] = []
    kept.reserveCapacity(rows.count - counts.repeated)
    for number in rows.indices where !isRepeated[number] { kept.append(rows[number]) }
    rows = kept
    index = SlotIndex(room: rows.count)
    for (number, row) in rows.enumerated() {
      let hash = SymbolHash.hash(segment: row.segment.rawValue, securityID: row.securityID)
      index.insert(hash, UInt32(truncatingIfNeeded: number))
    }
    return index
  }

  private func sameName(_ left: SymbolRow, _ right: SymbolRow) -> Bool {
    let start = Int(right.nameStart)
    return left.nameCount == right.nameCount
      && arena.matches(arena.span.extracting(start..<start + Int(right.nameCount)), at: Int(left.nameStart))
  }
}

extension Array<UInt8> {
  /// Whether these bytes stand at `start`.
  func matches(_ text: Span<UInt8>, at start: Int) -> Bool {
    guard start + text.count <= count else { return false }
    for index in 0..<text.count where self[start + index] != text[index] { return false }
    return true
  }
}
