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
  private let door: Door
  private let configuration: EngineConfiguration
  private let directory: DataDirectory
  private let recovery: Recovery
  private let webhookSecret: (text: String, isNew: Bool)?
  private let operatorToken: String

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
      configuration: configuration.paper.exchange(epoch: UInt16(recovery.startCount % 1000)),
      timer: { delay, body in
        loop.execute { _ = loop.schedule(after: delay, body) }
      })
    await market.openAccount(account, funds: configuration.paper.funds)

    let relay = EngineRelay()
    let symbols = SymbolMaster(executor: loop)
    try await SymbolLoading.load(configuration, into: symbols, at: wallClock.now(), logger: logger)
    let router = OrderRouter(
      executor: loop, account: account, gateway: PaperGateway(market: market, account: account),
      admission: RouterAdmission(
        clock: clock, wallClock: wallClock, breaker: CircuitBreaker(executor: loop, clock: clock),
        jitter: { Int64.random(in: $0) }), wallClock: wallClock, sink: { relay.changed($0) })
    await market.deliver(account) { report in router.assumeIsolated { $0.receive(report) } }

    let webhookSecret = configuration.webhookSecret == nil ? try directory.secret("webhook-secret") : nil
    let operatorToken =
      try configuration.operatorToken.map { $0.withBytes { String(validating: $0.copied(), as: UTF8.self) ?? "" } }
      ?? directory.secret("operator-token").text
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
        webhookSecrets: [configuration.webhookSecret, webhookSecret.map { Secret($0.text) }].compactMap { $0 },
        settings: EngineSettings(
          keyedWindowSeconds: configuration.keyedWindowSeconds,
          unkeyedWindowSeconds: configuration.unkeyedWindowSeconds,
          webhookRateLimit: configuration.webhookRateLimit),
        alarm: { refusal in
          logger.error("\(refusal.code)", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
        }))
    relay.engine = engine
    let endpoints = EngineEndpoints(
      engine: engine, operatorToken: Secret(operatorToken), loop: loop,
      startID: String(wallClock.now().nanoseconds / 1_000_000, radix: 36))
    let door = Door(
      server: HTTPServer(
        loop: loop, configuration: HTTPServerConfiguration(wallClock: { wallClock.now().nanoseconds / 1_000_000_000 }),
        handler: endpoints),
      endpoints: endpoints)
    return EngineHouse(
      loop: loop, engine: engine, journal: journal, market: market, door: door, configuration: configuration,
      directory: directory, recovery: recovery, webhookSecret: webhookSecret, operatorToken: operatorToken)
  }

  /// Puts the past in place, asks the brokers about what it leaves open, then takes alerts.
  func open() async throws -> EngineService.ServingAddress {
    let address = try SocketAddress(host: configuration.host, port: configuration.port)
    let now = SystemWallClock().now()
    try await journal.commit(.engineStarted(EngineStart(version: OrderEngineVersion.current)))
    await engine.restore(recovery, at: now)
    await engine.reconcile(recovery, at: now)
    let door = door
    let bound: Result<SocketAddress, RingError> = await onLoop {
      do throws(RingError) { return .success(try door.server.listen(on: address)) } catch { return .failure(error) }
    }
    let base = "http://\(try bound.get())"
    await engine.beReady()
    return EngineService.ServingAddress(
      base: base, dashboard: "\(base)/?token=\(operatorToken)",
      newWebhookSecret: webhookSecret.flatMap { $0.isNew ? $0.text : nil },
      secretPath: directory.file("webhook-secret"), backend: loop.backendInUse.rawValue)
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
  func exchange(epoch: UInt16) -> ExchangeConfiguration {
    var exchange = ExchangeConfiguration(seed: seed, epoch: epoch)
    let milliseconds = latencyMilliseconds * 1_000_000
    exchange.referencePrices = PaperPrices.reference
    exchange.latency = ExchangeLatency(transit: milliseconds / 2, match: milliseconds - milliseconds / 2)
    if let units = Quantity(fillUnits), units > .zero { exchange.liquidity = .perStep(units) }
    return exchange
  }
}
