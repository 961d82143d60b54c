import Actors
import HTTP
import Logging
import OrderDomain
import Ring
import SimulatedExchange

/// The engine's parts, wired to each other. Everything in it lives on `loop`.
struct EngineHouse: Sendable {
  let loop: EventLoop
  let engine: OrderEngine
  let journal: Journal<SHA256Chain>
  let market: PaperMarket
  /// Keeps the symbols of the day; ends with its task.
  private let refreshSymbols: @Sendable (CalendarDate) async -> Void
  /// Ends whoever waits for a permit or a token.
  private let endAdmission: @Sendable () async -> Void
  private let door: Door
  private let configuration: EngineConfiguration
  private let recovery: Recovery
  private let webhookSecret: EngineService.Key
  private let operatorToken: EngineService.Key

  /// The server and its addresses, which only the loop's thread touches.
  private final class Door: @unchecked Sendable {
    let server: HTTPServer
    let endpoints: EngineEndpoints

    init(server: HTTPServer, endpoints: EngineEndpoints) {
      self.server = server
      self.endpoints = endpoints
    }
  }

  static func build(
    configuration: EngineConfiguration, directory: DataDirectory, recovered: JournalStore.Recovery, loop: EventLoop,
    logger: Logger
  ) async throws -> EngineHouse {
    guard configuration.accounts.allSatisfy({ $0.broker == .paper }) else {
      throw Refusal(
        code: "broker.notOffered", cause: "this version trades on paper alone", fix: "set BROKER=paper, or leave it out"
      )
    }
    let wallClock = SystemWallClock()
    let clock = loop.clock
    let recovery = Recovery(events: recovered.events)
    let segment = SegmentFile(loop: loop, file: recovered.file, end: recovered.end)
    if let header = recovered.header { try await segment.append(header, isDurable: true) }
    let journal = Journal(
      executor: loop, log: segment, digest: SHA256Chain(), state: recovered.state, wallClock: { wallClock.now() })

    let account = AccountID.standard
    let market = PaperMarket(
      executor: loop, wallClock: wallClock,
      configuration: configuration.paper.exchange(
        epoch: UInt16(recovery.startCount % 1000), lastPrices: recovery.lastPrices),
      timer: { delay, body in
        loop.execute { _ = loop.schedule(after: delay, body) }
      })
    let relay = EngineRelay()
    let symbols = SymbolMaster(executor: loop)
    try await SymbolLoading.load(configuration, into: symbols, at: wallClock.now(), logger: logger)
    let tokens = TokenManager(
      executor: loop, clock: clock, wallClock: wallClock, account: account, source: StaticTokenSource.paper)
    let breaker = CircuitBreaker(executor: loop, clock: clock)
    let limiter = RateLimiter(executor: loop, clock: clock, settings: RateLimiterSettings(policy: .off))
    let router = OrderRouter(
      executor: loop, account: account, gateway: PaperGateway(market: market, account: account),
      admission: RouterAdmission(
        clock: clock, wallClock: wallClock, tokens: tokens, breaker: breaker, limiter: limiter,
        jitter: { Int64.random(in: $0) }), wallClock: wallClock, sink: { relay.changed($0) })
    await market.deliver(account) { report in router.assumeIsolated { $0.receive(report) } }

    let webhookSecret = try key(configuration.webhookSecret, "WEBHOOK_SECRET", "webhook-secret", in: directory)
    let operatorToken = try key(configuration.operatorToken, "OPERATOR_TOKEN", "operator-token", in: directory)
    let engine = OrderEngine(
      parts: EngineParts(
        executor: loop, wallClock: wallClock, sleep: { try await clock.sleep(for: $0) }, journal: journal,
        ledger: AlertLedger(executor: loop), positions: PositionBook(executor: loop),
        accounts: [
          EngineAccount(
            id: account, standing: AccountStanding(broker: .paper, mayTrade: true), router: router,
            symbols: { symbols.assumeIsolated { $0.current(.sample) } },
            lastPrice: { instrument in market.assumeIsolated { $0.lastPrice(instrument) } })
        ],
        planner: Planner(
          settings: PlannerSettings(
            defaultAccount: account, validityMilliseconds: configuration.alertValidityMilliseconds)),
        riskGate: RiskGate(limits: configuration.riskLimits),
        webhookSecrets: [webhookSecret.secret],
        settings: EngineSettings(
          keyedWindowSeconds: configuration.keyedWindowSeconds,
          unkeyedWindowSeconds: configuration.unkeyedWindowSeconds,
          webhookRateLimit: configuration.webhookRateLimit),
        alarm: { refusal in
          logger.error("\(refusal.code)", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
        }))
    relay.engine = engine
    let endpoints = EngineEndpoints(
      engine: engine, operatorToken: operatorToken.secret, loop: loop,
      startID: String(wallClock.now().nanoseconds / 1_000_000, radix: 36))
    let door = Door(
      server: HTTPServer(
        loop: loop, configuration: HTTPServerConfiguration(wallClock: { wallClock.now().nanoseconds / 1_000_000_000 }),
        handler: endpoints),
      endpoints: endpoints)
    return EngineHouse(
      loop: loop, engine: engine, journal: journal, market: market,
      refreshSymbols: { since in
        let change = DayChange(clock: clock, wallClock: wallClock) { _ in
          await SymbolLoading.reload(configuration, into: symbols, at: wallClock.now(), logger: logger)
        }
        await change.run(since: since)
      },
      endAdmission: {
        await tokens.shutdown()
        await limiter.shutdown()
        await breaker.shutdown()
      }, door: door, configuration: configuration,
      recovery: recovery, webhookSecret: webhookSecret.key, operatorToken: operatorToken.key)
  }

  /// A configured secret, else the one that the data directory keeps under `file`.
  private static func key(
    _ configured: Secret?, _ setting: String, _ file: String, in directory: DataDirectory
  ) throws(Refusal) -> (secret: Secret, key: EngineService.Key) {
    if let configured { return (configured, .configured(setting)) }
    let kept = try directory.secret(file)
    return (Secret(kept.text), kept.isNew ? .made(kept.text) : .kept(path: directory.file(file)))
  }

  /// Puts the past in place, asks the brokers about what it leaves open, then takes alerts.
  func open() async throws -> EngineService.ServingAddress {
    let address = try SocketAddress(host: configuration.host, port: configuration.port)
    let now = SystemWallClock().now()
    try await journal.commit(.engineStarted(EngineStart(version: OrderEngineVersion.current)))
    await engine.restore(recovery, at: now)
    for account in engine.parts.accounts where account.standing.broker == .paper {
      await market.resume(
        account.id, funds: configuration.paper.funds, positions: await engine.parts.positions.all(),
        orders: await account.router.liveOrders())
    }
    await engine.reconcile(recovery, at: now)
    let door = door
    let bound: Result<SocketAddress, RingError> = await onLoop {
      do throws(RingError) { return .success(try door.server.listen(on: address)) } catch { return .failure(error) }
    }
    let base = "http://\(try bound.get())"
    await engine.beReady()
    let refreshSymbols = refreshSymbols
    await engine.start { _ in await refreshSymbols(now.indianDate) }
    return EngineService.ServingAddress(
      base: base, webhookSecret: webhookSecret, operatorToken: operatorToken, backend: loop.backendInUse.rawValue)
  }

  /// The door first, so that nothing new comes in; then what is under way; the journal is the caller's, and last.
  func close(grace: Duration, logger: Logger) async {
    let door = door
    let deadline = loop.clock.now.advanced(by: grace)
    await engine.beginDraining()
    let drained = await withCheckedContinuation { (continuation: CheckedContinuation<Int, Never>) in
      loop.execute {
        door.endpoints.close()
        door.server.drain(deadline: deadline) { continuation.resume(returning: $0.forcedConnectionCount) }
      }
    }
    if drained > 0 { logger.warning("http.connectionsCutOff", metadata: ["count": "\(drained)"]) }
    await endAdmission()
    await engine.stop(grace: grace)
    await market.stop()
  }

  private func onLoop<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      loop.execute { continuation.resume(returning: body()) }
    }
  }
}

