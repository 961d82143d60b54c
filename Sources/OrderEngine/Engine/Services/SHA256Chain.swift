internal import Crypto
package import OrderDomain

/// The journal's chain by swift-crypto.
package struct SHA256Chain: ChainDigest {
  package init() {}

  package func extending(_ previous: ChainValue, with bytes: Span<UInt8>) -> ChainValue {
    var hash = SHA256()
    unsafe previous.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    // The digest is read within the closure only, and has 32 bytes.
    return unsafe hash.finalize().withUnsafeBytes { unsafe ChainValue($0) } ?? .origin
  }
}

extension AlertIdentity {
  /// Of the alerts of one strategy that come under one key.
  init(key: String, strategy: String?) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(5 + (strategy?.utf8.count ?? 0) + key.utf8.count)
    bytes += "key\0".utf8
    if let strategy { bytes += strategy.utf8 }
    bytes.append(0)
    bytes += key.utf8
    self.init(sha256Of: bytes)
  }

  /// The first 16 bytes of the SHA-256 over `bytes`.
  init(sha256Of bytes: [UInt8]) {
    // The digest's 32 bytes are read within the closure only.
    let (high, low) = unsafe SHA256.hash(data: bytes).withUnsafeBytes { digest in
      unsafe (
        UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
    self.init(high: high, low: low)
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
      while let place = offset(of: needle, in: body.span, from: index) {
        isFound = true
        for offset in 0..<needle.count { kept[place + offset] = UInt8(ascii: "*") }
        index = place + needle.count
      }
      return isFound ? kept : []
    }
  }

  private static func offset(of needle: Span<UInt8>, in bytes: Span<UInt8>, from start: Int) -> Int? {
    let first = needle[0]
    var index = start
    while index <= bytes.count - needle.count {
      if bytes[index] == first {
        var length = 1
        while length < needle.count, bytes[index + length] == needle[length] { length += 1 }
        if length == needle.count { return index }
      }
      index += 1
    }
    return nil
  }
}
