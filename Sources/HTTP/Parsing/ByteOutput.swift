/// Where bytes are written one after another: an array, or the memory that a socket sends from.
public protocol ByteOutput {
  /// Copies `bytes` to the end.
  mutating func append(_ bytes: Span<UInt8>)
  /// Copies a literal's UTF-8 to the end.
  mutating func append(_ literal: StaticString)
  mutating func append(_ byte: UInt8)
}

extension ByteOutput {
  /// Writes `value`, which is not negative, in decimal.
  mutating func append(decimal value: Int) {
    precondition(value >= 0, "counts are not negative")
    var divisor = 1
    while value / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(0x30 + UInt8(value / divisor % 10))
      divisor /= 10
    }
  }

  /// Writes `value`, which is not negative, in hexadecimal without leading zeros.
  mutating func append(hexadecimal value: Int) {
    precondition(value >= 0, "counts are not negative")
    var shift = 60
    while shift > 0, value >> shift == 0 { shift -= 4 }
    while shift >= 0 {
      let digit = UInt8(value >> shift & 15)
      append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      shift -= 4
    }
  }
}

extension Array: ByteOutput where Element == UInt8 {
  @inline(__always)
  public mutating func append(_ bytes: Span<UInt8>) {
    // The pointer is used within the closure only, and `self` cannot alias a span that somebody borrows.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  @inline(__always)
  public mutating func append(_ literal: StaticString) {
    // A static string's UTF-8 lives as long as the program.
    unsafe append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }
}
