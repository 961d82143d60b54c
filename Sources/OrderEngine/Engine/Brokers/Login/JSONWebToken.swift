package import OrderDomain

/// What an access token says of itself (RFC 7519 section 4). Read for planning alone: the signature is the broker's to
/// check, so nothing here proves that a token lives.
package struct JSONWebToken: Hashable, Sendable {
  /// `exp`; `nil` where the token does not say it, or is no such token at all.
  package private(set) var expiresAt: Timestamp?
  /// `iat`, likewise.
  package private(set) var issuedAt: Timestamp?
  /// Dhan's `dhanClientId`.
  package private(set) var clientID: String?
  /// Dhan's `tokenConsumerType`: `SELF` for one that was made on the website, `APP` for one by PIN and one-time password.
  package private(set) var consumer: String?

  /// The brokers' tokens have some 400 bytes.
  package static let byteLimit = 16 * 1_024

  package init(_ token: Secret) {
    let claims = token.withBytes { JSONWebToken.claims(of: $0) }
    guard let claims else { return }
    do throws(JSONError) {
      try read(claims)
    } catch {
      // Half of what it says is worth nothing.
      self = JSONWebToken()
    }
  }

  private init() {}

  private mutating func read(_ claims: [UInt8]) throws(JSONError) {
    var reader = WireReader(claims.span)
    try reader.scanner.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "exp": expiresAt = try JSONWebToken.moment(&reader)
      case "iat": issuedAt = try JSONWebToken.moment(&reader)
      case "dhanClientId": clientID = try reader.meaningfulText()
      case "tokenConsumerType": consumer = try reader.meaningfulText()
      default: try reader.scanner.skipValue()
      }
    }
    try reader.scanner.finish()
  }

  /// Seconds since 1970, perhaps with a fraction, which is dropped.
  private static func moment(_ reader: inout WireReader) throws(JSONError) -> Timestamp? {
    guard let text = try reader.text(), let whole = text.split(separator: ".").first, let seconds = Int64(whole),
      seconds > 0
    else { return nil }
    return Timestamp(seconds: seconds)
  }

  /// The second of the three parts, decoded.
  private static func claims(of token: Span<UInt8>) -> [UInt8]? {
    guard token.count <= byteLimit else { return nil }
    var part = 0
    var text: [UInt8] = []
    for index in token.indices {
      if token[index] == UInt8(ascii: ".") {
        part += 1
      } else if part == 1 {
        text.append(token[index])
      }
    }
    return part == 2 ? base64URL(text) : nil
  }

  /// RFC 4648 section 5; padding is allowed and not needed.
  private static func base64URL(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var buffer: UInt32 = 0
    var bitCount = 0
    var isPadding = false
    for byte in text {
      if byte == UInt8(ascii: "=") {
        isPadding = true
        continue
      }
      guard !isPadding, let digit = digit(byte) else { return nil }
      buffer = (buffer << 6 | digit) & 0xFFFF
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bitCount)))
      }
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "-"), UInt8(ascii: "+"): 62
    case UInt8(ascii: "_"), UInt8(ascii: "/"): 63
    default: nil
    }
  }
}

extension StoredTokens {
  /// A token from outside, with what it says of itself. One that does not say when it was made counts as made now.
  package init(pasted token: Secret, at now: Timestamp) {
    let claims = JSONWebToken(token)
    self.init(
      access: IssuedToken(secret: token, expiresAt: claims.expiresAt), refresh: nil, issuedAt: claims.issuedAt ?? now)
  }
}
