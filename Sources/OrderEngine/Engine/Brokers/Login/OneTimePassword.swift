internal import Crypto
package import OrderDomain

/// Time-based one-time passwords (RFC 6238) as authenticator apps make them: HMAC-SHA-1, six digits, a new one every 30 s.
package struct OneTimePassword: Sendable {
  private let key: Secret
  private let digitCount: Int

  package static let stepSeconds: Int64 = 30

  /// - Parameter base32: the secret that the broker shows when two-factor login is set up (RFC 4648 section 6); spaces,
  ///   hyphens and the case of letters do not matter. `nil` for what is no base 32, and for less than ten bytes.
  package init?(base32: Secret, digitCount: Int = 6) {
    guard let bytes = base32.withBytes({ OneTimePassword.bytes(ofBase32: $0) }), bytes.count >= 10 else { return nil }
    key = Secret(bytes)
    self.digitCount = digitCount
  }

  /// The step that holds `time`, counted from 1970.
  package static func step(at time: Timestamp) -> Int64 {
    let seconds = time.nanoseconds / 1_000_000_000
    return seconds / stepSeconds - (seconds % stepSeconds < 0 ? 1 : 0)
  }

  /// How long the steps before `step` still last.
  package static func wait(for step: Int64, at time: Timestamp) -> Duration {
    let start = step.multipliedReportingOverflow(by: stepSeconds * 1_000_000_000)
    if start.overflow { return .zero }
    return .nanoseconds(max(0, Timestamp(nanoseconds: start.partialValue).nanoseconds(since: time)))
  }

  package func code(step: Int64) -> Secret {
    // RFC 4226 section 5.2: the counter in eight bytes, the highest first.
    let counter = UInt64(bitPattern: step)
    let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * $0)) }
    let symmetricKey = key.withBytes { bytes in
      var copy: [UInt8] = []
      for index in bytes.indices { copy.append(bytes[index]) }
      return SymmetricKey(data: copy)
    }
    let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: symmetricKey))
    // RFC 4226 section 5.3: 31 bits from where the last four bits say.
    let start = Int(digest[19] & 15)
    var value = digest[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
    var digits: [UInt8] = []
    for _ in 0..<digitCount {
      digits.append(UInt8(ascii: "0") + UInt8(value % 10))
      value /= 10
    }
    return Secret(Array(digits.reversed()))
  }

  private static func bytes(ofBase32 text: Span<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bitCount = 0
    for index in text.indices {
      let digit: UInt8
      switch text[index] {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = text[index] - UInt8(ascii: "A")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = text[index] - UInt8(ascii: "a")
      case UInt8(ascii: "2")...UInt8(ascii: "7"): digit = text[index] - UInt8(ascii: "2") + 26
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "="): continue
      default: return nil
      }
      buffer = (buffer << 5 | UInt32(digit)) & 0xFFFF
      bitCount += 5
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bitCount)))
      }
    }
    return bytes
  }
}
