/// Up to sixteen bytes of a short name in two words, so that names are compared without a loop.
struct PackedName: Hashable {
  var low: UInt64 = 0
  var high: UInt64 = 0

  init() {}

  /// `nil` above sixteen bytes, and for a name that holds a zero byte, which would read as a shorter one.
  init?(_ bytes: Span<UInt8>, foldingCase: Bool = false) {
    guard bytes.count <= 16 else { return nil }
    for index in 0..<bytes.count {
      var byte = bytes[index]
      if byte == 0 { return nil }
      if foldingCase, byte >= UInt8(ascii: "a"), byte <= UInt8(ascii: "z") { byte &= 0xDF }
      if index < 8 {
        low |= UInt64(byte) << UInt64(truncatingIfNeeded: index &* 8)
      } else {
        high |= UInt64(byte) << UInt64(truncatingIfNeeded: (index &- 8) &* 8)
      }
    }
  }

  /// The first `count`, at most sixteen, of the bytes in two words, none of them zero.
  @inline(__always)
  init(low: UInt64, high: UInt64, count: Int, foldingCase: Bool) {
    let bits = UInt64(truncatingIfNeeded: count &* 8)
    if bits < 64 {
      self.low = low & ((1 &<< bits) &- 1)
      self.high = 0
    } else {
      self.low = low
      self.high = bits == 128 ? high : high & ((1 &<< (bits &- 64)) &- 1)
    }
    if foldingCase {
      self.low = PackedName.capitals(self.low)
      self.high = PackedName.capitals(self.high)
    }
  }

  /// Eight bytes with ASCII's small letters made capitals. Bytes beyond ASCII stay: their top bit keeps them out.
  private static func capitals(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let lower = word & (ones &* 0x7F)
    let fromA = lower &+ (ones &* (0x80 - 0x61))
    let pastZ = lower &+ (ones &* (0x80 - 0x7B))
    let small = fromA & ~pastZ & ~word & (ones &* 0x80)
    return word ^ (small >> 2)
  }

  var hash: Int {
    let mixed = (low ^ (high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
    return Int(truncatingIfNeeded: mixed >> 56)
  }
}

/// A fixed set of short names, each with a small number: open addressing over 256 places, at most half of them used.
struct NameTable: Sendable {
  private struct Place {
    var name: PackedName
    /// 0 is an empty place; else one more than the number.
    var number: UInt8
  }

  private var places: [Place]

  init(_ entries: [(name: String, number: UInt8)]) {
    precondition(entries.count <= 128, "a name table holds at most 128 names")
    places = Array(repeating: Place(name: PackedName(), number: 0), count: 256)
    for entry in entries {
      let bytes = Array(entry.name.utf8)
      guard let name = PackedName(bytes.span) else { preconditionFailure("longer than 16 bytes: \(entry.name)") }
      precondition(self[name] == nil, "twice in one table: \(entry.name)")
      var index = name.hash
      while places[index].number != 0 { index = (index + 1) & 255 }
      places[index] = Place(name: name, number: entry.number + 1)
    }
  }

  subscript(_ name: PackedName) -> UInt8? {
    var index = name.hash
    while true {
      let place = places[index]
      if place.number == 0 { return nil }
      if place.name == name { return place.number - 1 }
      index = (index + 1) & 255
    }
  }
}