/// Carries a router's news to the engine, which is built after it. Both live on the loop's thread.
private final class EngineRelay: @unchecked Sendable {
  weak var engine: OrderEngine?

  func changed(_ change: OrderChange) { engine?.assumeIsolated { $0.orderChanged(change) } }
}

package enum OrderEngineVersion {
  package static let current = "0.1.0"
}

extension AccountID {
  /// The account that a configuration without names has.
  static let standard = AccountID(staticName: "paper")
}

extension EngineConfiguration.PaperSettings {
  /// - Parameter lastPrices: what was paid last, where the market goes on after a restart.
  func exchange(epoch: UInt16, lastPrices: [InstrumentKey: Price]) -> ExchangeConfiguration {
    var exchange = ExchangeConfiguration(seed: seed, epoch: epoch)
    let milliseconds = latencyMilliseconds * 1_000_000
    exchange.referencePrices = PaperPrices.reference.merging(lastPrices) { $1 }
    // It trades around the clock: there is no close that an intraday position would have to be flat by.
    exchange.squaresOffIntraday = false
    exchange.latency = ExchangeLatency(transit: milliseconds / 2, match: milliseconds - milliseconds / 2)
    if let units = Quantity(fillUnits), units > .zero { exchange.liquidity = .perStep(units) }
    return exchange
  }
}
