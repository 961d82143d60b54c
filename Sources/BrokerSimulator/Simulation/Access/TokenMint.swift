internal import Crypto
import OrderDomain
internal import SimulatedExchange

/// Makes tokens that look like the brokers': three base64url parts, of which nobody can check the third.
package struct TokenMint: Sendable {
  private var generator: SeededGenerator

  package init(seed: UInt64) { generator = SeededGenerator(seed: seed ^ 0x70_4B_45_4E) }

  mutating func token(claims: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    writer.object(nil, claims)
    var signature: [UInt8] = []
    for _ in 0..<4 {
      let word = generator.next()
      for shift in 0..<8 { signature.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * shift))) }
    }
    let header = Array(#"{"typ":"JWT","alg":"HS512"}"#.utf8)
    return [header, writer.bytes, signature].map(Base64.urlText).joined(separator: ".")
  }

  /// A name that no two calls give, of hexadecimal digits in the shape of a UUID.
  mutating func identifier() -> String {
    let (high, low) = (generator.next(), generator.next())
    let digits = TokenMint.hexadecimal(high) + TokenMint.hexadecimal(low)
    var parts: [Substring] = []
    var rest = Substring(digits)
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }

  /// Base32 text (RFC 4648) of 20 random bytes: a TOTP secret.
  mutating func secret() -> String {
    String((0..<32).map { _ in Base32Digits.alphabet[Int(generator.next() % 32)] })
  }

  private static func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Lower-case hexadecimal SHA-256 of `id:secret`, as Fyers wants it.
  static func appHash(id: String, secret: String) -> String {
    SHA256.hash(data: Array("\(id):\(secret)".utf8)).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}

enum Base32Digits {
  static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
}

enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// Without padding, with `-` and `_` (RFC 4648 section 5).
  static func urlText(_ bytes: [UInt8]) -> String { text(bytes, alphabet, isPadded: false) }

  /// The plain form (RFC 4648 section 4).
  static func text(_ bytes: [UInt8]) -> String {
    let plain = alphabet.dropLast(2) + [UInt8(ascii: "+"), UInt8(ascii: "/")]
    return text(bytes, Array(plain), isPadded: true)
  }

  private static func text(_ bytes: [UInt8], _ alphabet: [UInt8], isPadded: Bool) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 4 / 3 + 4)
    var index = 0
    while index < bytes.count {
      let count = min(3, bytes.count - index)
      var group = 0
      for offset in 0..<3 { group = group << 8 | (offset < count ? Int(bytes[index + offset]) : 0) }
      for digit in 0..<4 {
        if digit <= count {
          text.append(alphabet[group >> (18 - 6 * digit) & 63])
        } else if isPadded {
          text.append(UInt8(ascii: "="))
        }
      }
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}
