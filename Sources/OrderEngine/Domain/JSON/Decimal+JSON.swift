extension Decimal {
  /// Reads a JSON number (RFC 8259 section 6, exponents too) exactly and in lowest terms: `2450.00` is 2450, `1.5e3` is
  /// 1500. `nil` for anything else, and when it needs more than 18 digits before or after the point.
  ///
  /// - Parameter allowsLeadingZeros: whether `0010` is taken for 10, as in a number that came inside a string.
  public init?(jsonNumber text: Span<UInt8>, allowsLeadingZeros: Bool = false) {
    if let digits = Decimal.digits(text), digits.isPlain || allowsLeadingZeros {
      self.init(significand: digits.value, scale: 0)
      return
    }
    var index = 0
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative { index = 1 }
    let integerStart = index

    // Zeros are held back until a digit follows, so that trailing ones end up in the exponent.
    var significand: Int64 = 0
    var digitCount = 0
    var heldZeros = 0
    var fractionCount = 0
    var isFraction = false
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "."), !isFraction, index > integerStart {
        isFraction = true
        index += 1
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
      index += 1
      if isFraction { fractionCount += 1 }
      if byte == UInt8(ascii: "0") {
        if digitCount > 0 { heldZeros += 1 }
        continue
      }
      digitCount += heldZeros + 1
      guard digitCount <= Decimal.digitLimit else { return nil }
      for _ in 0...heldZeros { significand *= 10 }
      significand += Int64(byte - UInt8(ascii: "0"))
      heldZeros = 0
    }
    let integerCount = index - integerStart - fractionCount - (isFraction ? 1 : 0)
    guard integerCount > 0, isFraction == (fractionCount > 0) else { return nil }
    if integerCount > 1, text[integerStart] == UInt8(ascii: "0"), !allowsLeadingZeros { return nil }
    guard let exponent = Decimal.exponent(of: text, from: index) else { return nil }

    let power = exponent - fractionCount + heldZeros
    if significand == 0 {
      self.init(significand: 0, scale: 0)
      return
    }
    if power < 0 {
      guard power >= -Decimal.digitLimit else { return nil }
      self.init(significand: isNegative ? -significand : significand, scale: UInt8(-power))
      return
    }
    guard digitCount + power <= Decimal.digitLimit else { return nil }
    for _ in 0..<power { significand *= 10 }
    self.init(significand: isNegative ? -significand : significand, scale: 0)
  }

  /// The way of most numbers: up to 18 digits and nothing else. `isPlain` unless they start with a needless zero.
  @inline(__always)
  private static func digits(_ text: Span<UInt8>) -> (value: Int64, isPlain: Bool)? {
    guard text.count >= 1, text.count <= digitLimit else { return nil }
    var value: Int64 = 0
    for index in text.indices {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int64(digit)
    }
    return (value, text.count == 1 || text[0] != UInt8(ascii: "0"))
  }

  /// The exponent that starts at `start`, 0 if the text ends there, `nil` if it is none. It stops counting far above
  /// what the zeros of a text in memory could balance, so that no exponent overflows.
  private static func exponent(of text: Span<UInt8>, from start: Int) -> Int? {
    guard start < text.count else { return 0 }
    guard text[start] | 0x20 == UInt8(ascii: "e") else { return nil }
    var index = start + 1
    var isNegative = false
    if index < text.count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
      isNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    guard index < text.count else { return nil }
    var value = 0
    while index < text.count {
      guard text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") else { return nil }
      if value < 1 << 50 { value = value * 10 + Int(text[index] - UInt8(ascii: "0")) }
      index += 1
    }
    return isNegative ? -value : value
  }
}
