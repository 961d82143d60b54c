/// An exact decimal read from text: `significand × 10^-scale`. Nothing is ever rounded on the way in.
///
/// The bounds (18 significant digits, scale 18) are far above every price, strike and quantity that exists.
public struct Decimal: Hashable, Sendable {
  public let significand: Int64
  public let scale: UInt8

  public static let digitLimit = 18

  public init(significand: Int64, scale: UInt8) {
    self.significand = significand
    self.scale = scale
  }

  /// Reads `[+-]digits[.digits]` without exponent, spaces or grouping, as symbol masters write numbers; `nil` for
  /// anything else and for more than 18 significant digits.
  public init?(text: Span<UInt8>) {
    var index = 0
    var isNegative = false
    if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      isNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    var value: Int64 = 0
    var digitCount = 0
    var significantCount = 0
    var scale: UInt8 = 0
    var isFraction = false
    var isDigitDue = true
    while index < text.count {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "."), !isFraction, !isDigitDue {
        isFraction = true
        isDigitDue = true
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      isDigitDue = false
      digitCount += 1
      if value != 0 || byte != UInt8(ascii: "0") { significantCount += 1 }
      guard significantCount <= Decimal.digitLimit, digitCount <= 2 * Decimal.digitLimit else { return nil }
      if isFraction {
        guard scale < UInt8(Decimal.digitLimit) else { return nil }
        scale += 1
      }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    guard !isDigitDue else { return nil }
    self.init(significand: isNegative ? -value : value, scale: scale)
  }

  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    self.init(text: bytes.span)
  }

  /// The value in units of `10^-scale`, or `nil` when that would round or overflow.
  public func units(scale wanted: UInt8) -> Int64? {
    var value = significand
    if scale <= wanted {
      for _ in 0..<(wanted - scale) {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        if overflow { return nil }
        value = product
      }
      return value
    }
    for _ in 0..<(scale - wanted) {
      guard value % 10 == 0 else { return nil }
      value /= 10
    }
    return value
  }
}

extension Price {
  /// Exact; `nil` when the decimal is negative, above the limit, or finer than ₹0.0001.
  public init?(_ decimal: Decimal) {
    guard let units = decimal.units(scale: 4) else { return nil }
    self.init(tenThousandths: units)
  }
}

extension Quantity {
  /// Exact; `nil` when the decimal is negative, above the limit, or not whole.
  public init?(_ decimal: Decimal) {
    guard let units = decimal.units(scale: 0) else { return nil }
    self.init(units)
  }
}
