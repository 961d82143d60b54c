/// The smallest parts of the grammar: each moves ``JSONScanner/position`` past one of them, or says what is wrong.
extension JSONScanner {
  /// Where white space ends. RFC 8259 section 2: space, tab, line feed, carriage return, and nothing else.
  @inline(__always)
  func spaceEnd(from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
      index &+= 1
    }
    return index
  }

  @inline(__always)
  mutating func skipSpace() { position = spaceEnd(from: position) }

  /// Where the run of characters ends that need no second look: ASCII but quotes, backslashes and controls.
  @inline(__always)
  func plainEnd(from start: Int) -> Int {
    var index = start
    while index &+ 8 <= bytes.count {
      let special = JSONScanner.specialBytes(of: word(at: index))
      if special != 0 { return index &+ special.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
      index &+= 1
    }
    return index
  }

  /// Eight bytes at once, the first in the lowest place. The caller has made sure that they are there.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    // Bytes have no invalid patterns and need no alignment; the bounds were checked by the caller, in this file or by
    // a range that the scanner itself found.
    UInt64(littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The top bit of each byte that is a control, a quote, a backslash or beyond ASCII. Above the lowest such byte the
  /// borrows of the subtractions may set bits too; the lowest is exact.
  @inline(__always)
  static func specialBytes(of word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
    let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
    let controls = (word &- (ones &* 0x20)) & ~word
    return (word | controls | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & tops
  }

  mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
    let start = position
    for scalar in literal.description.utf8 {
      guard position < bytes.count else { throw JSONError(.truncated, at: position) }
      guard bytes[position] == scalar else { throw JSONError(.expectedValue, at: start) }
      position += 1
    }
  }

  /// RFC 8259 section 7. A high surrogate must be followed by the escape of a low one; any other half is refused.
  mutating func skipEscape() throws(JSONError) {
    let start = position
    position += 1
    guard position < bytes.count else { throw JSONError(.truncated, at: position) }
    let letter = bytes[position]
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 1
    case UInt8(ascii: "u"):
      position += 1
      let unit = try hexadecimalUnit(of: start)
      if unit & 0xFC00 == 0xDC00 { throw JSONError(.loneSurrogate, at: start) }
      guard unit & 0xFC00 == 0xD800 else { return }
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      else { throw JSONError(.loneSurrogate, at: start) }
      let second = position
      position += 2
      let low = try hexadecimalUnit(of: second)
      guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
    default:
      throw JSONError(.badEscape, at: start)
    }
  }

  private mutating func hexadecimalUnit(of escape: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw JSONError(.truncated, at: position) }
      let byte = bytes[position]
      guard let digit = JSONScanner.hexadecimalDigit(byte) else { throw JSONError(.badEscape, at: escape) }
      unit = unit << 4 | digit
      position += 1
    }
    return unit
  }

  static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// One character of two to four bytes, by the table of RFC 3629 section 4: no overlong form, no surrogate, nothing
  /// above U+10FFFF.
  mutating func skipMultiByte() throws(JSONError) {
    let start = position
    let second: ClosedRange<UInt8>
    let length: Int
    switch bytes[start] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw JSONError(.badUTF8, at: start)
    }
    for index in 1..<length {
      guard start + index < bytes.count else { throw JSONError(.truncated, at: bytes.count) }
      let legal = index == 1 ? second : 0x80...0xBF
      guard legal.contains(bytes[start + index]) else { throw JSONError(.badUTF8, at: start) }
    }
    position = start + length
  }

  /// RFC 8259 section 6: `-`, an integer without leading zeros, a fraction with digits, an exponent with digits.
  mutating func skipNumber() throws(JSONError) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let integer = position
    try skipDigits(of: start)
    if bytes[integer] == UInt8(ascii: "0"), position > integer + 1 { throw JSONError(.badNumber, at: start) }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try skipDigits(of: start)
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      try skipDigits(of: start)
    }
  }

  /// At least one digit.
  private mutating func skipDigits(of start: Int) throws(JSONError) {
    let first = position
    while position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
      position += 1
    }
    if position > first { return }
    throw position < bytes.count ? JSONError(.badNumber, at: start) : JSONError(.truncated, at: position)
  }
}
