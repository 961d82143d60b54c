import Foundation
import OrderDomain
import Testing

@testable import OrderEngine

@Suite("The vault gives back what was put in, to its key alone")
struct VaultTests {
  private let directory: DataDirectory
  private static let cost = VaultHeader.ScryptCost(costLog2: 10, blockSize: 1, parallelism: 1)

  init() throws {
    directory = try DataDirectory(path: NSTemporaryDirectory() + "vault-" + UUID().uuidString)
  }

  private func vault(_ passphrase: String = "correct horse battery") -> Vault {
    Vault(directory: directory, key: .passphrase(Secret(passphrase)), scrypt: Self.cost)
  }

  private func keyFile(_ name: String, mode: mode_t = 0o600) throws -> String {
    try directory.write((0..<32).map { _ in UInt8.random(in: 0...255) }, to: name)
    chmod(directory.file(name), mode)
    return directory.file(name)
  }

  private func code(_ body: () throws(Refusal) -> Void) -> String {
    do throws(Refusal) { try body() } catch { return error.code }
    return ""
  }

  private func file() throws -> [UInt8] {
    try #require(try DataDirectory.read(directory.file("vault"), limit: 1 << 22))
  }

  @Test func `a secret is there after it was set, and gone after it was removed`() throws {
    #expect(try vault().settings().isEmpty)
    #expect(try !vault().set("WEBHOOK_SECRET", to: Secret("one")))
    #expect(try vault().set("WEBHOOK_SECRET", to: Secret("two")))
    #expect(try !vault().set("OPERATOR_TOKEN", to: Secret("three")))
    #expect(try vault().settings()["WEBHOOK_SECRET"]?.matches(Secret("two")) == true)
    #expect(try vault().set("WEBHOOK_SECRET", to: nil))
    #expect(try vault().settings().keys.sorted() == ["OPERATOR_TOKEN"])
  }

