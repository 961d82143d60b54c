/// Who an alert is, for ever: the first 16 bytes of a SHA-256 over the sender's scope and its idempotency key, or over
/// the body when it carries no key. The same alert sent again has the same identity, on any day and after any crash;
/// every id that a broker sees is derived from it.
public struct AlertIdentity: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

extension AlertIdentity: CustomStringConvertible {
  /// Twenty-six characters of Crockford's base 32, in lower case: what a person sees as the alert's id.
  public var description: String {
    Base32.text(UInt128(high) << 64 | UInt128(low), digitCount: 26)
  }

  /// Reads ``description`` back; `nil` for anything else.
  public init?(_ text: String) {
    guard let value = Base32.value(text.utf8[...], digitCount: 26) else { return nil }
    self.init(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
  }
}

/// Crockford's base 32 in lower case: no letter that reads like a digit, legal in every broker's tag.
enum Base32 {
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  static func text(_ value: UInt128, digitCount: Int) -> String {
    // Every byte of the capacity is written below, and all are ASCII.
    unsafe String(unsafeUninitializedCapacity: digitCount) { buffer in
      var rest = value
      for index in stride(from: digitCount - 1, through: 0, by: -1) {
        unsafe buffer[index] = digits[Int(truncatingIfNeeded: rest & 31)]
        rest >>= 5
      }
      return digitCount
    }
  }

  static func value(_ text: Substring.UTF8View, digitCount: Int) -> UInt128? {
    guard text.count == digitCount else { return nil }
    var value: UInt128 = 0
    for byte in text {
      guard let digit = digits.firstIndex(of: byte) else { return nil }
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 32)
      if overflow { return nil }
      value = shifted | UInt128(digit)
    }
    return value
  }
}
