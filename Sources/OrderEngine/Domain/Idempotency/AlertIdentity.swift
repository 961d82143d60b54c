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

  /// Of a digest: each half is as good as both. Seeded all the same, because a sender chooses what is digested.
  public func hash(into hasher: inout Hasher) { hasher.combine(high) }
}

/// Of alerts that have the key, or the body, of one before them whose window has passed.
extension AlertIdentity {
  /// The body within one window of time, counted from 1970; or the key's use after so many others. Outside of its window
  /// the same is another alert, with orders of its own; inside it stays what it is, also over a crash.
  public init(body digest: AlertIdentity, window: Int64) {
    // The finaliser of SplitMix64: neighbouring windows differ in half of their bits.
    var mixed = UInt64(bitPattern: window) &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    // The half that every order's tag begins with; the other half still says whose body it is.
    self.init(high: digest.high ^ mixed ^ mixed >> 31, low: digest.low)
  }

  /// What a repeat of this alert is recognised by: its body, where nothing else recognises it.
  public func ledgerKey(_ bodyDigest: AlertIdentity) -> AlertIdentity { low == bodyDigest.low ? bodyDigest : self }
}

extension AlertIdentity: CustomStringConvertible {
  /// Twenty-six characters of Crockford's base 32, in lower case: what a person sees as the alert's id.
  public var description: String {
    Base32.text(UInt128(high) << 64 | UInt128(low), digitCount: 26)
  }

  /// Appends ``description``.
  public func write(to bytes: inout [UInt8]) {
    Base32.append(UInt128(high) << 64 | UInt128(low), digitCount: 26, to: &bytes)
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

  static func append(_ value: UInt128, digitCount: Int, to bytes: inout [UInt8]) {
    let digits = digits.span
    bytes.append(addingCapacity: digitCount) { text in
      // In halves of 60 bits: shifting 128 of them takes several times as long.
      var place = digitCount
      while place > 0 {
        let count = (place - 1) % 12 + 1
        place -= count
        let half = UInt64(truncatingIfNeeded: value >> UInt128(5 * place))
        var shift = UInt64(5 * count)
        while shift > 0 {
          shift -= 5
          text.append(digits[Int(truncatingIfNeeded: half &>> shift & 31)])
        }
      }
    }
  }

  /// The digit of each byte; 32 where it is none. A start reads one for each record of the journal.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 32, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()

  static func value(_ text: Substring.UTF8View, digitCount: Int) -> UInt128? {
    let bytes = text.span
    guard bytes.count == digitCount else { return nil }
    let values = values.span
    var value: UInt128 = 0
    for index in bytes.indices {
      let digit = values[Int(bytes[index])]
      guard digit < 32, value >> 123 == 0 else { return nil }
      value = value << 5 | UInt128(digit)
    }
    return value
  }
}
