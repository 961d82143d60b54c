internal import Crypto
package import OrderDomain

/// The journal's chain by swift-crypto.
package struct SHA256Chain: ChainDigest {
  package init() {}

  package func extending(_ previous: ChainValue, with bytes: Span<UInt8>) -> ChainValue {
    var hash = SHA256()
    hash.update(data: previous.bytes)
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    // A SHA-256 digest has 32 bytes.
    return ChainValue(Array(hash.finalize())) ?? .origin
  }
}

extension AlertIdentity {
  /// The first 16 bytes of the SHA-256 over `parts`, one after the other.
  init(sha256Of parts: [[UInt8]]) {
    var hash = SHA256()
    for part in parts { hash.update(data: part) }
    var value: UInt128 = 0
    for byte in hash.finalize().prefix(16) { value = value << 8 | UInt128(byte) }
    self.init(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
  }
}

/// What the journal may keep of a body.
enum BodyRedaction {
  /// The body with every occurrence of its secret blanked out. A secret that was spelt with escapes cannot be found
  /// letter by letter; then nothing of the body is kept.
  static func withheld(_ secret: Secret?, from body: [UInt8]) -> [UInt8] {
    guard let secret, !secret.isEmpty else { return body }
    return secret.withBytes { needle in
      var kept = body
      var isFound = false
      var index = 0
      while index + needle.count <= kept.count {
        var length = 0
        while length < needle.count, kept[index + length] == needle[length] { length += 1 }
        if length == needle.count {
          isFound = true
          for offset in 0..<needle.count { kept[index + offset] = UInt8(ascii: "*") }
          index += needle.count
        } else {
          index += 1
        }
      }
      return isFound ? kept : []
    }
  }
}
