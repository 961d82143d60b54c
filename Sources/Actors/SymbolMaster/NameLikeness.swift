/// How near two names are, for “did you mean”. Bounded: names of at most 24 bytes, distances of at most 2.
enum NameLikeness {
  static let byteLimit = 24

  /// A bit for each letter, and six for digits and the rest. One edit changes at most two bits.
  static func letters(_ text: Span<UInt8>) -> UInt32 {
    var mask: UInt32 = 0
    for index in 0..<text.count {
      let lower = text[index] | 0x20
      if lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "z") {
        mask |= 1 << UInt32(lower - UInt8(ascii: "a"))
      } else {
        mask |= 1 << (26 + UInt32(text[index] % 6))
      }
    }
    return mask
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours that lead from one name to the other,
  /// ignoring case; `nil` above `limit`.
  static func distance(_ left: Span<UInt8>, _ right: Span<UInt8>, limit: Int) -> Int? {
    guard left.count <= byteLimit, right.count <= byteLimit, abs(left.count - right.count) <= limit else { return nil }
    var beforeLast = InlineArray<25, Int>(repeating: 0)
    var last = InlineArray<25, Int>(repeating: 0)
    for column in 0...right.count { last[column] = column }
    for row in 0..<left.count {
      var current = InlineArray<25, Int>(repeating: 0)
      current[0] = row + 1
      var smallest = row + 1
      for column in 0..<right.count {
        let isSame = fold(left[row]) == fold(right[column])
        var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, fold(left[row]) == fold(right[column - 1]), fold(left[row - 1]) == fold(right[column]) {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current[column + 1] = cost
        smallest = min(smallest, cost)
      }
      if smallest > limit { return nil }
      beforeLast = last
      last = current
    }
    return last[right.count] <= limit ? last[right.count] : nil
  }

  private static func fold(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & 0xDF : byte
  }
}
