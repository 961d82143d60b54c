import Crypto
import CryptoExtras
import Foundation
import HTTP
import OrderDomain
import Ring
import Synchronization

@testable import OrderEngine

/// Google's token endpoint, metadata server, Secret Manager and Cloud Storage on one loopback port, as strict as the real
/// ones where this project relies on it.
final class GoogleDouble: HTTPHandler, @unchecked Sendable {
  // @unchecked: the loop's thread alone, but for the mutex.
  struct State {
    var secrets: [String: [[UInt8]]] = [:]
    var objects: [String: (bytes: [UInt8], generation: Int64)] = [:]
    var grants = 0
    /// Answers so to everything but logins, if set.
    var failure: (status: UInt16, body: String)?
    /// Called after an object was read: somebody else may write it then.
    var whenRead: (@Sendable (inout State) -> Void)?
    var damagesChecksums = false
  }

  let state = Mutex(State())
  private let key: _RSA.Signing.PrivateKey
  private let thread: EventLoopThread
  private(set) var base = ""
  private var server: HTTPServer?

  static let token = "ya29.canary-access-token"
  static let email = "engine@project.iam.gserviceaccount.com"

  init() async throws {
    key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    thread = try EventLoop.start(name: "google")
    let (loop, handler) = (thread.loop, self)
    base = try await withCheckedThrowingContinuation { continuation in
      loop.execute {
        let server = HTTPServer(
          loop: loop, configuration: HTTPServerConfiguration(wallClock: { 784_111_777 }), handler: handler)
        handler.server = server
        continuation.resume(with: Result { "http://\(try server.listen(on: .loopback(port: 0)))" })
      }
    }
  }

  func stop() async {
    server = nil
    await thread.stopAndWait()
  }

