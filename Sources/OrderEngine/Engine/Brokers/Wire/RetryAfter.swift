package import OrderDomain

/// Reads `Retry-After` (RFC 9110 section 10.2.3).
package enum RetryAfter {
  /// What an absurd value comes down to; the rate limiter caps further, and says so.
  package static let limit = Duration.seconds(86_400)

  /// Seconds, or an IMF-fixdate (RFC 9110 section 5.6.7) against `now`; a date in the past is no wait. `nil` for none and
  /// for what cannot be read: then the limiter's own rest applies.
  package static func duration(_ text: String?, now: Timestamp) -> Duration? {
    guard let text else { return nil }
    let value = Array(text.utf8).trimmed
    if !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }) {
      // More digits than a day has seconds are the limit, however many there are.
      let seconds = value.reduce(Int64(0)) { min($0 * 10 + Int64($1 - 0x30), 86_400) }
      return .seconds(seconds)
    }
    guard let date = IndianTime.imfFixdate(value) else { return nil }
    return min(.nanoseconds(max(0, date.nanoseconds(since: now))), limit)
  }
}

extension [UInt8] {
  fileprivate var trimmed: [UInt8] {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    return Array(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
