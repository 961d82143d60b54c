import Crypto
package import OrderDomain

/// What `X-Signature` and `X-Timestamp` said, before anything of it is believed.
///
/// The signature is HMAC-SHA256 (RFC 2104) over the bytes of the timestamp as they stand in the field, a `.`, and the
/// body; in hexadecimal, perhaps behind `sha256=`.
package struct WebhookSignature: Sendable {
  /// `nil` when the field holds none.
  let code: Digest256?
  let timestamp: [UInt8]
  /// `nil` when the field holds no time.
  let signedAt: Timestamp?

  init(signature: Span<UInt8>, timestamp: Span<UInt8>) {
    let prefix: StaticString = "sha256="
    if signature.begins(with: prefix) {
      code = Digest256(hex: signature.extracting(prefix.utf8CodeUnitCount..<signature.count))
    } else {
      code = Digest256(hex: signature)
    }
    // The longest time in milliseconds has 14 digits for the next three thousand years.
    self.timestamp = timestamp.count <= 16 ? timestamp.copied() : []
    signedAt = WebhookSignature.time(timestamp)
  }

  package init(signature: String, timestamp: String) {
    let (signature, timestamp) = (Array(signature.utf8), Array(timestamp.utf8))
    self.init(signature: signature.span, timestamp: timestamp.span)
  }

  /// Digits alone: seconds since 1970, or milliseconds from 10^11 on, which as seconds would be the year 5138.
  private static func time(_ text: Span<UInt8>) -> Timestamp? {
    guard (1...16).contains(text.count) else { return nil }
    var number: Int64 = 0
    for index in 0..<text.count {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      number = number * 10 + Int64(digit)
    }
    if number < 100_000_000_000 { return Timestamp(seconds: number) }
    let (nanoseconds, isOverflow) = number.multipliedReportingOverflow(by: 1_000_000)
    return isOverflow ? nil : Timestamp(nanoseconds: nanoseconds)
  }

  /// The code that a sender who knows the key writes over the pieces, one behind the other.
  static func code(_ key: Secret, _ pieces: [UInt8]...) -> Digest256 {
    var code = HMAC<SHA256>(key: key.withBytes { SymmetricKey(data: $0.copied()) })
    for piece in pieces { code.update(data: piece) }
    return Digest256(code.finalize())
  }
}

/// The keys that signatures are made with: one, or two while the senders change over.
package struct SignatureKeys: Sendable {
  private let keys: [Secret]
  /// A signature is believed for so long, before and after its time.
  let windowNanoseconds: Int64

  package init(_ secrets: [Secret], windowSeconds: Int64) {
    keys = secrets
    windowNanoseconds = windowSeconds * 1_000_000_000
  }

  enum Verdict: Equatable {
    /// - Parameter key: which of the keys, from 0.
    case good(key: Int)
    case wrong
    /// By a right key, for another time: the two clocks differ, or somebody has kept it.
    case expired
  }

  /// The code first: who does not know a key learns nothing of the clock.
  func judge(_ signature: WebhookSignature?, _ body: [UInt8], at now: Timestamp) -> Verdict {
    guard let signature, let offered = signature.code, let signedAt = signature.signedAt else { return .wrong }
    var known: Int?
    // All are compared, so that the time does not tell which one is near.
    for (index, key) in keys.enumerated()
    where WebhookSignature.code(key, signature.timestamp, [UInt8(ascii: ".")], body).matches(offered) {
      known = index
    }
    guard let known else { return .wrong }
    let age = now.nanoseconds(since: signedAt)
    guard age <= windowNanoseconds, age >= -windowNanoseconds else { return .expired }
    return .good(key: known)
  }
}

extension Span where Element == UInt8 {
  func begins(with prefix: StaticString) -> Bool {
    guard count >= prefix.utf8CodeUnitCount else { return false }
    for index in 0..<prefix.utf8CodeUnitCount {
      // A static string's bytes live for ever, and the index is below its count.
      if unsafe self[index] != prefix.utf8Start[index] { return false }
    }
    return true
  }
}
