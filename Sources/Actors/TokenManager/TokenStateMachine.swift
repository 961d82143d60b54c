internal import OrderDomain

/// One account's token: who gets it, who waits, and when a new one is asked for. However many wait, one asks.
///
/// An expiry is turned into a moment of the steady clock when the token comes, so that a jump of the wall clock neither
/// ends a good token nor keeps a dead one.
struct TokenStateMachine: Sendable {
  struct Token: Sendable {
    let access: AccessToken
    let expiry: Timestamp?
    /// Not used from here on; `nil` for never. So with `refreshAt`.
    let endsAt: Uptime?
    let expiresAt: Uptime?
    let refreshAt: Uptime?

    func isUsable(at now: Uptime) -> Bool { endsAt.map { now < $0 } ?? true }
  }

  enum State: Sendable {
    /// Leads to `refreshing` by the first call, to `valid` by a token from outside.
    case empty
    /// Leads to `refreshing` by time or the broker's refusal; to `failed` when refused too soon after the last attempt.
    case valid(Token)
    /// Leads to `valid` or `failed` by the attempt's answer or its time-out, to `valid` by a token from outside. `current`
    /// serves meanwhile.
    case refreshing(attempt: UInt64, until: Uptime, current: Token?)
    /// Leads to `refreshing` when its time is up, or when a person asks; to `valid` by a token from outside or by the
    /// late answer of the last attempt. `until` is `nil` where only a person helps. `current` serves meanwhile.
    case failed(until: Uptime?, TokenError, current: Token?)
  }

  enum Action: Sendable {
    /// Ask the source, and report by `fetched`.
    case fetch(attempt: UInt64)
    case resume([WaiterID], Result<AccessToken, TokenError>)
  }

  enum Answer: Sendable {
    case use(AccessToken)
    /// Nothing yet: put a waiter into the row, if it is not full.
    case wait
    case refuse(TokenError)
  }

  private(set) var state = State.empty
  private(set) var counters = TokenStatus.Counters()
  private let settings: TokenManagerSettings
  private var waiting: WaitQueue
  private var generation: UInt64 = 0
  private var lastAttempt: (number: UInt64, startedAt: Uptime)?
  private var failuresInARow = 0

  init(settings: TokenManagerSettings) {
    self.settings = settings
    waiting = WaitQueue(limit: settings.waiterLimit)
  }

  var waiterCount: Int { waiting.count }

  var isRefreshing: Bool {
    switch state {
    case .refreshing: true
    case .empty, .valid, .failed: false
    }
  }

  /// What a call gets at once. Run the actions first.
  mutating func token(at now: Uptime) -> (Answer, [Action]) {
    var actions = tick(at: now)
    if let current = usable(at: now) { return (.use(current.access), actions) }
    switch state {
    case .empty, .valid: actions += begin(current: nil, at: now)
    case .refreshing, .failed: break
    }
    switch state {
    case .empty, .valid, .refreshing:
      return (.wait, actions)
    case .failed(let until, let error, _):
      return (.refuse(error.waiting(until.map { now.duration(to: $0) })), actions)
    }
  }

  /// `false` when as many wait as may. Only after ``Answer/wait``.
  mutating func enqueue(_ id: WaiterID, deadline: Uptime) -> Bool {
    if waiting.isFull { return false }
    waiting.append(id, deadline: deadline)
    return true
  }

  mutating func remove(_ id: WaiterID) { _ = waiting.remove(id) }
  mutating func removeAll() -> [WaiterID] { waiting.removeAll() }

