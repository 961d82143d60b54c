/// Hashing and comparing names without regard to ASCII case, eight bytes at a time.
enum SymbolHash {
  private static let caseBits: UInt64 = 0x2020_2020_2020_2020
  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// Equal for names that differ only in ASCII case. Clearing bit 5 of every byte also merges some punctuation; that
  /// costs a comparison, never a wrong answer.
  @inline(__always)
  static func hash(_ text: Span<UInt8>) -> UInt64 {
    let count = text.count
    var state = UInt64(truncatingIfNeeded: count) &* multiplier
    if count >= 8 {
      var offset = 0
      while offset + 8 <= count {
        state = mix(state ^ (word(text, offset) & ~caseBits))
        offset += 8
      }
      // The last word overlaps the one before it: no byte-wise tail.
      if offset < count { state = mix(state ^ (word(text, count - 8) & ~caseBits)) }
    } else {
      state = mix(state ^ (shortWord(text) & ~caseBits))
    }
    return state
  }

  static func hash(segment: UInt8, securityID: UInt32) -> UInt64 {
    mix((UInt64(segment) << 32 | UInt64(securityID)) &* multiplier)
  }

  @inline(__always)
  static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    let count = left.count
    guard count == right.count else { return false }
    if count < 8 { return sameLetters(shortWord(left), shortWord(right)) }
    var offset = 0
    while offset + 8 <= count {
      guard sameLetters(word(left, offset), word(right, offset)) else { return false }
      offset += 8
    }
    return offset == count || sameLetters(word(left, count - 8), word(right, count - 8))
  }

  /// Whether eight bytes are equal but for the case of ASCII letters.
  private static func sameLetters(_ left: UInt64, _ right: UInt64) -> Bool {
    let difference = left ^ right
    if difference == 0 { return true }
    if difference & ~caseBits != 0 { return false }
    // Rare: somebody typed lower case. Each differing byte must be a letter.
    var rest = difference
    var letters = left
    while rest != 0 {
      if rest & 0xFF != 0 {
        let lower = UInt8(truncatingIfNeeded: letters) | 0x20
        guard lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "z") else { return false }
      }
      rest >>= 8
      letters >>= 8
    }
    return true
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return high ^ low
  }

  private static func word(_ text: Span<UInt8>, _ offset: Int) -> UInt64 {
    // Bounds are checked by the call; unsafe only because not every type may be loaded from any bytes, and UInt64 may.
    unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  private static func shortWord(_ text: Span<UInt8>) -> UInt64 {
    var word: UInt64 = 0
    for index in 0..<text.count { word = word << 8 | UInt64(text[index]) }
    return word
  }
}
