import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

/// Answers what the test says, and counts how often it was asked.
private final class ScriptedLogin: TokenLogin {
  private struct State {
    var results: [Result<StoredTokens, TokenError>]
    var known: [StoredTokens?] = []
  }
  private let state: Mutex<State>
  /// Run while the broker thinks.
  private let meanwhile: (@Sendable () -> Void)?

  init(_ results: [Result<StoredTokens, TokenError>] = [], meanwhile: (@Sendable () -> Void)? = nil) {
    state = Mutex(State(results: results))
    self.meanwhile = meanwhile
  }

  var asked: Int { known.count }
  /// With what each new token was asked for.
  var known: [StoredTokens?] { state.withLock { $0.known } }

  func canRenew(_ known: StoredTokens?) -> Bool { true }

  func renew(_ known: StoredTokens?) async throws(TokenError) -> StoredTokens {
    meanwhile?()
    return try state.withLock { state in
      state.known.append(known)
      return state.results.isEmpty ? .failure(TokenRefusals.timedOut) : state.results.removeFirst()
    }.get()
  }

  func beginLogin(state: String) -> LoginPage { LoginPage(address: "https://login/\(state)", returnsState: true) }

  func finishLogin(_ grant: LoginGrant) async throws(TokenError) -> StoredTokens { try await renew(nil) }
}

/// A store in memory, which fails or hangs when it is told to.
private final class ScriptedStore: TokenStore {
  enum Mood { case well, failing, hanging }
  private struct State {
    var kept: StoredTokens?
    var mood = Mood.well
  }
  private let state: Mutex<State>
  let name: String

  init(_ name: String, _ kept: StoredTokens? = nil, _ mood: Mood = .well) {
    self.name = name
    state = Mutex(State(kept: kept, mood: mood))
  }

  var kept: StoredTokens? { state.withLock { $0.kept } }
  func put(_ tokens: StoredTokens) { state.withLock { $0.kept = tokens } }

  private func check() async throws(TokenStoreError) {
    switch state.withLock({ $0.mood }) {
    case .well: return
    case .failing:
      throw TokenStoreError(store: name, refusal: Refusal(code: "secret.test", cause: "it fails", fix: "none"))
    case .hanging: while !Task.isCancelled { await Task.yield() }
    }
  }

  func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens? {
    try await check()
    return kept
  }

  func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError) {
    try await check()
    put(tokens)
  }
}

/// A turn that one has at a time, as a file's lock is.
private final class ScriptedTurn: TokenTurn {
  private struct State {
    var isTaken: Bool
    var isFailing: Bool
  }
  private let state: Mutex<State>

  init(isTaken: Bool = false, isFailing: Bool = false) {
    state = Mutex(State(isTaken: isTaken, isFailing: isFailing))
  }

  var isTaken: Bool { state.withLock { $0.isTaken } }
  func giveBack() { state.withLock { $0.isTaken = false } }

  func take(_ account: AccountID) async throws(TokenStoreError) -> TokenTurnHold? {
    let (wasFree, fails) = state.withLock { state in
      defer { state.isTaken = true }
      return (!state.isTaken, state.isFailing)
    }
    if fails {
      throw TokenStoreError(store: "file", refusal: Refusal(code: "file.test", cause: "no room", fix: "none"))
    }
    return wasFree ? TokenTurnHold { [self] in giveBack() } : nil
  }
}

private final class Ear: Sendable {
  private let heard = Mutex<[String]>([])

  var words: [String] { heard.withLock { $0 } }

  @Sendable func hear(_ news: TokenKeeper.News) {
    let word =
      switch news {
      case .readBack(let store, _): "read from \(store)"
      case .renewed: "renewed"
      case .renewalFailed(let error): error.refusal.code
      case .endsToday: "ends today"
      case .storeFailed(let error): "\(error.store): \(error.refusal.code)"
      }
    heard.withLock { $0.append(word) }
  }
}

