/// At most 40 ASCII characters, none of them NUL, held in place: a copy counts no references, a comparison looks at five
/// words. For names and numbers that go through every hand on the order path.
struct PackedText: Sendable {
  static let byteLimit = 40

  // The first character is the highest byte of the first word, so that words compare as texts do; zeros stand behind the
  // last.
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0
  private var fifth: UInt64 = 0

  /// `nil` for an empty text, a longer one, and one with a character that `isLegal` does not take.
  init?(_ text: String, isLegal: (UInt8) -> Bool) {
    let utf8 = text.utf8
    guard (1...PackedText.byteLimit).contains(utf8.count) else { return nil }
    var word: UInt64 = 0
    var count = 0
    for byte in utf8 {
      guard byte > 0, byte < 0x80, isLegal(byte) else { return nil }
      word = word << 8 | UInt64(byte)
      count += 1
      if count & 7 == 0 {
        set(count / 8 - 1, word)
        word = 0
      }
    }
    let rest = count & 7
    if rest > 0 { set(count / 8, word << UInt64(8 * (8 - rest))) }
  }

  private mutating func set(_ index: Int, _ word: UInt64) {
    switch index {
    case 0: first = word
    case 1: second = word
    case 2: third = word
    case 3: fourth = word
    default: fifth = word
    }
  }

  private func word(_ index: Int) -> UInt64 {
    switch index {
    case 0: first
    case 1: second
    case 2: third
    case 3: fourth
    default: fifth
    }
  }

  /// Characters, 1 to ``byteLimit``.
  var count: Int {
    var index = 4
    while index > 0, word(index) == 0 { index -= 1 }
    return 8 * index + 8 - word(index).trailingZeroBitCount / 8
  }

  func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word(index / 8) >> UInt64(56 - 8 * (index & 7))) }

  var text: String {
    let count = count
    // Every byte of the count is written, and all are ASCII.
    return unsafe String(unsafeUninitializedCapacity: count) { buffer in
      for index in 0..<count { unsafe buffer[index] = byte(index) }
      return count
    }
  }

  /// Appends ``text``.
  func write(to bytes: inout [UInt8]) {
    for index in 0..<count { bytes.append(byte(index)) }
  }
}

extension PackedText: Hashable {
  /// Names and numbers are told apart by any of their characters: all are folded into the one word that is hashed.
  func hash(into hasher: inout Hasher) {
    var folded = first
    for index in 1..<5 { folded = (folded ^ folded >> 29) &* 0x9E37_79B9_7F4A_7C15 &+ word(index) }
    hasher.combine(folded)
  }
}

extension PackedText: Comparable {
  static func < (left: PackedText, right: PackedText) -> Bool {
    for index in 0..<5 where left.word(index) != right.word(index) { return left.word(index) < right.word(index) }
    return false
  }
}
