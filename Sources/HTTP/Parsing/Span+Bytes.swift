/// What parsing needs of byte spans. Every access is bounds-checked by `Span` or justified beside it.
extension Span where Element == UInt8 {
  /// Whether the bytes are exactly `literal`.
  @inline(__always)
  func equals(_ literal: StaticString) -> Bool {
    guard count == literal.utf8CodeUnitCount else { return false }
    // A static string's UTF-8 lives as long as the program, and its count was compared above.
    let wanted = unsafe literal.utf8Start
    for index in 0..<count where unsafe self[index] != wanted[index] { return false }
    return true
  }

  /// Whether the bytes spell `lowercased` without regard to ASCII case.
  @inline(__always)
  func equalsIgnoringCase(_ lowercased: StaticString) -> Bool {
    guard count == lowercased.utf8CodeUnitCount else { return false }
    // As above.
    let wanted = unsafe lowercased.utf8Start
    for index in 0..<count where unsafe ByteClass.lowercased(self[index]) != wanted[index] { return false }
    return true
  }

  /// The bytes within `range`, counted from this span's beginning.
  @inline(__always)
  @_lifetime(copy self)
  func part(_ range: Range<Int>) -> Span<UInt8> { extracting(range) }

  /// Where the run of token characters that begins at `start` ends, or `end`.
  /// - Precondition: `0 <= start` and `end <= count`.
  @inline(__always)
  func tokenEnd(from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= count)
    var index = start
    while index < end {
      // Within the bounds checked above.
      let byte = unsafe self[unchecked: index]
      // Letters first: names are made of them.
      if (byte | 0x20) &- 0x61 >= 26, !ByteClass.isToken(byte) { break }
      index &+= 1
    }
    return index
  }

  /// Where the run of characters of a request target that begins at `start` ends, or `end`.
  /// - Precondition: `0 <= start` and `end <= count`.
  @inline(__always)
  func targetEnd(from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= count)
    var index = start
    while index < end {
      // Within the bounds checked above.
      let byte = unsafe self[unchecked: index]
      if (byte | 0x20) &- 0x61 >= 26, !ByteClass.isTarget(byte) { break }
      index &+= 1
    }
    return index
  }

  /// Where the run of field content that begins at `start` ends, or `end`.
  /// - Precondition: `0 <= start` and `end <= count`.
  @inline(__always)
  func fieldContentEnd(from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && end <= count)
    var index = start
    let raw = unsafe bytes
    // Eight at a time while none of them needs a closer look: a byte below 0x20 or 0x7F sets its top bit.
    while index &+ 8 <= end {
      // Within the bounds checked above; any bits are an integer.
      let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
      let control = (word &- 0x2020_2020_2020_2020) & ~word
      let isDelete = word ^ 0x7F7F_7F7F_7F7F_7F7F
      let delete = (isDelete &- 0x0101_0101_0101_0101) & ~isDelete
      if (control | delete) & 0x8080_8080_8080_8080 != 0 { break }
      index &+= 8
    }
    while index < end, unsafe ByteClass.isFieldContent(self[unchecked: index]) { index &+= 1 }
    return index
  }

  /// Whether `literal`, of eight bytes, stands at `offset`.
  /// - Precondition: eight bytes stand there.
  @inline(__always)
  func hasWord(_ literal: UInt64, at offset: Int) -> Bool {
    precondition(offset >= 0 && offset + 8 <= count)
    // Within the bounds checked above; any bits are an integer.
    return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self) == literal.bigEndian
  }

  /// The offset of the first `byte` at or after `start`, or nil.
  func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      index += 1
    }
    return nil
  }
}
