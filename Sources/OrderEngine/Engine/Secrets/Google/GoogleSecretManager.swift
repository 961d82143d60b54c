internal import Actors
internal import HTTP
package import OrderDomain

/// Google Secret Manager by its REST interface, version 1: the latest version of a secret is read, and a new version
/// added. Settings are secrets of their own names; tokens one secret for each account.
package struct GoogleSecretManager: TokenStore {
  private let base: String
  private let project: String
  private let access: GoogleAccess
  private let transport: any CloudTransport

  package var name: String { "Secret Manager" }

  package init(base: BrokerAddress, project: String, access: GoogleAccess, transport: any CloudTransport) {
    self.base = base.text
    self.project = project
    self.access = access
    self.transport = transport
  }

  /// 6 to 30 letters, digits, hyphens; older ones have a domain before them.
  static func isProject(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy { scalar in
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
          || "-.:".unicodeScalars.contains(scalar)
      }
  }

  // MARK: Secrets

  /// The latest version; `nil` when there is no such secret, or none of its versions is there.
  func latest(_ id: String) async throws(Refusal) -> Secret? {
    let answer = try await send(.get, "/secrets/\(id)/versions/latest:access")
    if answer.status == 404 { return nil }
    guard answer.status == 200 else { throw refusal(answer, "read", id) }
    do throws(JSONError) {
      let payload = try JSONFields.texts(answer.body, under: "payload")
      if let bytes = Base64.bytes(payload["data"] ?? "!"),
        payload["dataCrc32c"].map({ $0 == String(CRC32C.checksum(of: bytes.span)) }) ?? true
      {
        return Secret(bytes)
      }
    } catch {
      throw damaged(id)
    }
    throw damaged(id)
  }

  /// Adds a version, and makes the secret first if there is none.
  func add(_ value: Secret, to id: String) async throws(Refusal) {
    var answer = try await addVersion(value, id)
    if answer.status == 404 {
      var json = JSONWriter()
      json.object { json in json.object("replication") { json in json.object("automatic") { _ in } } }
      let made = try await send(.post, "/secrets?secretId=\(id)", json.bytes)
      // 409: another process has just made it.
      guard made.status == 200 || made.status == 409 else { throw refusal(made, "made", id) }
      answer = try await addVersion(value, id)
    }
    guard answer.status == 200 else { throw refusal(answer, "written", id) }
  }

  private func addVersion(_ value: Secret, _ id: String) async throws(Refusal) -> CloudAnswer {
    let bytes = value.copiedBytes()
    var json = JSONWriter()
    json.object { json in
      json.object("payload") { json in
        json.string("data", Base64.text(bytes))
        // A string: the interface writes 64-bit numbers so.
        json.string("dataCrc32c", String(CRC32C.checksum(of: bytes.span)))
      }
    }
    return try await send(.post, "/secrets/\(id):addVersion", json.bytes)
  }

  private func send(_ method: HTTPMethod, _ path: String, _ body: [UInt8] = []) async throws(Refusal) -> CloudAnswer {
    try await transport.send(
      CloudCall(
        method: method, url: base + "/v1/projects/\(project)" + path,
        fields: try await access.fields(contentType: body.isEmpty ? nil : "application/json"), body: body))
  }

  private func damaged(_ id: String) -> Refusal {
    Refusal(
      code: "secret.managerUnreadable", cause: "Secret Manager's answer about \(id) cannot be read",
      fix: "see whether SECRET_MANAGER_URL is Secret Manager's address")
  }

  private func refusal(_ answer: CloudAnswer, _ deed: String, _ id: String) -> Refusal {
    Refusal(
      code: "secret.managerRefused",
      cause: "Secret Manager: \(id) of project \(project) cannot be \(deed): \(GoogleError.words(answer))",
      fix: "give the service account the role Secret Manager Secret Accessor, and Version Adder for tokens")
  }

  // MARK: Settings

  /// All secret settings that are there, asked for a few at a time.
  func settings(_ names: [String]) async throws(Refusal) -> [String: Secret] {
    // Once for all of them.
    _ = try await access.token()
    var found: [String: Secret] = [:]
    for start in stride(from: 0, to: names.count, by: 8) {
      let some = names[start..<min(start + 8, names.count)]
      let answers = await withTaskGroup(of: (String, Result<Secret?, Refusal>).self) { group in
        for name in some {
          group.addTask {
            do throws(Refusal) { return (name, .success(try await latest(name))) } catch {
              return (name, .failure(error))
            }
          }
        }
        var answers: [(String, Result<Secret?, Refusal>)] = []
        for await answer in group { answers.append(answer) }
        return answers
      }
      for (name, answer) in answers { found[name] = try answer.get() }
    }
    return found
  }

  // MARK: Tokens

  private func id(_ account: AccountID) -> String { "order-engine-tokens-\(account.name)" }

  package func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens? {
    do throws(Refusal) {
      guard let bytes = try await latest(id(account))?.copiedBytes() else { return nil }
      guard let tokens = StoredTokens(json: bytes) else { throw damaged(id(account)) }
      return tokens
    } catch {
      throw TokenStoreError(store: name, refusal: error)
    }
  }

  package func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError) {
    do throws(Refusal) {
      try await add(Secret(tokens.json), to: id(account))
    } catch {
      throw TokenStoreError(store: name, refusal: error)
    }
  }
}
