internal import Crypto
internal import CryptoExtras
package import OrderDomain

/// The key file of a service account of Google's, as its console writes it.
package struct ServiceAccountKey: Sendable {
  let email: String
  let keyID: String
  /// Where an access token is had.
  let tokenURL: String
  private let key: _RSA.Signing.PrivateKey

  private static let scope = "https://www.googleapis.com/auth/cloud-platform"
  private static let fileLimit = 64 << 10

  /// - Parameter tokenURL: instead of the one that the file names.
  package init(file path: String, tokenURL: String?) throws(Refusal) {
    guard let bytes = try DataDirectory.read(path, limit: ServiceAccountKey.fileLimit) else {
      throw ServiceAccountKey.unusable(path, "there is no such file")
    }
    let fields: [String: String]
    do throws(JSONError) { fields = try JSONFields.texts(bytes) } catch {
      throw ServiceAccountKey.unusable(path, "it is not JSON: \(error.cause)")
    }
    guard fields["type"] == "service_account", let email = fields["client_email"], let pem = fields["private_key"]
    else {
      throw ServiceAccountKey.unusable(path, "it is no service account's key")
    }
    let address = tokenURL ?? fields["token_uri"] ?? "https://oauth2.googleapis.com/token"
    guard let slash = address.dropFirst(8).firstIndex(of: "/"), BrokerAddress(String(address[..<slash])) != nil else {
      throw ServiceAccountKey.unusable(path, "its token_uri is not https")
    }
    do {
      key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
    } catch {
      // The error could quote the key.
      throw ServiceAccountKey.unusable(path, "its private_key is no RSA key in PEM")
    }
    self.email = email
    keyID = fields["private_key_id"] ?? ""
    self.tokenURL = address
  }

  private static func unusable(_ path: String, _ how: String) -> Refusal {
    Refusal(
      code: "secret.serviceAccountUnusable", cause: "GOOGLE_APPLICATION_CREDENTIALS (\(path)): \(how)",
      fix: "download the key of the service account again, as JSON")
  }

  /// What the token endpoint takes as proof (RFC 7523): a JWT signed with RS256, good for an hour.
  func assertion(at now: Timestamp) throws(Refusal) -> Secret {
    var header = JSONWriter()
    header.object { json in
      json.string("alg", "RS256")
      json.string("typ", "JWT")
      json.string("kid", keyID)
    }
    let seconds = now.nanoseconds / 1_000_000_000
    var claims = JSONWriter()
    claims.object { json in
      json.string("iss", email)
      json.string("scope", ServiceAccountKey.scope)
      json.string("aud", tokenURL)
      json.integer("iat", seconds)
      json.integer("exp", seconds + 3_600)
    }
    let signed = Base64.urlText(header.bytes) + "." + Base64.urlText(claims.bytes)
    do {
      // RS256 is PKCS #1 v1.5 with SHA-256 (RFC 7518, section 3.3); the endpoint takes nothing else.
      let signature = try key.signature(for: SHA256.hash(data: Array(signed.utf8)), padding: .insecurePKCS1v1_5)
      return Secret(signed + "." + Base64.urlText(Array(signature.rawRepresentation)))
    } catch {
      throw Refusal(
        code: "secret.serviceAccountUnusable", cause: "the service account's key cannot sign",
        fix: "download the key of the service account again, as JSON")
    }
  }
}

/// The texts of one JSON object, by their names; numbers as they are written, the rest left out.
enum JSONFields {
  static func texts(_ bytes: [UInt8]) throws(JSONError) -> [String: String] {
    var scanner = JSONScanner(bytes.span)
    let fields = try texts(&scanner, bytes)
    try scanner.finish()
    return fields
  }

  /// Of an object within the one under `name`.
  static func texts(_ bytes: [UInt8], under name: String) throws(JSONError) -> [String: String] {
    var scanner = JSONScanner(bytes.span)
    var fields: [String: String] = [:]
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      if scanner.text(key) == name, try scanner.peek() == .object {
        fields = try texts(&scanner, bytes)
      } else {
        try scanner.skipValue()
      }
    }
    try scanner.finish()
    return fields
  }

  private static func texts(_ scanner: inout JSONScanner, _ bytes: [UInt8]) throws(JSONError) -> [String: String] {
    var fields: [String: String] = [:]
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch try scanner.peek() {
      case .string: fields[scanner.text(key)] = scanner.text(try scanner.string())
      case .number: fields[scanner.text(key)] = String(decoding: bytes[try scanner.number()], as: UTF8.self)
      case .object, .array, .boolean, .null: try scanner.skipValue()
      }
    }
    return fields
  }
}
