import Crypto
import OrderDomain

/// 32 bytes of SHA-256 or HMAC-SHA256.
struct Digest256: Hashable, Sendable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  static func == (left: Digest256, right: Digest256) -> Bool { left.matches(right) }

  func hash(into hasher: inout Hasher) {
    // It is a digest: any part of it tells it from the others.
    hasher.combine(words.0)
  }

  /// Whether both are the same, in a time that does not depend on where they differ.
  func matches(_ other: Digest256) -> Bool {
    let difference =
      (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2) | (words.3 ^ other.words.3)
    return difference == 0
  }

  /// 64 hexadecimal digits of either case, nothing else.
  init?(hex: Span<UInt8>) {
    guard hex.count == 64 else { return nil }
    var words: [4 of UInt64] = [0, 0, 0, 0]
    for index in 0..<64 {
      guard let digit = HexDigit.value(of: hex[index]) else { return nil }
      words[index / 16] = words[index / 16] << 4 | UInt64(digit)
    }
    self.words = (words[0], words[1], words[2], words[3])
  }

  init(sha256Of secret: Secret) {
    var hash = SHA256()
    secret.withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) } }
    // The digest is read within the closure only.
    self = unsafe hash.finalize().withUnsafeBytes { unsafe Digest256($0) }
  }

  init(_ code: HMAC<SHA256>.MAC) {
    // As above.
    self = unsafe code.withUnsafeBytes { unsafe Digest256($0) }
  }

  /// - Precondition: there are 32 bytes.
  @unsafe
  init(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count == 32)
    func word(_ index: Int) -> UInt64 {
      // Within the 32 bytes of the precondition.
      UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  var hex: String {
    var text = ""
    for word in [words.0, words.1, words.2, words.3] {
      let digits = String(word, radix: 16)
      text += String(repeating: "0", count: 16 - digits.count) + digits
    }
    return text
  }
}
