package import OrderDomain

/// Tokens as they are written down: `{"access_token":"…","expires_at":"…","issued_at":"…"}`, and the same of a refresh
/// token. Whoever holds the text holds the account.
extension StoredTokens {
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.secret("access_token", access.secret)
      if let expiry = access.expiresAt { json.string("expires_at", expiry) }
      json.string("issued_at", issuedAt)
      if let refresh {
        json.secret("refresh_token", refresh.secret)
        if let expiry = refresh.expiresAt { json.string("refresh_expires_at", expiry) }
      }
    }
    return json.bytes
  }

  /// Fields that it does not know are skipped.
  package init(json: [UInt8]) throws(JSONError) {
    var access, refresh: Secret?
    var expiresAt, refreshExpiresAt, issuedAt: Timestamp?
    var scanner = JSONScanner(json.span)
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch scanner.text(key) {
      case "access_token": access = Secret(scanner.utf8(try scanner.string()))
      case "refresh_token": refresh = Secret(scanner.utf8(try scanner.string()))
      case "expires_at": expiresAt = try scanner.moment()
      case "refresh_expires_at": refreshExpiresAt = try scanner.moment()
      case "issued_at": issuedAt = try scanner.moment()
      default: try scanner.skipValue()
      }
    }
    try scanner.finish()
    guard let access, !access.isEmpty, let issuedAt else { throw JSONError(.wrongType, at: 0) }
    self.init(
      access: IssuedToken(secret: access, expiresAt: expiresAt),
      refresh: refresh.map { IssuedToken(secret: $0, expiresAt: refreshExpiresAt) }, issuedAt: issuedAt)
  }
}

extension JSONScanner {
  fileprivate mutating func moment() throws(JSONError) -> Timestamp {
    let start = position
    let text = utf8(try string())
    guard let time = Timestamp(rfc3339: text.span) else { throw JSONError(.wrongType, at: start) }
    return time
  }
}

extension JSONWriter {
  /// The one place where a secret becomes JSON; who writes it keeps it.
  fileprivate mutating func secret(_ name: StaticString, _ secret: Secret?) {
    guard let secret else { return null(name) }
    secret.withBytes { bytes in
      var copy: [UInt8] = []
      for index in bytes.indices { copy.append(bytes[index]) }
      string(name, String(decoding: copy, as: UTF8.self))
    }
  }
}