  /// Time alone: expired waits, an attempt given up, a refresh that is due.
  mutating func tick(at now: Uptime) -> [Action] {
    var actions: [Action] = []
    if !waiting.isEmpty {
      let expired = waiting.removeExpired(at: now)
      if !expired.isEmpty { actions.append(.resume(expired, .failure(TokenRefusals.deadlinePassed))) }
    }
    switch state {
    case .empty:
      break
    case .valid(let token):
      if let refreshAt = token.refreshAt, refreshAt <= now { actions += begin(current: token, at: now) }
    case .refreshing(_, let until, let current):
      if until <= now { actions += fail(TokenRefusals.timedOut, current: current, at: now) }
    case .failed(let until, _, let current):
      if let until, until <= now { actions += begin(current: current, at: now) }
    }
    return actions
  }

  /// When time alone changes something next.
  var nextEvent: Uptime? {
    let own: Uptime? =
      switch state {
      case .empty: nil
      case .valid(let token): token.refreshAt
      case .refreshing(_, let until, _): until
      case .failed(let until, _, _): until
      }
    return [own, waiting.earliestDeadline].compactMap { $0 }.min()
  }

  /// The attempt's answer.
  mutating func fetched(
    attempt: UInt64, _ result: Result<IssuedToken, TokenError>, at now: Uptime, wall: Timestamp
  ) -> [Action] {
    var isCurrent = false
    var current: Token?
    switch state {
    case .refreshing(let running, _, let old):
      isCurrent = running == attempt
      current = old
    case .failed(_, _, let old):
      // Given up, and nothing newer since: a token that comes now is the account's token, for the one before may have
      // ended with its issue.
      current = old
      if case .success = result { isCurrent = lastAttempt?.number == attempt }
      if isCurrent { counters.late += 1 }
    case .empty, .valid:
      break
    }
    guard isCurrent else {
      counters.late += 1
      return []
    }
    switch result {
    case .failure(let error):
      return fail(error, current: current, at: now)
    case .success(let issued):
      guard let token = adopt(issued, isFresh: true, at: now, wall: wall) else {
        return fail(TokenRefusals.issuedExpired, current: current, at: now)
      }
      return install(token)
    }
  }

  /// A token from outside: a person's login, the configuration, the store of the last run. Expired ones are ignored.
  mutating func supply(_ issued: IssuedToken, at now: Uptime, wall: Timestamp) -> (wasTaken: Bool, actions: [Action]) {
    guard let token = adopt(issued, isFresh: false, at: now, wall: wall) else { return (false, []) }
    return (true, install(token) + tick(at: now))
  }

  /// The broker refused the token of this generation. Only the first such report about the present token asks for a new
  /// one.
  mutating func refused(_ generation: UInt64, at now: Uptime) -> [Action] {
    var actions = tick(at: now)
    counters.refusedByBroker += 1
    switch state {
    case .empty:
      break
    case .valid(let token):
      if token.access.generation == generation {
        actions += begin(current: nil, at: now, tooSoon: TokenRefusals.refused)
      }
    case .refreshing(let attempt, let until, let current):
      if current?.access.generation == generation {
        state = .refreshing(attempt: attempt, until: until, current: nil)
      }
    case .failed(let until, let error, let current):
      if current?.access.generation == generation { state = .failed(until: until, error, current: nil) }
    }
    return actions
  }

  /// The token of this generation opens another account than it should: nobody gets it, and only a person brings another.
  mutating func condemn(_ generation: UInt64, _ error: TokenError) -> [Action] {
    guard held?.access.generation == generation else { return [] }
    if case .refreshing(let attempt, let until, _) = state {
      // What comes is another token.
      state = .refreshing(attempt: attempt, until: until, current: nil)
      return []
    }
    state = .failed(until: nil, error, current: nil)
    let waiters = waiting.removeAll()
    return waiters.isEmpty ? [] : [.resume(waiters, .failure(error))]
  }

  /// A person wants a new token now. Even so not sooner after the last attempt than may be.
  mutating func refreshNow(at now: Uptime) -> [Action] {
    let actions = tick(at: now)
    if case .refreshing = state { return actions }
    if let earliest = earliestAttempt, now < earliest { return actions }
    return actions + begin(current: usable(at: now), at: now)
  }

