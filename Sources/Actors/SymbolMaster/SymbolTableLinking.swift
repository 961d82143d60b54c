/// Chains and the index of names: what rows that have been read need to be looked up in, besides their identity.
enum SymbolTableLinking {
  /// Rows by name; those of one name are chained by ``SymbolRow/nextAlike``.
  static func indexNames(_ rows: inout [SymbolRow], _ arena: borrowing [UInt8]) -> SlotIndex {
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

  static func orderChains(
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
    return (order, runs)
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
