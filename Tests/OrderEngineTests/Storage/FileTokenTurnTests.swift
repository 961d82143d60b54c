import Actors
import Foundation
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

struct FileTokenTurnTests {
  private let path = FileManager.default.temporaryDirectory.path + "/turns-\(UUID().uuidString)"

  @Test func `one has it at a time, for each account by itself`() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (one, other) = (FileTokenTurn(path: path), FileTokenTurn(path: path))
    let hold = try #require(try await one.take(Sample.account))
    #expect(try await other.take(Sample.account) == nil)
    #expect(try await one.take(Sample.account) == nil)
    let second = try #require(try await other.take(Sample.otherAccount))
    hold.giveBack()
    let third = try #require(try await other.take(Sample.account))
    second.giveBack()
    third.giveBack()
    let file = try FileManager.default.attributesOfItem(atPath: "\(path)/\(Sample.account).lock")
    #expect(file[.posixPermissions] as? Int == 0o600)
  }

  @Test func `a directory that cannot be made is told`() async {
    do throws(TokenStoreError) {
      _ = try await FileTokenTurn(path: "/proc/none/tokens").take(Sample.account)
      Issue.record("it was taken")
    } catch {
      #expect(error.refusal.code == "file.unusable")
    }
  }

  /// Issues a new token at each call, and each one ends the one before, as Dhan does it.
  private final class Broker: TokenLogin {
    private let count = Mutex(0)

    var issued: Int { count.withLock { $0 } }

    func canRenew(_ known: StoredTokens?) -> Bool { true }

    func renew(_ known: StoredTokens?) async throws(TokenError) -> StoredTokens {
      let number = count.withLock { count in
        count += 1
        return count
      }
      // So that whoever else asks asks meanwhile.
      for _ in 0..<1_000 { await Task.yield() }
      return StoredTokens(
        access: IssuedToken(secret: Secret("token \(number)"), expiresAt: nil), refresh: nil,
        issuedAt: Sample.opening.adding(nanoseconds: Int64(number)))
    }

    func beginLogin(state: String) -> LoginPage { LoginPage(address: "", returnsState: true) }

    func finishLogin(_ grant: LoginGrant) async throws(TokenError) -> StoredTokens { try await renew(nil) }
  }

  @Test(.timeLimit(.minutes(1)))
  func `of many keepers of one folder one asks the broker, and all have its token`() async throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let (broker, path) = (Broker(), path)
    try await FileTokenStore(path: path).save(
      StoredTokens(
        access: IssuedToken(secret: Secret("dead"), expiresAt: nil), refresh: nil,
        issuedAt: Sample.opening.adding(nanoseconds: -1_000)), of: Sample.account)
    let tokens = try await withThrowingTaskGroup(of: IssuedToken.self) { group in
      for _ in 0..<8 {
        let keeper = TokenKeeper(
          executor: SerialQueueExecutor(), clock: RealClock(), wallClock: ManualWallClock(Sample.opening),
          account: Sample.account, login: broker, stores: [FileTokenStore(path: path)],
          turn: FileTokenTurn(path: path), makeState: { "" }, tell: { _ in })
        _ = await keeper.open(configured: nil)
        group.addTask { try await keeper.fetchToken() }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(broker.issued == 1)
    #expect(tokens.count == 8)
    for token in tokens { #expect(token.secret?.matches(Secret("token 1")) == true) }
  }
}

/// The machine's own, for what two processes do at one time.
private struct RealClock: MonotonicClock {
  private static let start = ContinuousClock.now

  var now: Uptime { Uptime(nanoseconds: 0).advanced(by: ContinuousClock.now - RealClock.start) }
  var minimumResolution: Duration { .nanoseconds(1) }

  func sleep(until deadline: Uptime, tolerance: Duration?) async throws {
    try await Task.sleep(for: now.duration(to: deadline))
  }
}
