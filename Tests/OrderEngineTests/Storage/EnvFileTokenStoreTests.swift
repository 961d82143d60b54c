import Foundation
import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Tokens in .env files")
struct EnvFileTokenStoreTests {
  private let folder = EnvFolder()
  private static let names = [
    Sample.account: "DHAN_ACCESS_TOKEN", Sample.otherAccount: "ACCOUNT_SECOND_FYERS_ACCESS_TOKEN",
  ]

  private func store(_ path: String) -> EnvFileTokenStore { EnvFileTokenStore(path: path, names: Self.names) }

  /// Of a JSON Web Token's form, with these claims.
  private func token(_ claims: String) -> String {
    ["{\"alg\":\"HS512\"}", claims, "signature"].map { part in
      Data(part.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }.joined(separator: ".")
  }

  private func tokens(_ text: String) -> StoredTokens {
    StoredTokens(
      access: IssuedToken(secret: Secret(text), expiresAt: Sample.opening),
      refresh: IssuedToken(secret: Secret("refresh-canary"), expiresAt: nil), issuedAt: Sample.opening)
  }

  @Test func `each account has its line, and what is kept is read back with what it says of itself`() async throws {
    let path = try folder.file("# mine\nexport DHAN_ACCESS_TOKEN='old' # today's\nPORT=8080\n")
    let (mine, theirs) = (token("{\"iat\":1795491000,\"exp\":1795577400}"), token("{\"exp\":1795577500}"))
    try await store(path).save(tokens(mine), of: Sample.account)
    try await store(path).save(tokens(theirs), of: Sample.otherAccount)
    #expect(
      try folder.text(path)
        == "# mine\nexport DHAN_ACCESS_TOKEN='\(mine)' # today's\nPORT=8080\nACCOUNT_SECOND_FYERS_ACCESS_TOKEN=\(theirs)\n"
    )
    let kept = try #require(await store(path).load(Sample.account))
    #expect(kept.access.secret?.matches(Secret(mine)) == true)
    #expect(kept.issuedAt == Timestamp(seconds: 1_795_491_000))
    #expect(kept.access.expiresAt == Timestamp(seconds: 1_795_577_400))
    #expect(kept.refresh == nil)
    // When it was issued it does not say: not later than it was written.
    let other = try #require(await store(path).load(Sample.otherAccount))
    let written = try #require(
      FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
    #expect(abs(Double(other.issuedAt.nanoseconds) / 1e9 - written.timeIntervalSince1970) < 0.001)
  }

  @Test func `where there is no file, no line or no value there is no token`() async throws {
    #expect(try await store(folder.path + "/.env").load(Sample.account) == nil)
    let path = try folder.file("A=1\nDHAN_ACCESS_TOKEN=\n")
    #expect(try await store(path).load(Sample.account) == nil)
    #expect(try await store(path).load(Sample.otherAccount) == nil)
    #expect(try await EnvFileTokenStore(path: path, names: [:]).load(Sample.account) == nil)
  }

  @Test(
    "a token that does not say when it ends is told, and never used",
    arguments: ["your_token_here", "a.b.c", "<paste it>", "eyJhbGciOiJIUzUxMiJ9.e30.c"])
  func undated(_ value: String) async throws {
    let path = try folder.file("DHAN_ACCESS_TOKEN=\"\(value)\"\n")
    do throws(TokenStoreError) {
      _ = try await store(path).load(Sample.account)
      Issue.record("it was read")
    } catch {
      #expect(error.store == path)
      #expect(error.refusal.code == "secret.envTokenUndated")
      #expect(!error.refusal.cause.contains(value) && !error.refusal.fix.contains(value))
    }
  }

  @Test func `a file that fails is told by its name, and no token with it`() async throws {
    do throws(TokenStoreError) {
      try await store(folder.path + "/none/.env").save(tokens("canary"), of: Sample.account)
      Issue.record("it was kept")
    } catch {
      #expect(error.store == folder.path + "/none/.env")
      #expect(error.refusal.code == "secret.envFileUnusable")
      #expect(!"\(error)".contains("canary"))
    }
  }
}