@Suite(.timeLimit(.minutes(1))) struct TokenKeeperTests {
  private let clock = ManualClock()
  private let wallClock = ManualWallClock(Sample.opening)
  private let ear = Ear()

  private func keeper(
    _ login: ScriptedLogin, _ stores: [ScriptedStore], turn: ScriptedTurn? = nil
  ) -> TokenKeeper {
    TokenKeeper(
      executor: SerialQueueExecutor(), clock: clock, wallClock: wallClock, account: Sample.account, login: login,
      stores: stores, turn: turn, makeState: { "state" }, tell: ear.hear)
  }

  /// Issued and expiring so many hours after the opening.
  private func tokens(_ name: String, issued: Int64 = 0, expires: Int64 = 20, refresh: String? = nil) -> StoredTokens {
    let hour: Int64 = 3_600_000_000_000
    return StoredTokens(
      access: IssuedToken(secret: Secret(name), expiresAt: Sample.opening.adding(nanoseconds: expires * hour)),
      refresh: refresh.map { IssuedToken(secret: Secret($0), expiresAt: nil) },
      issuedAt: Sample.opening.adding(nanoseconds: issued * hour))
  }

  private func isSame(_ token: IssuedToken?, _ name: String) -> Bool {
    token?.secret?.matches(Secret(name)) ?? false
  }

  // MARK: Start

  @Test func `the newest kept token that lives is used`() async {
    let stores = [
      ScriptedStore("a", tokens("old", issued: -5)), ScriptedStore("b", tokens("new", issued: -2)),
      ScriptedStore("c", tokens("dead", issued: -1, expires: -1)), ScriptedStore("d"),
    ]
    #expect(isSame(await keeper(ScriptedLogin(), stores).open(configured: nil), "new"))
    #expect(ear.words == ["read from b"])
  }

  @Test func `a store that fails is told, and the others are read`() async {
    let stores = [ScriptedStore("a", nil, .failing), ScriptedStore("b", tokens("kept", issued: -2))]
    #expect(isSame(await keeper(ScriptedLogin(), stores).open(configured: nil), "kept"))
    #expect(ear.words == ["a: secret.test", "read from b"])
  }

  @Test func `a store that hangs is given up`() async {
    let keeper = keeper(ScriptedLogin(), [ScriptedStore("a", nil, .hanging), ScriptedStore("b", tokens("kept"))])
    async let opened = keeper.open(configured: nil)
    await clock.sleepers(atLeast: 1)
    clock.advance(by: TokenKeeper.storeDeadline)
    #expect(isSame(await opened, "kept"))
    #expect(ear.words == ["a: secret.storeTooSlow", "read from b"])
  }

  @Test(arguments: [(Int64(-3), "kept"), (-1, "configured")])
  func `of a configured and a kept token the newer is used`(_ issued: Int64, _ winner: String) async {
    let keeper = keeper(ScriptedLogin(), [ScriptedStore("a", tokens("kept", issued: -2))])
    #expect(isSame(await keeper.open(configured: tokens("configured", issued: issued)), winner))
  }

  @Test func `a configured token that a store holds too is the store's, and ends when that one does`() async {
    let dead = keeper(ScriptedLogin(), [ScriptedStore("a", tokens("same", issued: -30, expires: -6))])
    #expect(await dead.open(configured: tokens("same", issued: 0)) == nil)
    // It came back from where it was written for other programs; meanwhile there is a newer one.
    let stores = [ScriptedStore("a", tokens("newer", issued: -2)), ScriptedStore("b", tokens("same", issued: -5))]
    #expect(isSame(await keeper(ScriptedLogin(), stores).open(configured: tokens("same", issued: 0)), "newer"))
  }

  @Test func `of a token that several stores hold the first one's times count`() async {
    let stores = [
      ScriptedStore("a", tokens("same", issued: -30, expires: -6)), ScriptedStore("b", tokens("same", issued: -1)),
      ScriptedStore("c", tokens("kept", issued: -3)),
    ]
    #expect(isSame(await keeper(ScriptedLogin(), stores).open(configured: nil), "kept"))
    #expect(ear.words == ["read from c"])
  }

  @Test func `a store that keeps no refresh token does not lose the one of another`() async throws {
    let stores = [
      ScriptedStore("a", tokens("old", issued: -5, refresh: "older")), ScriptedStore("b", tokens("new", issued: -2)),
      ScriptedStore("c", tokens("middle", issued: -3, refresh: "refresh")),
    ]
    let login = ScriptedLogin([.success(tokens("next"))])
    let keeper = keeper(login, stores)
    #expect(isSame(await keeper.open(configured: nil), "new"))
    _ = try await keeper.fetchToken()
    let known = try #require(login.known.first ?? nil)
    #expect(isSame(known.access, "new"))
    #expect(isSame(known.refresh, "refresh"))
  }

  @Test func `dead tokens are no tokens`() async {
    let keeper = keeper(ScriptedLogin(), [ScriptedStore("a", tokens("kept", issued: -30, expires: -6))])
    #expect(await keeper.open(configured: tokens("configured", issued: -29, expires: -5)) == nil)
  }

  // MARK: Renewal

  @Test func `a new token is kept in every store that works`() async throws {
    let stores = [ScriptedStore("a"), ScriptedStore("b", nil, .failing), ScriptedStore("c")]
    let keeper = keeper(ScriptedLogin([.success(tokens("new"))]), stores)
    #expect(isSame(try await keeper.fetchToken(), "new"))
    await keeper.shutdown()
    #expect(isSame(stores[0].kept?.access, "new"))
    #expect(isSame(stores[2].kept?.access, "new"))
    #expect(ear.words.contains("b: secret.test"))
    #expect(ear.words.contains("renewed"))
  }

  @Test func `a newer token in a store is used instead of a login`() async throws {
    let store = ScriptedStore("a", tokens("mine", issued: -2))
    let login = ScriptedLogin()
    let keeper = keeper(login, [store])
    _ = await keeper.open(configured: nil)
    store.put(tokens("theirs", issued: -1))
    #expect(isSame(try await keeper.fetchToken(), "theirs"))
    #expect(login.asked == 0)
  }

  @Test func `the token that was refused is not taken from the store again`() async throws {
    let login = ScriptedLogin([.success(tokens("new"))])
    let keeper = keeper(login, [ScriptedStore("a", tokens("refused", issued: -2))])
    _ = await keeper.open(configured: nil)
    #expect(isSame(try await keeper.fetchToken(), "new"))
    #expect(login.asked == 1)
  }

  @Test func `whoever comes second finds the first one's token`() async throws {
    let store = ScriptedStore("a", tokens("both", issued: -2))
    let theirs = tokens("theirs")
    let login = ScriptedLogin([.failure(TokenRefusals.refused)], meanwhile: { store.put(theirs) })
    let keeper = keeper(login, [store])
    _ = await keeper.open(configured: nil)
    #expect(isSame(try await keeper.fetchToken(), "theirs"))
    #expect(ear.words == ["read from a", "read from a"])
  }

  @Test func `a failure is told and thrown`() async {
    let keeper = keeper(ScriptedLogin([.failure(TokenRefusals.timedOut)]), [])
    do throws(TokenError) {
      _ = try await keeper.fetchToken()
      Issue.record("there was a token")
    } catch {
      #expect(error == TokenRefusals.timedOut)
    }
    #expect(ear.words == ["auth.refreshTimedOut"])
  }

  // MARK: Turns

  @Test func `the turn is held while the broker thinks, and until the token is kept`() async throws {
    let turn = ScriptedTurn()
    let seen = Mutex<[Bool]>([])
    let login = ScriptedLogin([.success(tokens("new"))], meanwhile: { seen.withLock { $0.append(turn.isTaken) } })
    let store = ScriptedStore("a")
    let keeper = keeper(login, [store], turn: turn)
    #expect(isSame(try await keeper.fetchToken(), "new"))
    await keeper.shutdown()
    #expect(seen.withLock { $0 } == [true])
    #expect(!turn.isTaken)
    #expect(isSame(store.kept?.access, "new"))
  }

  @Test func `who gets the turn second uses what the first one has kept`() async throws {
    let turn = ScriptedTurn(isTaken: true)
    let store = ScriptedStore("a", tokens("mine", issued: -2))
    let login = ScriptedLogin()
    let keeper = keeper(login, [store], turn: turn)
    _ = await keeper.open(configured: nil)
    async let fetched = keeper.fetchToken()
    await clock.sleepers(atLeast: 1)
    store.put(tokens("theirs", issued: -1))
    turn.giveBack()
    clock.advance(by: TokenKeeper.turnInterval)
    #expect(isSame(try await fetched, "theirs"))
    #expect(login.asked == 0)
    #expect(!turn.isTaken)
  }

  @Test func `a failure gives the turn back`() async {
    let turn = ScriptedTurn()
    let keeper = keeper(ScriptedLogin([.failure(TokenRefusals.timedOut)]), [], turn: turn)
    do throws(TokenError) {
      _ = try await keeper.fetchToken()
      Issue.record("there was a token")
    } catch {
      #expect(error == TokenRefusals.timedOut)
    }
    #expect(!turn.isTaken)
  }

  @Test func `a process that hangs in its turn does not keep this one from a token`() async throws {
    let keeper = keeper(ScriptedLogin([.success(tokens("new"))]), [], turn: ScriptedTurn(isTaken: true))
    async let fetched = keeper.fetchToken()
    await clock.sleepers(atLeast: 1)
    clock.advance(by: TokenKeeper.turnPatience)
    #expect(isSame(try await fetched, "new"))
    #expect(ear.words == ["file: auth.turnTaken", "renewed"])
  }

  @Test func `a turn that cannot be had at all is told, and done without`() async throws {
    let keeper = keeper(ScriptedLogin([.success(tokens("new"))]), [], turn: ScriptedTurn(isFailing: true))
    #expect(isSame(try await keeper.fetchToken(), "new"))
    #expect(ear.words == ["file: file.test", "renewed"])
  }

  @Test("what a person brings is asked for and kept in a turn, too", arguments: [true, false])
  func personsTurn(isCallback: Bool) async throws {
    let turn = ScriptedTurn()
    let seen = Mutex<[Bool]>([])
    let login = ScriptedLogin([.success(tokens("new"))], meanwhile: { seen.withLock { $0.append(turn.isTaken) } })
    let store = ScriptedStore("a")
    let keeper = keeper(login, [store], turn: turn)
    if isCallback {
      _ = try await keeper.beginLogin()
      _ = try await keeper.finishLogin(state: "state", .code(Secret("code")))
    } else {
      _ = try await keeper.take(.code(Secret("code")))
    }
    await keeper.shutdown()
    #expect(seen.withLock { $0 } == [true])
    #expect(!turn.isTaken)
    #expect(isSame(store.kept?.access, "new"))
  }

  @Test func `a person's login waits for another process's turn, and is asked for all the same`() async throws {
    let turn = ScriptedTurn(isTaken: true)
    let store = ScriptedStore("a", tokens("mine", issued: -2))
    let login = ScriptedLogin([.success(tokens("person's"))])
    let keeper = keeper(login, [store], turn: turn)
    _ = try await keeper.beginLogin()
    async let finished = keeper.finishLogin(state: "state", .code(Secret("code")))
    await clock.sleepers(atLeast: 1)
    #expect(login.asked == 0)
    store.put(tokens("theirs", issued: -1))
    turn.giveBack()
    clock.advance(by: TokenKeeper.turnInterval)
    #expect(isSame(try await finished, "person's"))
    await keeper.shutdown()
    #expect(isSame(store.kept?.access, "person's"))
    #expect(!turn.isTaken)
  }

  @Test func `a person's login that fails gives the turn back`() async throws {
    let turn = ScriptedTurn()
    let results: [Result<StoredTokens, TokenError>] = [
      .failure(TokenRefusals.refused), .success(tokens("old", issued: -30, expires: -6)),
    ]
    let keeper = keeper(ScriptedLogin(results), [], turn: turn)
    for code in ["auth.tokenRefused", "auth.issuedExpired"] {
      do throws(TokenError) {
        _ = try await keeper.take(.token(Secret("x")))
        Issue.record("it was taken")
      } catch {
        #expect(error.refusal.code == code)
      }
      #expect(!turn.isTaken)
    }
  }

  // MARK: Logins

  @Test func `a login that was begun here ends with a token, once`() async throws {
    let store = ScriptedStore("a")
    let keeper = keeper(ScriptedLogin([.success(tokens("new")), .success(tokens("newer"))]), [store])
    #expect(try await keeper.beginLogin().address == "https://login/state")
    #expect(await keeper.expects(state: "state"))
    #expect(isSame(try await keeper.finishLogin(state: "state", .code(Secret("code"))), "new"))
    await keeper.shutdown()
    #expect(isSame(store.kept?.access, "new"))
    #expect(await !keeper.expects(state: "state"))
    do throws(TokenError) {
      _ = try await keeper.finishLogin(state: "state", .code(Secret("code")))
      Issue.record("it was taken twice")
    } catch {
      #expect(error.refusal.code == "auth.unknownLogin")
    }
  }

  @Test func `a pasted token that has expired is refused`() async {
    let keeper = keeper(ScriptedLogin([.success(tokens("old", issued: -30, expires: -6))]), [])
    do throws(TokenError) {
      _ = try await keeper.take(.token(Secret("old")))
      Issue.record("it was taken")
    } catch {
      #expect(error.refusal.code == "auth.issuedExpired")
    }
  }
}
