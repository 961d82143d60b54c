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
  private let accounts: [AccountHouse]
  private let door: Door
  private let configuration: EngineConfiguration
  private let past: JournalFold
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
    configuration: EngineConfiguration, directory: DataDirectory, recovered: JournalStore.Recovered, loop: EventLoop,
    logger: Logger
  ) async throws -> EngineHouse {
    let wallClock = SystemWallClock()
    let clock = loop.clock
    let past = recovered.fold
    let alarm: @Sendable (Refusal) -> Void = { refusal in
      logger.error("\(refusal.code)", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
    }
    let journal = Journal(
      executor: loop,
      log: SegmentLog(
        loop: loop, directory: directory, segment: recovered.position.place.segment, file: recovered.file),
      digest: SHA256Chain(),
      state: JournalState(
        at: recovered.position, segmentByteCount: recovered.segmentByteCount, settings: configuration.journal),
      wallClock: { wallClock.now() }, sleep: { try await clock.sleep(for: $0) }, alarm: alarm)

    let market = PaperMarket(
      executor: loop, wallClock: wallClock,
      configuration: configuration.paper.exchange(
        epoch: UInt16(past.startCount % 1000), lastPrices: past.lastPrices),
      timer: { delay, body in
        loop.execute { _ = loop.schedule(after: delay, body) }
      })
    let relay = EngineRelay()
    let builder = AccountBuilder(
      loop: loop, wallClock: wallClock, configuration: configuration, directory: directory,
      symbols: SymbolMaster(executor: loop), market: market,
      sentToday: past.sentCounts(on: wallClock.now().indianDate), logger: logger, sink: { relay.changed($0) })
    var accounts: [AccountHouse] = []
    for settings in configuration.accounts { accounts.append(try await builder.build(settings)) }

    let webhookSecret = try key(configuration.webhookSecret, "WEBHOOK_SECRET", "webhook-secret", in: directory)
    let operatorToken = try key(configuration.operatorToken, "OPERATOR_TOKEN", "operator-token", in: directory)
    let engine = OrderEngine(
      parts: EngineParts(
        executor: loop, wallClock: wallClock, sleep: { try await clock.sleep(for: $0) }, journal: journal,
        ledger: AlertLedger(executor: loop), positions: PositionBook(executor: loop),
        accounts: accounts.map(\.account),
        planner: Planner(
          settings: PlannerSettings(
            defaultAccount: configuration.accounts[0].id, validityMilliseconds: configuration.alertValidityMilliseconds)
        ),
        riskGate: RiskGate(limits: configuration.riskLimits),
        webhookSecrets: [webhookSecret.secret],
        settings: EngineSettings(
          keyedWindowSeconds: configuration.keyedWindowSeconds,
          unkeyedWindowSeconds: configuration.unkeyedWindowSeconds,
          webhookRateLimit: configuration.webhookRateLimit),
        alarm: alarm))
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
      loop: loop, engine: engine, journal: journal, market: market, accounts: accounts, door: door,
      configuration: configuration, past: past, webhookSecret: webhookSecret.key,
      operatorToken: operatorToken.key)
  }

  /// A configured secret, else the one that the data directory keeps under `file`.
  private static func key(
    _ configured: Secret?, _ setting: String, _ file: String, in directory: DataDirectory
  ) throws(Refusal) -> (secret: Secret, key: EngineService.Key) {
    if let configured { return (configured, .configured(setting)) }
    let kept = try directory.secret(file)
    return (Secret(kept.text), kept.isNew ? .made(kept.text) : .kept(path: directory.file(file)))
  }

  /// Puts the past in place and opens the door. Alerts are answered 503 until ``settle()`` has ended.
  func open() async throws -> EngineService.ServingAddress {
    let address = try SocketAddress(host: configuration.host, port: configuration.port)
    let now = SystemWallClock().now()
    try await journal.commit(.engineStarted(EngineStart(version: OrderEngineVersion.current)))
    await engine.restore(past, at: now)
    for account in engine.parts.accounts where account.standing.broker == .paper {
      await market.resume(
        account.id, funds: configuration.paper.funds, positions: await engine.parts.positions.all(),
        orders: await account.router.liveOrders())
    }
    let door = door
    let bound: Result<SocketAddress, RingError> = await loop.run {
      do throws(RingError) { return .success(try door.server.listen(on: address)) } catch { return .failure(error) }
    }
    return EngineService.ServingAddress(
      base: "http://\(try bound.get())", accounts: configuration.accounts, webhookSecret: webhookSecret,
      operatorToken: operatorToken,
      backend: loop.backendInUse.rawValue)
  }

  /// Asks the brokers about what the past leaves open, then takes alerts. `false` when its task is cancelled first.
  func settle() async -> Bool {
    guard await engine.reconcile(past) else { return false }
    await engine.beReady()
    for chore in accounts.flatMap(\.chores) { await engine.start { _ in await chore() } }
    return true
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
    for account in accounts { await account.endAdmission() }
    await engine.stop(grace: grace)
    for account in accounts { await account.close() }
    await market.stop()
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
