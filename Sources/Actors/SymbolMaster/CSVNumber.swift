/// A decimal of a symbol file, in ten-thousandths: `65.0`, `-0.01000`, `1446.6`.
///
/// Written for speed beside the domain's `Decimal`: a full master holds over a million numbers.
struct CSVNumber: Hashable {
  /// Rounded towards zero when ``isExact`` is false.
  let tenThousandths: Int64
  /// `false` when digits beyond the fourth decimal were not zero.
  let isExact: Bool

  /// Reads `[+-]digits[.digits]`; `nil` for anything else, for over 12 digits before the point or over 12 behind it.
  init?(_ text: Span<UInt8>) {
    var index = 0
    let count = text.count
    var isNegative = false
    if index < count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
      isNegative = text[index] == UInt8(ascii: "-")
      index += 1
    }
    var value: Int64 = 0
    let wholeStart = index
    while index < count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      value = value &* 10 &+ Int64(digit)
      index += 1
      guard index - wholeStart <= 12 else { return nil }
    }
    guard index > wholeStart else { return nil }
    var missingDecimals = 4
    var isExact = true
    if index < count {
      guard text[index] == UInt8(ascii: ".") else { return nil }
      index += 1
      guard index < count, count - index <= 12 else { return nil }
      while index < count {
        let digit = text[index] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        if missingDecimals > 0 {
          value = value &* 10 &+ Int64(digit)
          missingDecimals -= 1
        } else if digit != 0 {
          isExact = false
        }
        index += 1
      }
    }
    while missingDecimals > 0 {
      value = value &* 10
      missingDecimals -= 1
    }
    tenThousandths = isNegative ? -value : value
    self.isExact = isExact
  }

  /// The value as a whole number, or `nil` when it is not one.
  var whole: Int64? { isExact && tenThousandths % 10_000 == 0 ? tenThousandths / 10_000 : nil }
}
