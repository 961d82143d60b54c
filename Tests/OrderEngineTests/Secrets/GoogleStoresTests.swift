import CryptoExtras
import Foundation
import OrderDomain
import Ring
import Synchronization
import Testing

@testable import OrderEngine

@Suite("Google's stores, by their own protocols", .timeLimit(.minutes(2)))
struct GoogleStoresTests {
  private let dhan = AccountID(staticName: "dhan")
  private let fyers = AccountID(staticName: "fyers")
  private let issued = Timestamp(nanoseconds: 1_790_000_000_000_000_000)

  private func tokens(_ text: String) -> StoredTokens {
    StoredTokens(access: IssuedToken(secret: Secret(text), expiresAt: nil), refresh: nil, issuedAt: issued)
  }

  private func with(
    _ settings: [String: String] = [:], usesKey: Bool = true,
    _ body: (GoogleDouble, SecretStores, EventLoop) async throws -> Void
  ) async throws {
    let google = try await GoogleDouble()
    var values = [
      "DATA_DIR": NSTemporaryDirectory() + UUID().uuidString, "SECRET_MANAGER_URL": google.base,
      "GCS_URL": google.base, "GOOGLE_METADATA_URL": google.base,
    ]
    if usesKey { values["GOOGLE_APPLICATION_CREDENTIALS"] = try google.keyFile() }
    values.merge(settings) { $1 }
    var reader = SettingsReader(layers: [SettingsLayer(name: "environment", values: values, mayHoldOthers: true)])
    let stores = SecretStores(reading: &reader)
    #expect(reader.errors.isEmpty)
    let thread = try EventLoop.start(name: "client")
    let result = await Result { try await body(google, stores, thread.loop) }
    await thread.stopAndWait()
    await google.stop()
    try result.get()
  }

  private func store(_ stores: SecretStores, _ loop: EventLoop) async throws -> any TokenStore {
    try #require(try await stores.tokenStores(on: loop).first)
  }

  private func code(_ body: () async throws -> Void) async -> String {
    do { try await body() } catch let error as TokenStoreError {
      #expect(!"\(error)".contains("canary"))
      return error.refusal.code
    } catch let error as Refusal {
      #expect(!"\(error)".contains("canary"))
      return error.code
    } catch { return "\(error)" }
    return ""
  }

  // MARK: Secret Manager

  @Test("Secrets are settings, by a signed grant or by the machine's own account", arguments: [true, false])
  func settings(usesKey: Bool) async throws {
    try await with(["SECRET_MANAGER_PROJECT": "project"], usesKey: usesKey) { google, stores, _ in
      google.state.withLock {
        $0.secrets = ["WEBHOOK_SECRET": [Array("old".utf8), Array("from the cloud".utf8)], "EMPTY": []]
      }
      let layers = try await stores.layers(["WEBHOOK_SECRET", "DHAN_PIN", "EMPTY"])
      #expect(layers.map(\.name) == ["Secret Manager"])
      #expect(layers.first?.values == ["WEBHOOK_SECRET": "from the cloud"])
      // One login for all.
      #expect(google.state.withLock { $0.grants } == 1)
    }
  }

  @Test func `a store that cannot be read stops the start, and says why without quoting`() async throws {
    try await with(["SECRET_MANAGER_PROJECT": "project"]) { google, stores, _ in
      for failure in [
        (403, "{\"error\":{\"code\":403,\"message\":\"canary\",\"status\":\"PERMISSION_DENIED\"}}"), (500, "canary"),
        (200, "canary"), (200, "{}"), (200, "{\"payload\":{\"data\":\"%%%%\"}}"),
      ] as [(UInt16, String)] {
        google.state.withLock { $0.failure = failure }
        let found = await code { _ = try await stores.layers(["WEBHOOK_SECRET"]) }
        #expect(found == (failure.0 == 200 ? "secret.managerUnreadable" : "secret.managerRefused"), "\(failure)")
      }
      google.state.withLock {
        $0.failure = nil
        $0.secrets = ["WEBHOOK_SECRET": [Array("value".utf8)]]
        $0.damagesChecksums = true
      }
      #expect(await code { _ = try await stores.layers(["WEBHOOK_SECRET"]) } == "secret.managerUnreadable")
    }
  }

  @Test func `a key that is not the account's is no login`() async throws {
    let other = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let google = try await GoogleDouble()
    let file = try google.keyFile(key: other)
    try await with([
      "SECRET_MANAGER_PROJECT": "project", "GOOGLE_APPLICATION_CREDENTIALS": file,
    ]) { _, stores, _ in
      #expect(await code { _ = try await stores.layers(["WEBHOOK_SECRET"]) } == "secret.googleLogin")
    }
    await google.stop()
  }

  @Test func `nobody there is said to be unreachable`() async throws {
    try await with([
      "SECRET_MANAGER_PROJECT": "project", "SECRET_MANAGER_URL": "http://127.0.0.1:1",
    ]) { _, stores, _ in
      #expect(await code { _ = try await stores.layers(["WEBHOOK_SECRET"]) } == "secret.cloudUnreachable")
    }
  }

