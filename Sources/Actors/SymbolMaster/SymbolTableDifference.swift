internal import OrderDomain

/// What changed between two tables of one source: the morning's news.
public struct SymbolTableDifference: Hashable, Sendable {
  /// Names of one kind of change: all counted, the first few listed.
  public struct Names: Hashable, Sendable {
    public static let limit = 20
    public private(set) var count = 0
    /// At most ``limit``.
    public private(set) var names: [String] = []

    mutating func add(_ name: @autoclosure () -> String) {
      count += 1
      if names.count < Names.limit { names.append(name()) }
    }
  }

  /// Contracts that the old table did not have, also under a security id that named another contract.
  public private(set) var new = Names()
  public private(set) var gone = Names()
  /// `NSE:NIFTY-Sep2026-FUT: 75 → 65`.
  public private(set) var lotChanged = Names()
  /// In rupees.
  public private(set) var tickChanged = Names()

  public init(from old: SymbolTable, to new: SymbolTable) {
    let (rows, oldRows) = (new.rows, old.rows)
    for number in rows.indices {
      let row = rows[number]
      let label = { new.label(UInt32(truncatingIfNeeded: number)) }
      guard let before = old.sameContract(as: row, in: new) else {
        self.new.add(label())
        continue
      }
      let oldRow = oldRows[Int(before)]
      if oldRow.lot != row.lot { lotChanged.add("\(label()): \(oldRow.lot) → \(row.lot)") }
      if oldRow.tick != row.tick {
        let ticks = [oldRow.tick, row.tick].map { Money(tenThousandths: Int128($0)).description }
        tickChanged.add("\(label()): \(ticks[0]) → \(ticks[1])")
      }
    }
    for number in oldRows.indices where new.sameContract(as: oldRows[number], in: old) == nil {
      gone.add(old.label(UInt32(truncatingIfNeeded: number)))
    }
  }

  public var isEmpty: Bool { new.count + gone.count + lotChanged.count + tickChanged.count == 0 }
}

extension SymbolTable {
  /// The row with this row's security id, when it is the same contract: ids are reassigned over time.
  fileprivate func sameContract(as row: SymbolRow, in other: SymbolTable) -> UInt32? {
    let key = InstrumentKey(segment: row.segment, securityID: SecurityID(UInt64(row.securityID)))
    guard let number = rowNumber(key) else { return nil }
    let mine = rows[Int(number)]
    guard mine.kind == row.kind, mine.expiry == row.expiry, mine.strike == row.strike else { return nil }
    let group = other.groups[Int(row.group)]
    let mineGroup = groups[Int(mine.group)]
    let name = other.nameBytes(start: group.nameStart, count: group.nameCount)
    return isName(name, start: mineGroup.nameStart, count: mineGroup.nameCount) ? number : nil
  }
}
