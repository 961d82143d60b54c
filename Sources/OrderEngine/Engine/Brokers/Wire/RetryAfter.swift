package import OrderDomain

/// Reads `Retry-After` (RFC 9110 section 10.2.3).
package enum RetryAfter {
  /// What an absurd value comes down to; the rate limiter caps further, and says so.
  package static let limit = Duration.seconds(86_400)

  /// What the answer says, in milliseconds where it does.
  package static func duration(_ answer: BrokerAnswer, now: Timestamp) -> Duration? {
    if let text = answer.retryAfterMilliseconds, let count = number(Array(text.utf8).trimmed, upTo: 86_400_000) {
      return .milliseconds(count)
    }
    let brokersNow = answer.date.flatMap { IndianTime.imfFixdate(Array($0.utf8).trimmed) }
    return duration(answer.retryAfter, now: brokersNow ?? now)
  }

  /// Seconds, or an IMF-fixdate (RFC 9110 section 5.6.7) against `now`; a date in the past is no wait. `nil` for none and
  /// for what cannot be read: then the limiter's own rest applies.
  package static func duration(_ text: String?, now: Timestamp) -> Duration? {
    guard let text else { return nil }
    let value = Array(text.utf8).trimmed
    if let seconds = number(value, upTo: 86_400) { return .seconds(seconds) }
    guard let date = IndianTime.imfFixdate(value) else { return nil }
    return min(.nanoseconds(max(0, date.nanoseconds(since: now))), limit)
  }

  /// More digits than the limit has are the limit, however many there are.
  private static func number(_ digits: [UInt8], upTo limit: Int64) -> Int64? {
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return digits.reduce(0) { min($0 * 10 + Int64($1 - 0x30), limit) }
  }
}

extension [UInt8] {
  fileprivate var trimmed: [UInt8] {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    return Array(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
