internal import HTTP
package import OrderDomain

/// Tokens of all accounts in one object of Google Cloud Storage, by its JSON interface: `{"accounts": {NAME: tokens}}`.
///
/// A writer says which generation of the object it has read; if another has written since, it reads again and puts its own
/// account's tokens beside what the other wrote.
package struct GoogleStorage: TokenStore {
  private let base: String
  private let bucket: String
  private let object: String
  private let access: GoogleAccess
  private let transport: any CloudTransport

  package var name: String { "Cloud Storage" }

  private static let attempts = 5

  package init(
    base: BrokerAddress, bucket: String, object: String, access: GoogleAccess, transport: any CloudTransport
  ) {
    self.base = base.text
    self.bucket = GoogleStorage.escaped(bucket)
    self.object = GoogleStorage.escaped(object)
    self.access = access
    self.transport = transport
  }

  // MARK: The object

  /// The object, and its generation; generation 0 is that of an object that is not there.
  func get() async throws(Refusal) -> (bytes: [UInt8]?, generation: Int64) {
    let answer = try await transport.send(
      CloudCall(
        method: .get, url: base + "/storage/v1/b/\(bucket)/o/\(object)?alt=media", fields: try await access.fields()))
    if answer.status == 404 { return (nil, 0) }
    guard answer.status == 200 else { throw refusal(answer, "read") }
    if let generation = answer.generation.flatMap({ Int64($0) }) { return (answer.body, generation) }
    // Not every stand-in says it beside the content: then it is asked for first, and the content of that one after it.
    let generation = try await generation()
    let content = try await transport.send(
      CloudCall(
        method: .get, url: base + "/storage/v1/b/\(bucket)/o/\(object)?alt=media&generation=\(generation)",
        fields: try await access.fields()))
    guard content.status == 200 else { throw refusal(content, "read") }
    return (content.body, generation)
  }

  private func generation() async throws(Refusal) -> Int64 {
    let answer = try await transport.send(
      CloudCall(
        method: .get, url: base + "/storage/v1/b/\(bucket)/o/\(object)", fields: try await access.fields()))
    guard answer.status == 200 else { throw refusal(answer, "read") }
    do throws(JSONError) {
      if let text = try JSONFields.texts(answer.body)["generation"], let number = Int64(text) { return number }
    } catch {
      throw refusal(answer, "understood")
    }
    throw refusal(answer, "understood")
  }

  /// Writes the object in place of that generation.
  ///
  /// - Returns: `false` when it is another generation by now.
  func put(_ bytes: [UInt8], over generation: Int64) async throws(Refusal) -> Bool {
    let answer = try await transport.send(
      CloudCall(
        method: .post,
        url: base + "/upload/storage/v1/b/\(bucket)/o?uploadType=media&name=\(object)&ifGenerationMatch=\(generation)",
        fields: try await access.fields(contentType: "application/octet-stream"), body: bytes))
    if answer.status == 412 { return false }
    guard answer.status == 200 else { throw refusal(answer, "written") }
    return true
  }

  /// All but what RFC 3986 section 2.3 leaves as it is: a slash in an object's name is no slash of the path.
  private static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(Character(Unicode.Scalar(byte)))
      default: result += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
  }

  private func refusal(_ answer: CloudAnswer, _ deed: String) -> Refusal {
    Refusal(
      code: "secret.storageRefused",
      cause: "Cloud Storage: \(object) in bucket \(bucket) cannot be \(deed): \(GoogleError.words(answer))",
      fix: "see that the bucket is there, and give the service account the role Storage Object User on it")
  }

  // MARK: Tokens

  package func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens? {
    do throws(Refusal) {
      guard let bytes = try await get().bytes else { return nil }
      return try GoogleStorage.accounts(in: bytes)[account]
    } catch {
      throw TokenStoreError(store: name, refusal: error)
    }
  }

  package func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError) {
    do throws(Refusal) {
      for _ in 0..<GoogleStorage.attempts {
        let (bytes, generation) = try await get()
        var accounts = try bytes.map { bytes throws(Refusal) in try GoogleStorage.accounts(in: bytes) } ?? [:]
        accounts[account] = tokens
        if try await put(GoogleStorage.document(accounts), over: generation) { return }
      }
      throw Refusal(
        code: "secret.storageBusy", cause: "another process has written the tokens' object at each of five attempts",
        fix: "let one engine alone write it")
    } catch {
      throw TokenStoreError(store: name, refusal: error)
    }
  }

  private static func document(_ accounts: [AccountID: StoredTokens]) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.object("accounts") { json in
        for (account, tokens) in accounts.sorted(by: { $0.key < $1.key }) {
          json.object(named: account.name) { tokens.writeFields(to: &$0) }
        }
      }
    }
    return json.bytes
  }

  /// None in an object of another program's, such as the Fyers bot's: the first write takes its place.
  private static func accounts(in bytes: [UInt8]) throws(Refusal) -> [AccountID: StoredTokens] {
    var accounts: [AccountID: StoredTokens] = [:]
    do throws(JSONError) {
      var scanner = JSONScanner(bytes.span)
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        guard scanner.text(key) == "accounts" else {
          try scanner.skipValue()
          continue
        }
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
          let account = AccountID(scanner.text(name))
          if let tokens = try StoredTokens(from: &scanner), let account { accounts[account] = tokens }
        }
      }
      try scanner.finish()
    } catch {
      throw Refusal(
        code: "secret.storageUnreadable", cause: "the tokens' object in Cloud Storage is not JSON: \(error.cause)",
        fix: "remove it, or name another by GCS_TOKENS_FILE")
    }
    return accounts
  }
}
