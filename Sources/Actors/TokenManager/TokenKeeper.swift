package import OrderDomain

/// Where one account's tokens come from and where they are kept: the login at the broker, and every store.
///
/// A broker may allow one living token, and one login in two minutes. So whoever wants a new token waits for its turn, and
/// looks into the stores first: one that is newer than its own was made by another process on the same account, and is
/// used.
package actor TokenKeeper: TokenSource {
  /// What a person may want to read. No token is in it.
  package enum News: Sendable {
    case readBack(store: String, expiresAt: Timestamp?)
    case renewed(expiresAt: Timestamp?)
    case renewalFailed(TokenError)
    /// It ends today, and only a person can bring the next.
    case endsToday(expiresAt: Timestamp)
    case storeFailed(TokenStoreError)
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  package nonisolated let account: AccountID
  private let executor: any SerialExecutor
  private let taskExecutor: (any TaskExecutor)?
  private let clock: any MonotonicClock
  private let wallClock: any WallClock
  private let login: any TokenLogin
  private let stores: [any TokenStore]
  private let turn: (any TokenTurn)?
  private let tell: @Sendable (News) -> Void
  private var known: StoredTokens?
  private var desk = LoginDesk()
  private let makeState: @Sendable () -> String
  /// The last write to the stores; each begins when the one before has ended.
  private var saving: Task<Void, Never>?

  /// How long a store may take to be read, and to be written. One that takes longer has failed.
  package static let storeDeadline = Duration.seconds(5)
  /// How long another process may have the turn: a login at the broker takes up to ten seconds, and its token must be kept.
  /// Who waits longer asks without it, since a process that hangs must not keep this one from trading.
  package static let turnPatience = Duration.seconds(12)
  /// Between two tries to have the turn.
  package static let turnInterval = Duration.milliseconds(50)

  /// - Parameters:
  ///   - turn: what keeps other processes on the same account from asking at the same time; `nil` where there are none.
  ///   - makeState: a name for a login that nobody can guess, of letters and digits.
  package init(
    executor: any SerialExecutor & Sendable, clock: any MonotonicClock, wallClock: any WallClock, account: AccountID,
    login: any TokenLogin, stores: [any TokenStore], turn: (any TokenTurn)? = nil,
    makeState: @escaping @Sendable () -> String,
    tell: @escaping @Sendable (News) -> Void
  ) {
    self.executor = executor
    taskExecutor = executor as? any TaskExecutor
    self.clock = clock
    self.wallClock = wallClock
    self.account = account
    self.login = login
    self.stores = stores
    self.turn = turn
    self.makeState = makeState
    self.tell = tell
  }

  // MARK: Without a person

  /// Reads the stores, once at the start: the newest token that still lives is the account's, whether it was kept or stands
  /// in the settings. `nil` for none.
  package func open(configured: StoredTokens?) async -> IssuedToken? {
    let found = await readStores()
    let kept = newest(of: found)
    // One that a store holds too is that store's, which knows when it was issued: a token that was written out for other
    // programs may come back from there as a setting.
    if let configured, isAlive(configured), !found.contains(where: { isSame($0.tokens, configured) }),
      configured.issuedAt >= kept?.tokens.issuedAt ?? configured.issuedAt
    {
      // What was kept may hold a refresh token that the settings have not.
      known = StoredTokens(
        access: configured.access, refresh: configured.refresh ?? kept?.tokens.refresh, issuedAt: configured.issuedAt)
      return configured.access
    }
    guard let kept else { return nil }
    known = kept.tokens
    guard isAlive(kept.tokens) else { return nil }
    tell(.readBack(store: kept.store, expiresAt: kept.tokens.access.expiresAt))
    return kept.tokens.access
  }

  package func canRenew() async -> Bool { await login.canRenew(known) }

  package func fetchToken() async throws(TokenError) -> IssuedToken {
    let hold = await takeTurn()
    // Whoever had the turn before has kept what it made.
    if let newer = await newerKept() {
      hold?.giveBack()
      return newer
    }
    do throws(TokenError) {
      return remember(try await login.renew(known), hold)
    } catch {
      // One that has no part in the turns, on another machine, may have been first.
      let newer = await newerKept()
      hold?.giveBack()
      if let newer { return newer }
      tell(.renewalFailed(error))
      throw error
    }
  }

  /// `nil` where it cannot be had, which is told: then the broker's own rules are all that stands between two processes.
  private func takeTurn() async -> TokenTurnHold? {
    guard let turn else { return nil }
    let end = clock.now.advanced(by: TokenKeeper.turnPatience)
    while true {
      do throws(TokenStoreError) {
        if let hold = try await turn.take(account) { return hold }
      } catch {
        tell(.storeFailed(error))
        return nil
      }
      guard clock.now < end else {
        tell(.storeFailed(TokenRefusals.turnTaken))
        return nil
      }
      // Cancelled: what comes of this attempt interests nobody any more.
      do { try await clock.wait(for: TokenKeeper.turnInterval) } catch { return nil }
    }
  }

  /// To be told when a token ends before the day does and cannot be renewed without a person.
  package func warn(expiresAt expiry: Timestamp) { tell(.endsToday(expiresAt: expiry)) }

  // MARK: By a person

  /// Where a person logs in; the browser comes back to ``finishLogin(state:_:)`` within ``LoginDesk/life``.
  package func beginLogin() async throws(TokenError) -> LoginPage {
    let state = makeState()
    let page = try await login.beginLogin(state: state)
    desk.handOut(page.returnsState ? state : nil, at: clock.now)
    return page
  }

  /// Whether a browser that comes back with this state was sent out from here.
  package func expects(state: String?) -> Bool { desk.expects(state, at: clock.now) }

  /// What a browser came back with. The login it belongs to is over with it, whatever comes of it, where a state names it;
  /// else when it brings a token.
  package func finishLogin(state: String?, _ grant: LoginGrant) async throws(TokenError) -> IssuedToken {
    guard desk.claim(state, at: clock.now) else { throw TokenRefusals.unknownLogin }
    let (tokens, hold) = try await finish(grant)
    desk.end()
    return remember(tokens, hold)
  }

  /// What the operator brought.
  package func take(_ grant: LoginGrant) async throws(TokenError) -> IssuedToken {
    let (tokens, hold) = try await finish(grant)
    guard isAlive(tokens) else {
      hold?.giveBack()
      throw TokenRefusals.issuedExpired
    }
    return remember(tokens, hold)
  }

  /// In a turn, as without a person: the token that another process is fetching would end this one or be ended by it, and
  /// whichever is kept last must be the one that lives.
  private func finish(_ grant: LoginGrant) async throws(TokenError) -> (StoredTokens, TokenTurnHold?) {
    let hold = await takeTurn()
    do throws(TokenError) {
      return (try await login.finishLogin(grant), hold)
    } catch {
      hold?.giveBack()
      throw error
    }
  }

  /// Waits until what was issued last is kept. The last thing to be called.
  package func shutdown() async { await saving?.value }

  // MARK: Stores

  /// - Parameter hold: given back when the tokens are kept: who waits for the turn is to find them.
  private func remember(_ tokens: StoredTokens, _ hold: TokenTurnHold? = nil) -> IssuedToken {
    known = tokens
    tell(.renewed(expiresAt: tokens.access.expiresAt))
    let before = saving
    // Beside the calls that wait for the token. Owned by `saving`, and awaited by `shutdown`.
    saving = Task(executorPreference: taskExecutor) {
      await before?.value
      await self.save(tokens)
      hold?.giveBack()
    }
    return tokens.access
  }

  private func save(_ tokens: StoredTokens) async {
    let account = account
    await withTaskGroup(of: Void.self) { group in
      for store in stores {
        group.addTask {
          let failure = await self.inTime(TokenRefusals.slowStore(store.name)) { () -> TokenStoreError? in
            do throws(TokenStoreError) {
              try await store.save(tokens, of: account)
              return nil
            } catch {
              return error
            }
          }
          if let failure { self.tell(.storeFailed(failure)) }
        }
      }
    }
  }

  private struct Kept: Sendable {
    let store: String
    let tokens: StoredTokens
  }

  private enum Reading: Sendable {
    case nothing
    case found(StoredTokens)
    case failed(TokenStoreError)
  }

  /// One that another process has issued since ours, and that lives.
  private func newerKept() async -> IssuedToken? {
    guard let kept = newest(of: await readStores()), isAlive(kept.tokens), isNewer(kept.tokens) else { return nil }
    known = kept.tokens
    tell(.readBack(store: kept.store, expiresAt: kept.tokens.access.expiresAt))
    return kept.tokens.access
  }

  private func isNewer(_ tokens: StoredTokens) -> Bool {
    guard let known else { return true }
    guard tokens.issuedAt >= known.issuedAt, let theirs = tokens.access.secret else { return false }
    return known.access.secret.map { !$0.matches(theirs) } ?? true
  }

  private func isAlive(_ tokens: StoredTokens) -> Bool {
    tokens.access.expiresAt.map { wallClock.now() < $0 } ?? true
  }

  private func isSame(_ one: StoredTokens, _ other: StoredTokens) -> Bool {
    guard let mine = one.access.secret, let theirs = other.access.secret else { return false }
    return mine.matches(theirs)
  }

  /// The newest of what the stores hold; of several that lived, a living one first. A token that several hold is that of
  /// the first, since some keep less of it: no refresh token, which is taken from one that does then.
  private func newest(of found: [Kept]) -> Kept? {
    var best: Kept?
    for (index, kept) in found.enumerated()
    where !found[..<index].contains(where: { isSame($0.tokens, kept.tokens) }) {
      let isBetter =
        best.map { best in
          let (mine, theirs) = (isAlive(kept.tokens), isAlive(best.tokens))
          return mine == theirs ? kept.tokens.issuedAt > best.tokens.issuedAt : mine
        } ?? true
      if isBetter { best = kept }
    }
    guard let best, best.tokens.refresh == nil else { return best }
    let refresh = found.filter { $0.tokens.refresh != nil }.max { $0.tokens.issuedAt < $1.tokens.issuedAt }
    return Kept(
      store: best.store,
      tokens: StoredTokens(
        access: best.tokens.access, refresh: refresh?.tokens.refresh, issuedAt: best.tokens.issuedAt))
  }

  /// What the stores hold, in their order; what cannot be read is told.
  private func readStores() async -> [Kept] {
    let account = account
    let readings = await withTaskGroup(of: (Int, Reading).self) { group in
      for (index, store) in stores.enumerated() {
        group.addTask {
          let reading = await self.inTime(.failed(TokenRefusals.slowStore(store.name))) { () -> Reading in
            do throws(TokenStoreError) {
              return try await store.load(account).map { Reading.found($0) } ?? .nothing
            } catch {
              return .failed(error)
            }
          }
          return (index, reading)
        }
      }
      var readings: [(Int, Reading)] = []
      for await reading in group { readings.append(reading) }
      return readings.sorted { $0.0 < $1.0 }
    }
    var found: [Kept] = []
    for (index, reading) in readings {
      switch reading {
      case .nothing: continue
      case .failed(let error): if !Task.isCancelled { tell(.storeFailed(error)) }
      case .found(let tokens): found.append(Kept(store: stores[index].name, tokens: tokens))
      }
    }
    return found
  }

  /// What `body` makes, or `late` when it takes too long. It is cancelled then, and not waited for: a disk that hangs would
  /// hold everything up.
  private nonisolated func inTime<Value: Sendable>(
    _ late: Value, _ body: @escaping @Sendable () async -> Value
  ) async -> Value {
    let waiter = Waiter<Value>()
    let work = Task(executorPreference: taskExecutor) { _ = waiter.resolve(await body()) }
    let clock = clock
    let timer = Task(executorPreference: taskExecutor) {
      do { try await clock.sleep(for: TokenKeeper.storeDeadline) } catch { return }
      _ = waiter.resolve(late)
      work.cancel()
    }
    let value = await waiter.wait(cancelled: late)
    timer.cancel()
    return value
  }
}
