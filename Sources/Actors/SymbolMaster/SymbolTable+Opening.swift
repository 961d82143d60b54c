internal import OrderDomain

extension SymbolTable {
  /// The table in an image that came from outside, once it is certain that whatever a look-up follows leads to something,
  /// and ends.
  ///
  /// First the digest over all bytes: it finds what a disk, a file system or a copy has done to them, with one accident
  /// in 2⁶⁴ passing. Together with the header's identity that is the argument that the table is the one that the parser
  /// made of these very files: this build of the program wrote these bytes, out of files of this digest, for this day.
  /// Then each number that is followed as a place, for an image whose writer was wrong, or lied with a fitting digest:
  /// it may hold wrong contracts, as a symbol file from the same hand could, but it cannot make the engine read where
  /// nothing is, stop, or search for ever.
  ///
  /// What is left are bytes that change after the check: because the disk returns others when a page is read again, or
  /// because somebody writes into the file in place. Places are checked at each access, so that this ends in a stop and
  /// never outside of the memory.
  package static func opened(_ image: SymbolImage) throws(SymbolImageFault) -> SymbolTable {
    guard XXH64.digest(of: image.body) == image.header.bodyDigest else { throw .damaged(.body) }
    guard image.header[.series].count <= SymbolTable.seriesLimit else { throw .outOfRange("series") }
    let table = SymbolTable(image)
    try table.checkRows()
    try table.checkOrder()
    try table.groupIndex.check("groups' index", below: table.groups.count)
    try table.identityIndex.check("identities' index", below: table.rows.count)
    try table.nameIndex.check("names' index", below: table.rows.count)
    return table
  }

  private func checkRows() throws(SymbolImageFault) {
    let rows = rows
    let (groupCount, arenaCount, seriesCount) = (groups.count, arena.count, series.count)
    guard rows.count == order.count else { throw .outOfRange("rows") }
    for index in rows.indices {
      let row = rows[index]
      guard row.hasKnownCodes, row.tick > 0, row.bandLow.price <= row.bandHigh.price,
        Int(row.group) < groupCount, Int(row.series) < seriesCount,
        Int(row.nameStart) + Int(row.nameCount) <= arenaCount,
        row.nextAlike == SymbolRow.none || Int(row.nextAlike) < rows.count
      else { throw .outOfRange("row \(index)") }
    }
  }

  private func checkOrder() throws(SymbolImageFault) {
    let (order, runs, groups) = (order, runs, groups)
    let arenaCount = arena.count
    for index in order.indices where Int(order[index]) >= order.count { throw .outOfRange("order \(index)") }
    for index in runs.indices {
      guard runs[index].count > 0, Int(runs[index].first) + Int(runs[index].count) <= order.count else {
        throw .outOfRange("run \(index)")
      }
    }
    for index in groups.indices {
      let group = groups[index]
      guard group.hasKnownCode, Int(group.nameStart) + Int(group.nameCount) <= arenaCount,
        Int(group.first) + Int(group.count) <= order.count, Int(group.firstRun) + Int(group.runCount) <= runs.count
      else { throw .outOfRange("group \(index)") }
    }
  }
}

extension SlotView {
  /// A search begins at a hash's low bits and ends at a free slot, of which there must be one.
  fileprivate func check(_ name: String, below limit: Int) throws(SymbolImageFault) {
    guard tags.count == values.count, tags.count.nonzeroBitCount == 1 else { throw .outOfRange(name) }
    // Without a branch in it: which of a million slots are free is not to be foretold, and cost more than all digests.
    var usedCount = 0
    var largest: UInt32 = 0
    for slot in tags.indices {
      let used: UInt32 = tags[slot] == 0 ? 0 : .max
      usedCount &+= Int(used & 1)
      largest = max(largest, values[slot] & used)
    }
    guard usedCount < tags.count, usedCount == 0 || Int(largest) < limit else { throw .outOfRange(name) }
  }
}
