extension [UInt8] {
  /// Appends the number's decimal digits.
  mutating func append(decimal value: Int64) {
    let magnitude = value.magnitude
    var width = 1
    var limit: UInt64 = 10
    // At most 19 digits, so that the limit stays below 2^64.
    while magnitude >= limit {
      width += 1
      limit *= 10
    }
    if value < 0 { append(UInt8(ascii: "-")) }
    append(digits: magnitude, width: width)
  }

  /// Appends the last `width` decimal digits of a number.
  mutating func append(digits value: UInt64, width: Int) {
    append(addingCapacity: width) { text in
      for _ in 0..<width { text.append(UInt8(ascii: "0")) }
      var rest = value
      var place = width
      while place > 0, rest > 0 {
        place -= 1
        let (higher, digit) = rest.quotientAndRemainder(dividingBy: 10)
        text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
        rest = higher
      }
    }
  }

  /// The same of a number that is not negative.
  mutating func append(digits value: Int64, width: Int) { append(digits: value.magnitude, width: width) }

  /// Appends an integer's bytes, the lowest first.
  @inlinable
  public mutating func append(littleEndian value: UInt64) {
    append(addingCapacity: 8) { bytes in
      for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value &>> shift)) }
    }
  }

  /// Appends an integer's bytes, the lowest first.
  @inlinable
  public mutating func append(littleEndian value: UInt32) {
    append(addingCapacity: 4) { bytes in
      for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value &>> shift)) }
    }
  }

  /// Appends a literal of the program's.
  @inlinable
  mutating func append(_ literal: StaticString) {
    // A literal lives as long as the program.
    unsafe append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }
}