  func status(at now: Uptime) -> TokenStatus {
    let token = held
    let left = token?.expiresAt.map { max(.zero, now.duration(to: $0)) }
    let lastError: TokenError? = if case .failed(_, let error, _) = state { error } else { nil }
    return TokenStatus(
      valid: usable(at: now) != nil, expiry: token?.expiry,
      hoursRemaining: left.map { Int($0.components.seconds / 3_600) },
      needsRefresh: token.map { $0.refreshAt.map { $0 <= now } ?? false } ?? true, isRefreshing: isRefreshing,
      generation: generation, waiterCount: waiting.count, lastError: lastError, counters: counters)
  }

  private var held: Token? {
    switch state {
    case .empty: nil
    case .valid(let token): token
    case .refreshing(_, _, let current), .failed(_, _, let current): current
    }
  }

  private func usable(at now: Uptime) -> Token? {
    guard let held, held.isUsable(at: now) else { return nil }
    return held
  }

  private var earliestAttempt: Uptime? { lastAttempt?.startedAt.advanced(by: settings.minimumInterval) }

  private mutating func begin(
    current: Token?, at now: Uptime, tooSoon: TokenError = TokenRefusals.tooSoon
  ) -> [Action] {
    if let earliest = earliestAttempt, now < earliest {
      state = .failed(until: earliest, tooSoon, current: current)
      return []
    }
    let number = (lastAttempt?.number ?? 0) + 1
    lastAttempt = (number, now)
    counters.attempts += 1
    state = .refreshing(attempt: number, until: now.advanced(by: settings.attemptTimeout), current: current)
    return [.fetch(attempt: number)]
  }

  private mutating func fail(_ error: TokenError, current: Token?, at now: Uptime) -> [Action] {
    counters.failures += 1
    failuresInARow += 1
    let until: Uptime? =
      switch error.kind {
      case .needsPerson: nil
      case .temporary: now.advanced(by: backoff(error))
      }
    state = .failed(until: until, error, current: current)
    let waiters = waiting.removeAll()
    return waiters.isEmpty ? [] : [.resume(waiters, .failure(error.waiting(until.map { now.duration(to: $0) })))]
  }

  private func backoff(_ error: TokenError) -> Duration {
    // Doubling ends long before it could overflow: 5 s * 2^10 is above every maximum.
    let doubled = settings.minimumInterval * (1 << min(failuresInARow - 1, 10))
    return min(max(doubled, error.retryAfter ?? .zero), settings.maximumInterval)
  }

  private mutating func install(_ token: Token) -> [Action] {
    failuresInARow = 0
    state = .valid(token)
    let waiters = waiting.removeAll()
    return waiters.isEmpty ? [] : [.resume(waiters, .success(token.access))]
  }

  private mutating func adopt(_ issued: IssuedToken, isFresh: Bool, at now: Uptime, wall: Timestamp) -> Token? {
    var endsAt: Uptime?
    var expiresAt: Uptime?
    var refreshAt: Uptime?
    if let expiry = issued.expiresAt {
      let left = Duration.nanoseconds(expiry.nanoseconds(since: wall))
      guard left > settings.expiryMargin else { return nil }
      expiresAt = now.advanced(by: left)
      endsAt = now.advanced(by: left - settings.expiryMargin)
      // One whose whole life is shorter than the refresh time would otherwise be renewed without end.
      let lead = isFresh ? min(settings.refreshBefore, left / 2) : min(settings.refreshBefore, left)
      refreshAt = now.advanced(by: left - lead)
    }
    generation += 1
    return Token(
      access: AccessToken(secret: issued.secret, generation: generation), expiry: issued.expiresAt, endsAt: endsAt,
      expiresAt: expiresAt, refreshAt: refreshAt)
  }
}

extension TokenError {
  /// The same failure, with how long it will stand.
  fileprivate func waiting(_ time: Duration?) -> TokenError {
    TokenError(kind: kind, refusal: refusal, retryAfter: time)
  }
}
