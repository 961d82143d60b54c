extension [UInt8] {
  /// Appends the number's decimal digits.
  mutating func append(decimal value: Int64) {
    if value < 0 { append(UInt8(ascii: "-")) }
    let magnitude = value.magnitude
    var place: UInt64 = 1
    while magnitude / place >= 10 { place *= 10 }
    while place > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / place % 10))
      place /= 10
    }
  }

  /// Appends the last `width` decimal digits of a number that is not negative.
  mutating func append(digits value: Int64, width: Int) {
    var place: Int64 = 1
    for _ in 1..<width { place *= 10 }
    while place > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / place % 10))
      place /= 10
    }
  }
}