  @Test func `the file is its owner's alone, and shows nothing of what it holds`() throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("canary-canary"))
    var status = stat()
    #expect(stat(directory.file("vault"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let text = String(decoding: try file(), as: UTF8.self)
    #expect(!text.contains("canary"))
    #expect(!text.contains("WEBHOOK"))
  }

  @Test func `each write has a nonce of its own`() throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("same"))
    let first = try VaultHeader(of: try file())
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("same"))
    let second = try VaultHeader(of: try file())
    #expect(first.salt == second.salt)
    #expect(first.nonce != second.nonce)
  }

  @Test func `a wrong passphrase is told from damage`() throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("value"))
    #expect(code { () throws(Refusal) in _ = try vault("another passphrase").settings() } == "secret.vaultWrongKey")
    #expect(
      code { () throws(Refusal) in
        _ = try vault("another passphrase").set("OPERATOR_TOKEN", to: Secret("x"))
      } == "secret.vaultWrongKey")
    let path = try keyFile("key")
    #expect(
      code { () throws(Refusal) in
        _ = try Vault(directory: directory, key: try VaultKey.reading(file: path)).settings()
      } == "secret.vaultKeyKind")
  }

  @Test func `every changed byte is found`() throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("value"))
    let whole = try file()
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 0x10
      try directory.write(bytes, to: "vault")
      let found = code { () throws(Refusal) in _ = try vault().settings() }
      #expect(found == (index == 8 ? "secret.vaultVersion" : "secret.vaultDamaged"), "byte \(index)")
    }
  }

  @Test func `a file that was cut, or has grown, is damaged`() throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("value"))
    let whole = try file()
    for count in [0, 1, 79, 80, 95, whole.count - 1] {
      try directory.write(Array(whole.prefix(count)), to: "vault")
      #expect(code { () throws(Refusal) in _ = try vault().settings() } == "secret.vaultDamaged", "\(count) bytes")
    }
    try directory.write(whole + [0], to: "vault")
    #expect(code { () throws(Refusal) in _ = try vault().settings() } == "secret.vaultDamaged")
  }

  @Test func `a header cannot ask for more than a vault costs`() throws {
    for cost in [
      VaultHeader.ScryptCost(costLog2: 21, blockSize: 8, parallelism: 1),
      VaultHeader.ScryptCost(costLog2: 20, blockSize: 32, parallelism: 1),
      VaultHeader.ScryptCost(costLog2: 9, blockSize: 8, parallelism: 1),
      VaultHeader.ScryptCost(costLog2: 15, blockSize: 8, parallelism: 17),
      VaultHeader.ScryptCost(costLog2: 255, blockSize: 255, parallelism: 255),
    ] {
      let header = VaultHeader(
        keyKind: .passphrase, scrypt: cost, salt: [UInt8](repeating: 1, count: VaultHeader.saltByteCount))
      try directory.write(header.bytes + [UInt8](repeating: 0, count: 16), to: "vault")
      #expect(code { () throws(Refusal) in _ = try vault().settings() } == "secret.vaultDamaged", "\(cost)")
    }
  }

  @Test func `a key file opens what it has locked, and only while it is its owner's alone`() throws {
    let key = try keyFile("key")
    _ = try Vault(directory: directory, key: try VaultKey.reading(file: key)).set("WEBHOOK_SECRET", to: Secret("v"))
    let again = try Vault(directory: directory, key: try VaultKey.reading(file: key)).settings()
    #expect(again["WEBHOOK_SECRET"]?.matches(Secret("v")) == true)
    let other = try keyFile("other")
    #expect(
      code { () throws(Refusal) in
        _ = try Vault(directory: directory, key: try VaultKey.reading(file: other)).settings()
      } == "secret.vaultWrongKey")
    for mode in [0o640, 0o604, 0o620] as [mode_t] {
      chmod(key, mode)
      #expect(code { () throws(Refusal) in _ = try VaultKey.reading(file: key) } == "secret.keyFileExposed")
    }
    try directory.write(Array("short".utf8), to: "short")
    #expect(
      code { () throws(Refusal) in _ = try VaultKey.reading(file: directory.file("short")) } == "secret.keyFileUnusable"
    )
    #expect(
      code { () throws(Refusal) in _ = try VaultKey.reading(file: directory.file("none")) } == "secret.keyFileUnusable")
  }

  @Test func `another key takes the place of the first`() throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("value"))
    try vault().rekey(to: .passphrase(Secret("a second passphrase")))
    #expect(code { () throws(Refusal) in _ = try vault().settings() } == "secret.vaultWrongKey")
    #expect(try vault("a second passphrase").settings()["WEBHOOK_SECRET"]?.matches(Secret("value")) == true)
    #expect(
      code { () throws(Refusal) in
        try vault("a second passphrase").rekey(to: .passphrase(Secret("short")))
      } == "secret.passphraseLength")
  }

  @Test func `a passphrase that is too short makes no vault`() throws {
    let found = code { () throws(Refusal) in _ = try vault("short").set("WEBHOOK_SECRET", to: Secret("v")) }
    #expect(found == "secret.passphraseLength")
    #expect(!Vault.exists(in: directory.path))
  }

  @Test func `writers at one moment lose nothing of each other`() async throws {
    _ = try vault().set("S0", to: Secret("0"))
    let directory = directory
    await withTaskGroup(of: Void.self) { group in
      for writer in 1...4 {
        group.addTask {
          for number in 0..<5 {
            // Each opens the vault anew, as another process would.
            let vault = Vault(
              directory: directory, key: .passphrase(Secret("correct horse battery")), scrypt: Self.cost)
            do throws(Refusal) {
              _ = try vault.set("S\(writer)_\(number)", to: Secret("v"))
            } catch {
              Issue.record("\(error)")
            }
          }
        }
      }
    }
    #expect(try vault().settings().count == 21)
  }

  @Test func `tokens are kept for each account`() async throws {
    let store = VaultTokenStore(vault: vault())
    let (dhan, fyers) = (AccountID(staticName: "dhan"), AccountID(staticName: "fyers"))
    #expect(try await store.load(dhan)?.issuedAt == nil)
    let issued = Timestamp(nanoseconds: 1_790_000_000_000_000_000)
    try await store.save(
      StoredTokens(
        access: IssuedToken(secret: Secret("access\"\\"), expiresAt: issued.adding(nanoseconds: 86_400_000_000_000)),
        refresh: IssuedToken(secret: Secret("refresh"), expiresAt: nil), issuedAt: issued), of: fyers)
    try await store.save(
      StoredTokens(access: IssuedToken(secret: Secret("other"), expiresAt: nil), refresh: nil, issuedAt: issued),
      of: dhan)
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("beside"))
    let kept = try #require(try await store.load(fyers))
    #expect(kept.access.secret?.matches(Secret("access\"\\")) == true)
    #expect(kept.access.expiresAt == issued.adding(nanoseconds: 86_400_000_000_000))
    #expect(kept.refresh?.secret?.matches(Secret("refresh")) == true)
    #expect(kept.refresh?.expiresAt == nil)
    #expect(kept.issuedAt == issued)
    #expect(try await store.load(dhan)?.refresh == nil)
  }

  @Test func `a store that cannot be read says which and why`() async throws {
    _ = try vault().set("WEBHOOK_SECRET", to: Secret("value"))
    await #expect(throws: TokenStoreError.self) {
      _ = try await VaultTokenStore(vault: vault("another passphrase")).load(AccountID(staticName: "dhan"))
    }
  }
}