  /// The key file of a service account, as Google writes it.
  func keyFile(tokenURL: String? = nil, key other: _RSA.Signing.PrivateKey? = nil) throws -> String {
    let path = NSTemporaryDirectory() + UUID().uuidString + ".json"
    let fields: [String: String] = [
      "type": "service_account", "project_id": "project", "private_key_id": "key-1",
      "private_key": (other ?? key).pkcs8PEMRepresentation, "client_email": GoogleDouble.email,
      "token_uri": tokenURL ?? base + "/token",
    ]
    try JSONSerialization.data(withJSONObject: fields).write(to: URL(fileURLWithPath: path))
    return path
  }

  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    var body: [UInt8] = []
    for index in 0..<request.body.count { body.append(request.body[index]) }
    var target: [UInt8] = []
    for index in 0..<request.target.count { target.append(request.target[index]) }
    let call = Call(
      method: request.method, target: String(decoding: target, as: UTF8.self),
      authorization: request.fieldText("authorization"),
      flavor: request.fieldText("metadata-flavor"), contentType: request.fieldText("content-type"), body: body)
    let answer = state.withLock { state in self.answer(call, &state) }
    var fields = HTTPFields()
    fields.add("Content-Type", "application/json")
    if let generation = answer.generation { fields.add("X-Goog-Generation", String(generation)) }
    responder.respond(HTTPResponse(HTTPStatus(answer.status), fields: fields, body: answer.body))
  }

  private struct Call {
    let method: HTTPMethod
    let target: String
    let authorization: String?
    let flavor: String?
    let contentType: String?
    let body: [UInt8]
  }

  private typealias Answer = (status: UInt16, body: [UInt8], generation: Int64?)

  private func error(_ status: UInt16, _ word: String) -> Answer {
    (
      status,
      Array("{\"error\":{\"code\":\(status),\"message\":\"canary of a message\",\"status\":\"\(word)\"}}".utf8), nil
    )
  }

  private func answer(_ call: Call, _ state: inout State) -> Answer {
    if call.target == "/token" { return grant(call, &state) }
    if call.target.hasPrefix("/computeMetadata/") {
      guard call.flavor == "Google",
        call.target == "/computeMetadata/v1/instance/service-accounts/default/token"
      else { return error(403, "FORBIDDEN") }
      return token(&state)
    }
    guard call.authorization == "Bearer \(GoogleDouble.token)" else { return error(401, "UNAUTHENTICATED") }
    if let failure = state.failure { return (failure.status, Array(failure.body.utf8), nil) }
    if call.target.hasPrefix("/v1/projects/project/secrets") { return secret(call, &state) }
    return object(call, &state)
  }

  private func token(_ state: inout State) -> Answer {
    state.grants += 1
    let text = "{\"access_token\":\"\(GoogleDouble.token)\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"
    return (200, Array(text.utf8), nil)
  }

  /// RFC 7523: what is signed is what the header and the claims say, and they say what they must.
  private func grant(_ call: Call, _ state: inout State) -> Answer {
    let refused: Answer = (400, Array(#"{"error":"invalid_grant","error_description":"canary"}"#.utf8), nil)
    let start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
    let form = String(decoding: call.body, as: UTF8.self)
    guard call.method == .post, call.contentType == "application/x-www-form-urlencoded", form.hasPrefix(start) else {
      return refused
    }
    let parts = form.dropFirst(start.count).split(separator: ".").map(String.init)
    guard parts.count == 3, let header = json(parts[0]), let claims = json(parts[1]), let signature = data(parts[2]),
      header["alg"] as? String == "RS256", header["kid"] as? String == "key-1",
      claims["iss"] as? String == GoogleDouble.email, claims["aud"] as? String == base + "/token",
      claims["scope"] as? String == "https://www.googleapis.com/auth/cloud-platform",
      let issued = claims["iat"] as? Int, let ends = claims["exp"] as? Int, ends - issued == 3_600,
      abs(issued - Int(Date().timeIntervalSince1970)) < 300,
      key.publicKey.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature),
        for: SHA256.hash(data: Data((parts[0] + "." + parts[1]).utf8)), padding: .insecurePKCS1v1_5)
    else { return refused }
    return token(&state)
  }

  private func data(_ text: String) -> Data? {
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
  }

  private func json(_ text: String) -> [String: Any]? {
    data(text).flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
  }

  // MARK: Secret Manager

  private func secret(_ call: Call, _ state: inout State) -> Answer {
    let path = call.target.dropFirst("/v1/projects/project/secrets".count)
    if call.method == .post, path.hasPrefix("?secretId=") {
      let id = String(path.dropFirst("?secretId=".count))
      guard state.secrets[id] == nil else { return error(409, "ALREADY_EXISTS") }
      state.secrets[id] = []
      return (200, Array("{\"name\":\"projects/1/secrets/\(id)\"}".utf8), nil)
    }
    let name = String(path.dropFirst())
    if call.method == .get, name.hasSuffix("/versions/latest:access") {
      let id = String(name.dropLast("/versions/latest:access".count))
      guard let bytes = state.secrets[id]?.last else { return error(404, "NOT_FOUND") }
      var checksum = crc(bytes)
      if state.damagesChecksums { checksum ^= 1 }
      let text =
        "{\"name\":\"projects/1/secrets/\(id)/versions/1\",\"payload\":{\"data\":\"\(Data(bytes).base64EncodedString())\","
        + "\"dataCrc32c\":\"\(checksum)\"}}"
      return (200, Array(text.utf8), nil)
    }
    if call.method == .post, name.hasSuffix(":addVersion") {
      let id = String(name.dropLast(":addVersion".count))
      guard state.secrets[id] != nil else { return error(404, "NOT_FOUND") }
      guard let object = try? JSONSerialization.jsonObject(with: Data(call.body)) as? [String: Any],
        let payload = object["payload"] as? [String: Any],
        let bytes = (payload["data"] as? String).flatMap({ Data(base64Encoded: $0) }),
        payload["dataCrc32c"] as? String == String(crc(Array(bytes)))
      else { return error(400, "INVALID_ARGUMENT") }
      state.secrets[id]?.append(Array(bytes))
      return (200, Array("{\"name\":\"projects/1/secrets/\(id)/versions/2\"}".utf8), nil)
    }
    return error(404, "NOT_FOUND")
  }

  /// CRC-32C bit by bit, so that it is not the program's own.
  private func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { value, byte in
      (0..<8).reduce(value ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }
  }

  // MARK: Cloud Storage

  private func object(_ call: Call, _ state: inout State) -> Answer {
    let read = "/storage/v1/b/bucket/o/tokens%2Ftokens.json"
    let write = "/upload/storage/v1/b/bucket/o?uploadType=media&name=tokens%2Ftokens.json&ifGenerationMatch="
    if call.method == .get, call.target == read + "?alt=media" {
      let found = state.objects["tokens/tokens.json"]
      if let change = state.whenRead { change(&state) }
      guard let found else { return error(404, "NOT_FOUND") }
      return (200, found.bytes, found.generation)
    }
    if call.method == .post, call.target.hasPrefix(write) {
      let wanted = Int64(call.target.dropFirst(write.count))
      let present = state.objects["tokens/tokens.json"]?.generation ?? 0
      guard wanted == present else { return error(412, "CONDITION_NOT_MET") }
      state.objects["tokens/tokens.json"] = (call.body, present + 1_700_000_000_000_001)
      return (200, Array("{\"generation\":\"\(present + 1)\"}".utf8), nil)
    }
    return error(404, "NOT_FOUND")
  }
}
