package import Actors
import Brokers
package import OrderDomain

/// Makes the part of an account that is the same wherever its broker is: its router, what keeps its calls within bounds,
/// and what runs beside its orders.
package struct AccountMaker: Sendable {
  package let ground: EngineGround
  package let market: PaperMarket
  let stages: StageTimes
  let past: Past
  let sink: OrderRouter.ChangeSink
  let cancelSent: @Sendable (SentCancel) -> Void

  /// What the accounts sent before this start, which their brokers have counted.
  struct Past: Sendable {
    let today: CalendarDate
    let sentToday: [AccountID: Int]
    /// How long ago each order and cancel of the last hour left, the earliest first.
    let ages: [AccountID: [Duration]]

    init(_ fold: JournalFold, at now: Timestamp) {
      today = now.indianDate
      sentToday = fold.sentCounts(on: today)
      let recent = fold.departures(since: now.adding(nanoseconds: -3_600_000_000_000))
      // What the clock says is still to come left before it was set back: nobody knows how long before.
      ages = recent.mapValues { $0.map { .nanoseconds(max(0, now.nanoseconds(since: $0))) } }
    }
  }

  /// Where an account's instruments come from.
  package typealias Symbols = @Sendable () -> (any InstrumentResolver & Sendable)?

  /// Two readings of the book without an order must be so far apart to prove its absence (an order in transit is not shown
  /// at once).
  private static var absenceInterval: Duration { .seconds(5) }

  /// An account on the engine's own market.
  package func paper(
    _ settings: AccountConfiguration, symbols: @escaping Symbols, chores: [@Sendable () async -> Void] = []
  ) async -> AccountHouse {
    let (market, wallClock) = (market, ground.wallClock)
    let guards = await guards(of: settings, source: StaticTokenSource.paper, readPolicy: nil)
    let router = OrderRouter(
      executor: ground.executor, account: settings.id, gateway: PaperGateway(market: market, account: settings.id),
      admission: guards.admission, wallClock: wallClock, stages: stages, sink: sink, cancelSent: cancelSent)
    await market.deliver(settings.id) { report in router.here(report) { $0.receive($1) } }
    return AccountHouse(
      account: EngineAccount(
        id: settings.id, standing: AccountStanding(broker: .paper, mayTrade: true), router: router, symbols: symbols,
        lastPrice: { instrument in market.here(instrument) { $0.lastPrice($1) } }, controls: guards.controls,
        tokens: AccountTokens(manager: guards.tokens, keeper: nil)),
      chores: chores + [guards.newDay], endAdmission: guards.end, close: {})
  }

  /// An account behind a broker's protocol.
  ///
  /// - Parameters:
  ///   - tokens: where a new access token comes from when the present one has died.
  ///   - keeper: the same where tokens outlive the process, in place of `tokens`.
  ///   - senses: what the morning's look asks this broker in a way of its own.
  ///   - tokenCheckTime: when the token is looked at each day, after midnight in India.
  ///   - close: ends the way to the broker, when no call is under way any more.
  package func remote(
    _ settings: AccountConfiguration, gateway: any BrokerAccount,
    tokens source: any TokenSource = StaticTokenSource.configuration, keeper: TokenKeeper? = nil,
    senses: AccountProbe.Senses = AccountProbe.Senses(), symbols: @escaping Symbols,
    chores: [@Sendable () async -> Void] = [],
    tokenCheckTime: Duration = .seconds(8 * 3_600),
    close: @escaping @Sendable () async -> Void = {}
  ) async throws -> AccountHouse {
    let guards = await guards(of: settings, source: keeper ?? source, readPolicy: try readPolicy(settings))
    let tokens = AccountTokens(manager: guards.tokens, keeper: keeper)
    await AccountMaker.open(tokens, settings.accessToken, at: ground.wallClock.now())
    let router = OrderRouter(
      executor: ground.executor, account: settings.id, gateway: gateway, admission: guards.admission,
      wallClock: ground.wallClock, stages: stages, absenceInterval: AccountMaker.absenceInterval,
      uptime: ground.uptime, sink: sink, cancelSent: cancelSent, alarm: ground.alarm)
    let (account, admission, ground) = (settings.id, guards.admission, ground)
    let (clock, wallClock) = (ground.clock, ground.wallClock)
    let prices = PriceDesk(
      executor: ground.executor, wallClock: wallClock, hasToken: { await tokens.manager.snapshot().valid },
      read: { instruments, deadline in
        await admission.read(deadline: deadline) { token throws(BrokerReadFailure) in
          try await gateway.quotes(for: instruments, token: token)
        }
      },
      alarm: { failure in
        let refusal = failure.refusal
        ground.alarm(
          Refusal(code: "quotes.notRead", cause: "\(account): \(refusal.code): \(refusal.cause)", fix: refusal.fix))
      })
    let reader = AdmittedReader(admission: admission, wallClock: wallClock)
    let profile = ProfileCheck(
      account: account, broker: settings.broker, client: settings.expectedClient, tokens: tokens.manager, clock: clock,
      read: {
        await reader.read { (token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile in
          try await gateway.profile(token: token)
        }
      }, alarm: ground.alarm)
    let probe = AccountProbe(
      account: account, gateway: gateway, reader: reader,
      senses: senses, symbols: symbols, wallClock: wallClock, token: { await tokens.finding() })
    return AccountHouse(
      account: EngineAccount(
        id: account, standing: AccountStanding(broker: settings.broker, mayTrade: settings.mayTrade),
        router: router, symbols: symbols,
        lastPrice: { instrument in prices.here(instrument.key) { $0.lastPrice($1) } },
        fetchPrices: { await prices.fetch($0) }, controls: guards.controls, tokens: tokens, probe: probe),
      chores: chores + [
        guards.newDay, { await AccountMaker.watch(router, clock) },
        { await profile.run() },
        { await AccountMaker.checkDaily(tokens, at: tokenCheckTime, clock, wallClock) },
      ], endAdmission: guards.end,
      close: {
        await keeper?.shutdown()
        await close()
      })
  }

  /// Puts the token in use that was kept, or that stands in the settings.
  private static func open(_ tokens: AccountTokens, _ configured: Secret?, at now: Timestamp) async {
    let token: IssuedToken?
    if let keeper = tokens.keeper {
      token = await keeper.open(configured: configured.map { StoredTokens(pasted: $0, at: now) })
    } else {
      token = configured.map { IssuedToken(secret: $0, expiresAt: nil) }
    }
    if let token { await tokens.manager.supply(token) }
  }

  /// Looks at the token soon after the start, and each day at its time. What fails is tried again by the token's own rules.
  private static func checkDaily(
    _ tokens: AccountTokens, at time: Duration, _ clock: any MonotonicClock, _ wallClock: any WallClock
  ) async {
    if tokens.keeper == nil { return }
    let check = DayChange(clock: clock, wallClock: wallClock, timeOfDay: time) { day in
      _ = await tokens.check(on: day)
      return true
    }
    await check.run(since: nil)
  }

  /// Reads the broker's book once, for orders that the journal has lost, and then while an order is open there: each
  /// second, or less often when a reading takes long (a book of thousands of orders is work for this thread) or fails.
  /// Orders that are leaving go first, for a few seconds.
  private static func watch(_ router: OrderRouter, _ clock: any MonotonicClock) async {
    var pause = Duration.seconds(1)
    var delayCount = 0
    _ = await router.reconcile()
    while true {
      do { try await clock.wait(for: pause) } catch { return }
      guard await router.liveCount > 0 else {
        pause = .seconds(1)
        continue
      }
      if await router.sendingCount > 0, delayCount < 4 {
        delayCount += 1
        continue
      }
      delayCount = 0
      let began = clock.now
      let isRead = await router.reconcile()
      pause = isRead ? max(.seconds(1), began.duration(to: clock.now) * 4) : min(pause * 2, .seconds(5))
    }
  }

  // MARK: Guards

  private struct Guards {
    let admission: RouterAdmission
    let tokens: TokenManager
    let controls: AccountControls
    /// Runs as long as the engine: begins the limiter's count of each new day.
    let newDay: @Sendable () async -> Void
    let end: @Sendable () async -> Void
  }

  /// How readings are metered where the broker counts them apart from orders.
  private func readPolicy(_ settings: AccountConfiguration) throws -> RateLimitPolicy? {
    switch settings.broker {
    // DhanHQ v2 meters readings apart: 20 a second, of which half is used here.
    case .dhan: settings.rateLimit.isOff ? .off : try RateLimitPolicy("10/1s")
    // FYERS v3 has one limit for all calls.
    case .fyers, .paper: nil
    }
  }

  private func guards(
    of settings: AccountConfiguration, source: any TokenSource, readPolicy: RateLimitPolicy?
  ) async -> Guards {
    let (executor, clock, wallClock) = (ground.executor, ground.clock, ground.wallClock)
    let tokens = TokenManager(
      executor: executor, clock: clock, wallClock: wallClock, account: settings.id, source: source)
    let breaker = CircuitBreaker(executor: executor, clock: clock)
    let limiter = RateLimiter(
      executor: executor, clock: clock, settings: RateLimiterSettings(policy: settings.rateLimit))
    let today = past.today
    await limiter.beginDay(today, used: past.sentToday[settings.id] ?? 0)
    await limiter.restore(ages: past.ages[settings.id] ?? [])
    let readLimiter = readPolicy.map {
      RateLimiter(executor: executor, clock: clock, settings: RateLimiterSettings(policy: $0))
    }
    return Guards(
      admission: RouterAdmission(
        clock: clock, wallClock: wallClock, tokens: tokens, breaker: breaker, limiter: limiter,
        readLimiter: readLimiter, jitter: ground.jitter),
      tokens: tokens,
      controls: AccountControls(
        circuit: { lane in breaker.assumeIsolated { $0.snapshot(lane) } },
        setCircuit: { lane, isOpen, reason in
          breaker.assumeIsolated { isOpen ? $0.open(lane, reason: reason) : $0.close(lane, reason: reason) }
        },
        forecast: { kind in
          let limiter = kind == .reads ? readLimiter ?? limiter : limiter
          return limiter.assumeIsolated { $0.forecast(kind) }
        }),
      newDay: {
        await DayChange(clock: clock, wallClock: wallClock) { await limiter.beginDay($0) }.run(since: today)
      },
      end: {
        await tokens.shutdown()
        await limiter.shutdown()
        await readLimiter?.shutdown()
        await breaker.shutdown()
      })
  }
}
