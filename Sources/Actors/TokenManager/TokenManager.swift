package import OrderDomain

/// Owns one account's access token: hands it out, keeps it fresh, and asks for a new one once, however many wait.
///
/// All decisions are ``TokenStateMachine``'s; this reads the clocks, asks the source, wakes who waits and keeps the alarm.
/// ``shutdown()`` ends it.
package actor TokenManager {
  private typealias Machine = TokenStateMachine
  private typealias Verdict = Result<AccessToken, TokenError>

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  package nonisolated let account: AccountID
  private let executor: any SerialExecutor
  private let taskExecutor: (any TaskExecutor)?
  private let clock: any MonotonicClock
  private let wallClock: any WallClock
  private let source: any TokenSource
  private var machine: Machine
  private var waiters: [WaiterID: Waiter<Verdict>] = [:]
  private var nextWaiterID: WaiterID = 0
  private var alarm = Alarm()
  /// The attempts that have not ended. One that was given up may still bring a token until the next one starts, which
  /// cancels it.
  private var attempts: [UInt64: Task<Void, Never>] = [:]
  /// Who waits for the end of the present attempt.
  private var watchers: [Waiter<Void>] = []
  /// Who waits for another token than the present one.
  private var expectants: [Waiter<Void>] = []
  private var isShutDown = false

  /// If the executor can also run tasks, attempts and the alarm run on it, so that no other thread takes part.
  package init(
    executor: any SerialExecutor & Sendable, clock: any MonotonicClock, wallClock: any WallClock, account: AccountID,
    source: any TokenSource, settings: TokenManagerSettings = TokenManagerSettings()
  ) {
    self.executor = executor
    taskExecutor = executor as? any TaskExecutor
    self.clock = clock
    self.wallClock = wallClock
    self.account = account
    self.source = source
    machine = Machine(settings: settings)
  }

  /// The token at once if there is a good one; else as soon as there is, at the latest at `deadline`. While a failure
  /// stands nobody waits: the error says for how long it will.
  package func token(until deadline: Uptime) async throws(TokenError) -> AccessToken {
    let now = clock.now
    if isShutDown { throw TokenRefusals.shuttingDown }
    let answer = ask(at: now)
    switch answer {
    case .use(let token): return token
    case .refuse(let error): throw error
    case .wait: break
    }
    if deadline <= now { throw TokenRefusals.deadlinePassed }
    nextWaiterID += 1
    let id = nextWaiterID
    guard machine.enqueue(id, deadline: deadline) else { throw TokenRefusals.queueFull }
    let waiter = Waiter<Verdict>()
    waiters[id] = waiter
    rearm()
    let verdict = await waiter.wait(cancelled: .failure(TokenRefusals.cancelled))
    waiters[id] = nil
    machine.remove(id)
    return try verdict.get()
  }

  /// The token if there is a good one now, without a suspension; starts the background refresh where it is due. For code
  /// that already runs on this actor's executor; traps elsewhere.
  package nonisolated func tokenHere() -> AccessToken? { here { $0.current() } }

  /// The token if there is a good one now; starts the background refresh where it is due.
  package func current() -> AccessToken? {
    if !isShutDown, case .use(let token) = ask(at: clock.now) { return token }
    return nil
  }

  /// The broker refused the token of this generation. However many report it, one new token is asked for.
  package func reportRefused(_ generation: UInt64) { perform(machine.refused(generation, at: clock.now)) }

  /// A token from outside: a person's login, the configuration, the store of the last run. `false` if it has expired.
  @discardableResult
  package func supply(_ issued: IssuedToken) -> Bool {
    let (wasTaken, actions) = machine.supply(issued, at: clock.now, wall: wallClock.now())
    perform(actions)
    return wasTaken
  }

  /// The token of this generation opens another account than it should: calls are refused with `error` until another one
  /// comes.
  package func condemn(_ generation: UInt64, _ error: TokenError) { perform(machine.condemn(generation, error)) }

  /// Waits for a good token of a later generation than `seen`, and returns its own; `nil` at the end, and when cancelled.
  package func arrival(after seen: UInt64) async -> UInt64? {
    while !isShutDown, !Task.isCancelled {
      let status = snapshot()
      if status.valid, status.generation > seen { return status.generation }
      let waiter = Waiter<Void>()
      expectants.append(waiter)
      await waiter.wait(cancelled: ())
    }
    return nil
  }

  /// Asks for a new token now, unless an attempt is running or the last was a moment ago.
  package func refreshNow() { perform(machine.refreshNow(at: clock.now)) }

  /// Asks for a new token now and returns when the attempt has ended, however it did: by the source's answer, or by its
  /// time. Many who ask at once get one.
  package func renew() async -> TokenStatus {
    refreshNow()
    guard !isShutDown, machine.isRefreshing else { return snapshot() }
    let waiter = Waiter<Void>()
    watchers.append(waiter)
    await waiter.wait(cancelled: ())
    return snapshot()
  }

  /// How it stands, and nothing else: no attempt begins.
  package func snapshot() -> TokenStatus { machine.status(at: clock.now) }

  package func status() -> TokenStatus {
    let now = clock.now
    perform(machine.tick(at: now))
    return machine.status(at: now)
  }

  /// Every waiting call is refused, and so is each later one; a running attempt is cancelled.
  package func shutdown() {
    isShutDown = true
    alarm.cancel()
    cancelAttempts()
    resume(machine.removeAll(), .failure(TokenRefusals.shuttingDown))
    endWatches()
    endExpectations()
  }

  private func ask(at now: Uptime) -> Machine.Answer {
    let (answer, actions) = machine.token(at: now)
    if !actions.isEmpty { perform(actions) }
    return answer
  }

  private func perform(_ actions: [Machine.Action]) {
    for action in actions {
      switch action {
      case .fetch(let attempt): start(attempt)
      case .resume(let ids, let verdict): resume(ids, verdict)
      }
    }
    if !watchers.isEmpty, !machine.isRefreshing { endWatches() }
    if !expectants.isEmpty { endExpectations() }
    rearm()
  }

  private func endWatches() {
    for watcher in watchers { _ = watcher.resolve(()) }
    watchers = []
  }

  /// Each looks for itself whether it is the one that it waits for.
  private func endExpectations() {
    for expectant in expectants { _ = expectant.resolve(()) }
    expectants = []
  }

  private func rearm() {
    alarm.set(to: isShutDown ? nil : machine.nextEvent) { due in
      Task(executorPreference: taskExecutor) { await self.ring(at: due) }
    }
  }

  private func resume(_ ids: [WaiterID], _ verdict: Verdict) {
    // A waiter that was cancelled a moment ago loses nothing: a token is not used up.
    for id in ids { _ = waiters[id]?.resolve(verdict) }
  }

  private func start(_ attempt: UInt64) {
    if isShutDown { return }
    cancelAttempts()
    attempts[attempt] = Task(executorPreference: taskExecutor) { await self.fetch(attempt) }
  }

  private func cancelAttempts() {
    for (_, task) in attempts.sorted(by: { $0.key < $1.key }) { task.cancel() }
  }

  private func fetch(_ attempt: UInt64) async {
    let result: Result<IssuedToken, TokenError>
    do {
      result = .success(try await source.fetchToken())
    } catch {
      result = .failure(error)
    }
    attempts[attempt] = nil
    if isShutDown { return }
    perform(machine.fetched(attempt: attempt, result, at: clock.now, wall: wallClock.now()))
  }

  private func ring(at due: Uptime) async {
    do {
      try await clock.wait(until: due)
    } catch {
      return  // Cancelled: an earlier alarm took over, or the end did.
    }
    if alarm.rang(for: due) { perform(machine.tick(at: clock.now)) }
  }
}
