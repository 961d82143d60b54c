internal import OrderDomain

/// Tokens as every store but a plain file of its own keeps them: an object with `access_token`, `refresh_token`,
/// `expires_at`, `refresh_expires_at` and `issued_at`, times by RFC 3339. An absent field is an absent value.
extension StoredTokens {
  /// Holds the tokens in plain: for sealing and sending alone.
  var json: [UInt8] {
    var json = JSONWriter()
    json.object { writeFields(to: &$0) }
    return json.bytes
  }

  func writeFields(to json: inout JSONWriter) {
    json.optionalString("access_token", access.secret?.text)
    json.optionalString("expires_at", access.expiresAt?.description)
    if let refresh {
      json.optionalString("refresh_token", refresh.secret?.text)
      json.optionalString("refresh_expires_at", refresh.expiresAt?.description)
    }
    json.string("issued_at", issuedAt.description)
  }

  /// `nil` for anything else than such an object.
  init?(json bytes: [UInt8]) {
    do throws(JSONError) {
      var scanner = JSONScanner(bytes.span)
      guard let tokens = try StoredTokens(from: &scanner) else { return nil }
      try scanner.finish()
      self = tokens
    } catch {
      // The caller says of which store; the bytes themselves are not for words.
      return nil
    }
  }

  /// Reads one object; `nil` for one that has no `issued_at`.
  init?(from scanner: inout JSONScanner) throws(JSONError) {
    var texts: [String: String] = [:]
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      guard try scanner.peek() == .string else {
        try scanner.skipValue()
        continue
      }
      let value = try scanner.string()
      texts[scanner.text(key)] = scanner.text(value)
    }
    func time(_ name: String) -> Timestamp? {
      guard let text = texts[name] else { return nil }
      let bytes = Array(text.utf8)
      return Timestamp(rfc3339: bytes.span)
    }
    guard let issuedAt = time("issued_at") else { return nil }
    let refresh = texts["refresh_token"].map { IssuedToken(secret: Secret($0), expiresAt: time("refresh_expires_at")) }
    self.init(
      access: IssuedToken(secret: texts["access_token"].map { Secret($0) }, expiresAt: time("expires_at")),
      refresh: refresh, issuedAt: issuedAt)
  }
}

extension Secret {
  /// For the one who must write or send it as text.
  var text: String { String(decoding: copiedBytes(), as: UTF8.self) }
}
