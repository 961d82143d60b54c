internal import Crypto
package import OrderDomain

/// RFC 6238 with SHA-1, six digits and steps of 30 s, as authenticator apps make them.
package enum OneTimePassword {
  /// The code of the step that holds `time`; `nil` for a secret that is no base32.
  package static func code(secret: String, at time: Timestamp, step offset: Int64 = 0) -> String? {
    guard let key = bytes(ofBase32: secret) else { return nil }
    var counter = UInt64(bitPattern: time.nanoseconds / 30_000_000_000 + offset).bigEndian
    var message: [UInt8] = []
    for _ in 0..<8 {
      message.append(UInt8(truncatingIfNeeded: counter))
      counter >>= 8
    }
    let digest = Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    let start = Int(digest[19] & 15)
    var value: UInt32 = 0
    for index in 0..<4 { value = value << 8 | UInt32(digest[start + index]) }
    return String((value & 0x7FFF_FFFF) % 1_000_000 + 1_000_000).suffix(6).description
  }

  /// Whether `code` is that of this step or of one beside it, as servers allow.
  static func accepts(_ code: String, secret: String, at time: Timestamp) -> Bool {
    (-1...1).contains { OneTimePassword.code(secret: secret, at: time, step: Int64($0)) == code }
  }

  private static func bytes(ofBase32 text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bitCount = 0
    for character in text where character != "=" {
      guard let digit = Base32Digits.alphabet.firstIndex(of: character) else { return nil }
      buffer = buffer << 5 | UInt32(digit)
      bitCount += 5
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bitCount)))
      }
    }
    return bytes
  }
}
