/// Our tag on an order at the broker, by which the broker can be asked for it later.
///
/// Derived from the alert's identity, the leg and the slice, so it is the same after a crash and after a resend: 20
/// characters of `[0-9a-z]`, legal as Dhan's correlationId (25 measured to pass, 26 refused) and as Fyers' orderTag (1
/// to 30 alphanumeric). Brokers do not refuse a repeated tag: it finds orders, it does not prevent them.
public struct CorrelationID: Hashable, Sendable {
  /// The first 75 bits of the alert's identity: two alerts of one day meet by chance less than once in 10^16 days.
  private let digest: UInt128
  /// The leg's number in its alert, 1 to 31.
  public let leg: UInt8
  /// The slice's number in its leg, 1 to 1023.
  public let slice: UInt16
  /// Distinguishes what is sent anew for one slice after the broker had proven not to hold it, 0 to 31.
  public let attempt: UInt8

  public static let legLimit = 31
  public static let sliceLimit = 1023
  public static let attemptLimit = 31

  /// `nil` when a number is out of its range.
  public init?(alert: AlertIdentity, leg: Int, slice: Int, attempt: Int = 0) {
    guard (1...CorrelationID.legLimit).contains(leg), (1...CorrelationID.sliceLimit).contains(slice),
      (0...CorrelationID.attemptLimit).contains(attempt)
    else { return nil }
    digest = CorrelationID.alertDigest(of: alert)
    self.leg = UInt8(leg)
    self.slice = UInt16(slice)
    self.attempt = UInt8(attempt)
  }

  /// The digest is random by itself: the rest need only tell its ids apart.
  public func hash(into hasher: inout Hasher) { hasher.combine(UInt64(truncatingIfNeeded: number)) }

  /// What all ids of one alert share, and no other alert's do.
  public var alertDigest: UInt128 { digest }

  /// The ``alertDigest`` of an alert's ids.
  public static func alertDigest(of alert: AlertIdentity) -> UInt128 {
    (UInt128(alert.high) << 64 | UInt128(alert.low)) >> 53
  }

  private init(digest: UInt128, leg: UInt8, slice: UInt16, attempt: UInt8) {
    self.digest = digest
    self.leg = leg
    self.slice = slice
    self.attempt = attempt
  }

  /// The id of the same slice's next attempt; `nil` when none is left.
  public var followingAttempt: CorrelationID? {
    guard attempt < CorrelationID.attemptLimit else { return nil }
    return CorrelationID(digest: digest, leg: leg, slice: slice, attempt: attempt + 1)
  }
}

/// In the order of their texts: by alert, leg, slice and attempt.
extension CorrelationID: Comparable {
  public static func < (left: CorrelationID, right: CorrelationID) -> Bool { left.number < right.number }
}

extension CorrelationID: CustomStringConvertible {
  /// `q`, then 15 digits of the alert, one of the leg, two of the slice, one of the attempt.
  public var description: String { "q" + Base32.text(number, digitCount: CorrelationID.digitCount) }

  /// Bytes of ``description``.
  public static let byteCount = digitCount + 1
  private static let digitCount = 19

  /// Appends ``description``.
  public func write(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "q"))
    Base32.append(number, digitCount: CorrelationID.digitCount, to: &bytes)
  }

  private var number: UInt128 { digest << 20 | UInt128(leg) << 15 | UInt128(slice) << 5 | UInt128(attempt) }

  /// Reads ``description`` back; `nil` for anything that is not a tag of ours.
  public init?(_ text: String) {
    // By bytes: a combining mark behind the `q` would be dropped together with it.
    guard text.utf8.first == UInt8(ascii: "q"),
      let value = Base32.value(text.utf8.dropFirst(), digitCount: CorrelationID.digitCount)
    else { return nil }
    digest = value >> 20
    leg = UInt8(truncatingIfNeeded: value >> 15 & 31)
    slice = UInt16(truncatingIfNeeded: value >> 5 & 1023)
    attempt = UInt8(truncatingIfNeeded: value & 31)
    guard leg >= 1, slice >= 1 else { return nil }
  }
}
