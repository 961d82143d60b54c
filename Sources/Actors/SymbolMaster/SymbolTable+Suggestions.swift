internal import OrderDomain

/// “Did you mean”: names near one that was not found. Never on the way of an alert that resolves.
extension SymbolTable {
  private static let suggestionLimit = 5
  /// Names whose distance is computed in full; the letter masks leave a few dozen of 25,000.
  private static let comparisonLimit = 2_000

  /// Up to five mnemonics that are at most two edits away or begin with what was written, nearest first.
  func suggestions(for name: [UInt8], _ exchange: Exchange?, withOptions: Bool = false) -> [String] {
    // `RELIANSE-EQ` and `BANKNFTY1!` are misspelt at the front.
    var root = name.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
    if root.last == UInt8(ascii: "!") { root = root.dropLast(2) }
    let wanted = Array(root.count >= 2 ? root : name[...])
    guard wanted.count >= 2, wanted.count <= NameLikeness.byteLimit else { return [] }
    let limit = wanted.count <= 4 ? 1 : 2
    let letters = NameLikeness.letters(wanted.span)
    let (arena, groups) = (arena, groups)
    var found: [(score: Int, group: SymbolGroup)] = []
    var rest = SymbolTable.comparisonLimit
    for number in groups.indices {
      let group = groups[number]
      guard exchange == nil || group.segment.exchange == exchange else { continue }
      if withOptions, runs(of: group, isOption: true).first == nil { continue }
      let start = Int(group.nameStart)
      let candidate = arena.extracting(start..<start + Int(group.nameCount))
      var score: Int?
      if wanted.count >= 3, candidate.count > wanted.count,
        SymbolHash.equal(wanted.span, candidate.extracting(0..<wanted.count))
      {
        score = 1 + min(candidate.count - wanted.count, 8)
      } else if (letters ^ group.letters).nonzeroBitCount <= 2 * limit, rest > 0 {
        rest -= 1
        // Two for each edit: one edit ranks before a prefix with two letters missing.
        score = NameLikeness.distance(wanted.span, candidate, limit: limit).map { $0 * 2 }
      }
      guard let score else { continue }
      found.append((score, group))
      if found.count > 256 { break }
    }
    found.sort { left, right in
      if left.score != right.score { return left.score < right.score }
      return left.group.nameStart < right.group.nameStart
    }
    var names: [String] = []
    for entry in found where names.count < SymbolTable.suggestionLimit {
      let name = self.name(entry.group)
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