  @Test("Key files that are none", arguments: ["", "{}", "[]", "{\"type\":\"service_account\"}"])
  func badKeyFile(_ text: String) async throws {
    let path = NSTemporaryDirectory() + UUID().uuidString
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(
      await code { _ = try ServiceAccountKey(file: path, tokenURL: nil) } == "secret.serviceAccountUnusable")
    #expect(
      await code { _ = try ServiceAccountKey(file: path + "none", tokenURL: nil) } == "secret.serviceAccountUnusable")
  }

  @Test func `a key file cannot send its proof over plain http to another machine`() async throws {
    let google = try await GoogleDouble()
    let path = try google.keyFile(tokenURL: "http://example.com/token")
    #expect(await code { _ = try ServiceAccountKey(file: path, tokenURL: nil) } == "secret.serviceAccountUnusable")
    await google.stop()
  }

  @Test func `tokens are versions of an account's secret, which is made when it is not there`() async throws {
    try await with(["SECRET_MANAGER_PROJECT": "project"]) { google, stores, loop in
      let store = try await store(stores, loop)
      #expect(try await store.load(dhan)?.issuedAt == nil)
      try await store.save(tokens("one"), of: dhan)
      try await store.save(tokens("two"), of: dhan)
      #expect(try await store.load(dhan)?.access.secret?.matches(Secret("two")) == true)
      #expect(google.state.withLock { $0.secrets["order-engine-tokens-dhan"]?.count } == 2)
      #expect(google.state.withLock { $0.grants } == 1)
    }
  }

  // MARK: Cloud Storage

  @Test func `tokens of all accounts lie in one object`() async throws {
    try await with(["GCS_BUCKET_NAME": "bucket"]) { _, stores, loop in
      let store = try await store(stores, loop)
      #expect(try await store.load(dhan)?.issuedAt == nil)
      try await store.save(tokens("of dhan"), of: dhan)
      try await store.save(tokens("of fyers"), of: fyers)
      #expect(try await store.load(dhan)?.access.secret?.matches(Secret("of dhan")) == true)
      #expect(try await store.load(fyers)?.access.secret?.matches(Secret("of fyers")) == true)
    }
  }

  @Test func `what another process has written meanwhile stays`() async throws {
    try await with(["GCS_BUCKET_NAME": "bucket"]) { google, stores, loop in
      let store = try await store(stores, loop)
      try await store.save(tokens("of fyers"), of: fyers)
      let theirs = try #require(google.state.withLock { $0.objects["tokens/tokens.json"]?.bytes })
      google.state.withLock { state in
        state.objects = [:]
        state.whenRead = { state in
          state.whenRead = nil
          state.objects["tokens/tokens.json"] = (theirs, 7)
        }
      }
      try await store.save(tokens("of dhan"), of: dhan)
      #expect(try await store.load(fyers)?.access.secret?.matches(Secret("of fyers")) == true)
      #expect(try await store.load(dhan)?.access.secret?.matches(Secret("of dhan")) == true)
    }
  }

  @Test func `a writer that is always overtaken gives up`() async throws {
    try await with(["GCS_BUCKET_NAME": "bucket"]) { google, stores, loop in
      google.state.withLock { state in
        state.whenRead = { state in
          let generation = (state.objects["tokens/tokens.json"]?.generation ?? 0) + 1
          state.objects["tokens/tokens.json"] = (Array("{}".utf8), generation)
        }
      }
      let store = try await store(stores, loop)
      #expect(await code { try await store.save(tokens("x"), of: dhan) } == "secret.storageBusy")
    }
  }

  @Test func `an object of another program gives no tokens, and broken JSON is refused`() async throws {
    try await with(["GCS_BUCKET_NAME": "bucket"]) { google, stores, loop in
      let store = try await store(stores, loop)
      google.state.withLock { $0.objects["tokens/tokens.json"] = (Array(#"{"access_token":"old"}"#.utf8), 3) }
      #expect(try await store.load(fyers)?.issuedAt == nil)
      google.state.withLock { $0.objects["tokens/tokens.json"] = (Array("{\"accounts\"".utf8), 3) }
      #expect(await code { _ = try await store.load(fyers) } == "secret.storageUnreadable")
      #expect(await code { try await store.save(tokens("x"), of: fyers) } == "secret.storageUnreadable")
    }
  }
}

@Suite struct Base64Tests {
  @Test(
    "Texts of RFC 4648 section 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func vectors(_ plain: String, _ text: String) {
    #expect(Base64.text(Array(plain.utf8)) == text)
    #expect(Base64.bytes(text) == Array(plain.utf8))
    #expect(Base64.urlText(Array(plain.utf8)) == text.filter { $0 != "=" })
  }

  @Test("What is none", arguments: ["Z", "Zg", "Zg=", "Zh==", "Zg==Zg==", "====", "Zm9v!A==", "Z===", "Zm9="])
  func refused(_ text: String) { #expect(Base64.bytes(text) == nil) }
}
