import Foundation
import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

struct FileTokenStoreTests {
  private let path = FileManager.default.temporaryDirectory.path + "/tokens-\(UUID().uuidString)"

  private func text(_ token: IssuedToken?) -> String {
    token?.secret?.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) } ?? ""
  }

  private func tokens(_ name: String, refresh: String? = nil) -> StoredTokens {
    StoredTokens(
      access: IssuedToken(secret: Secret(name), expiresAt: Sample.opening),
      refresh: refresh.map { IssuedToken(secret: Secret($0), expiresAt: nil) },
      issuedAt: Sample.opening.adding(nanoseconds: -1_000_000_000))
  }

  @Test func `what is kept is read back, for each account by itself`() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = FileTokenStore(path: path)
    #expect(try await store.load(Sample.account) == nil)
    try await store.save(tokens("first"), of: Sample.account)
    try await store.save(tokens("eyJ\"<\\", refresh: "again"), of: Sample.account)
    try await store.save(tokens("other"), of: Sample.otherAccount)
    let kept = try #require(await store.load(Sample.account))
    #expect(text(kept.access) == "eyJ\"<\\")
    #expect(text(kept.refresh) == "again")
    #expect(kept.refresh?.expiresAt == nil)
    #expect(kept.access.expiresAt == Sample.opening)
    #expect(kept.issuedAt == Sample.opening.adding(nanoseconds: -1_000_000_000))
    #expect(text(try await store.load(Sample.otherAccount)?.access) == "other")
  }

  @Test func `nobody else may read it`() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await FileTokenStore(path: path).save(tokens("secret"), of: Sample.account)
    let file = try FileManager.default.attributesOfItem(atPath: "\(path)/\(Sample.account).json")
    #expect(file[.posixPermissions] as? Int == 0o600)
    let folder = try FileManager.default.attributesOfItem(atPath: path)
    #expect(folder[.posixPermissions] as? Int == 0o700)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["\(Sample.account).json"])
  }

  @Test func `who reads while another writes reads the old tokens whole`() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = FileTokenStore(path: path)
    try await store.save(tokens("before"), of: Sample.account)
    let reader = try #require(FileHandle(forReadingAtPath: "\(path)/\(Sample.account).json"))
    try await store.save(tokens("after, and longer than what was there before"), of: Sample.account)
    let bytes = try #require(try reader.readToEnd())
    let read = try #require(StoredTokens(json: Array(bytes)))
    #expect(text(read.access) == "before")
    #expect(text(try await store.load(Sample.account)?.access) == "after, and longer than what was there before")
  }

  @Test(arguments: ["", "{", "{}", "[]", #"{"access_token":"x"}"#, #"{"access_token":"x","issued_at":"yesterday"}"#])
  func `a damaged file is told and never believed`(_ content: String) async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(fileURLWithPath: "\(path)/\(Sample.account).json"))
    do throws(TokenStoreError) {
      _ = try await FileTokenStore(path: path).load(Sample.account)
      Issue.record("it was read")
    } catch {
      #expect(error.refusal.code == "secret.tokenFileDamaged")
    }
  }

  @Test func `a directory that cannot be made is told`() async {
    do throws(TokenStoreError) {
      try await FileTokenStore(path: "/proc/none/tokens").save(tokens("x"), of: Sample.account)
      Issue.record("it was kept")
    } catch {
      #expect(error.store == "file")
      #expect(error.refusal.code == "file.unusable")
    }
  }
}
