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
