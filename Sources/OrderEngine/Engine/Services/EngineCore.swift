package import Actors
package import OrderDomain
internal import SimulatedExchange

/// The engine without its door and its files: everything that alerts and orders go through, wired to each other on one
/// executor, and put back in place from what the journal says of the past.
package struct EngineCore: Sendable {
  package let engine: OrderEngine
  package let journal: Journal
  package let market: PaperMarket
  private let accounts: [AccountHouse]
  private let paperFunds: Money
  private let past: JournalFold
  private let wallClock: any WallClock

  /// What the engine was built from.
  package var parts: EngineParts { engine.parts }

  /// Where the journal goes on, and what it holds.
  package struct Past: Sendable {
    package let fold: JournalFold
    package let state: JournalState

    package init(fold: JournalFold, state: JournalState) {
      self.fold = fold
      self.state = state
    }
  }

  /// - Parameters:
  ///   - log: where the journal is written on, behind what `past` was read from.
  ///   - segmentClosed: told when the journal has gone on to its next segment.
  ///   - makeAccounts: one for each of the configuration's, in their order.
  package static func build(
    on ground: EngineGround, configuration: EngineConfiguration, past: Past, log: any AppendLog,
    segmentClosed: @escaping @Sendable (UInt64) -> Void = { _ in }, webhookSecret: Secret,
    makeAccounts: (AccountMaker) async throws -> [AccountHouse]
  ) async throws -> EngineCore {
    let (executor, clock, wallClock) = (ground.executor, ground.clock, ground.wallClock)
    let fold = past.fold
    let journal = Journal(
      executor: executor, log: log, digest: SHA256Chain(), state: past.state, wallClock: { wallClock.now() },
      sleep: { try await clock.wait(for: $0) }, alarm: ground.alarm, segmentClosed: segmentClosed)
    let market = PaperMarket(
      executor: executor, wallClock: wallClock,
      configuration: configuration.paper.exchange(
        epoch: UInt16(fold.startCount % 1000), lastPrices: fold.lastPrices),
      clock: clock, timer: ground.timer)
    let stages = StageTimes(executor: executor, clock: clock)
    let relay = EngineRelay()
    let accounts = try await makeAccounts(
      AccountMaker(
        ground: ground, market: market, stages: stages, past: AccountMaker.Past(fold, at: wallClock.now()),
        sink: { relay.changed($0) }, cancelSent: { relay.cancelSent($0) }))
    let engine = OrderEngine(
      parts: EngineParts(
        executor: executor, wallClock: wallClock, sleep: { try await clock.wait(for: $0) }, journal: journal,
        ledger: AlertLedger(executor: executor), positions: PositionBook(executor: executor),
        stages: stages, accounts: accounts.map(\.account),
        live: LiveSettings(configuration, webhookSecret: webhookSecret), alarm: ground.alarm,
        orderAlarm: ground.orderAlarm))
    relay.engine = engine
    return EngineCore(
      engine: engine, journal: journal, market: market, accounts: accounts, paperFunds: configuration.paper.funds,
      past: fold, wallClock: wallClock)
  }

  /// Puts the past in place. The journal must be running: the start itself is a fact.
  package func restore() async throws {
    let now = wallClock.now()
    try await journal.commit(.engineStarted(EngineStart(version: OrderEngineVersion.current)))
    await engine.restore(past, at: now)
    for account in parts.accounts where account.standing.broker == .paper {
      await market.resume(
        account.id, funds: paperFunds, positions: await parts.positions.all(),
        orders: await account.router.liveOrders())
    }
  }

  /// Asks the brokers about what the past leaves open, then takes alerts. `false` when its task is cancelled first.
  package func settle() async -> Bool {
    guard await engine.reconcile(past) else { return false }
    await engine.beReady()
    for chore in accounts.flatMap(\.chores) { await engine.start { _ in await chore() } }
    return true
  }

  /// Lets go of what waits and finishes what is under way, once nothing new can come in. The journal is the caller's, and
  /// last.
  package func close(grace: Duration) async {
    for account in accounts { await account.endAdmission() }
    await engine.stop(grace: grace)
    for account in accounts { await account.close() }
    await market.stop()
  }
}

/// Carries a router's news to the engine, which is built after it. Both live on the engine's thread.
private final class EngineRelay: @unchecked Sendable {
  weak var engine: OrderEngine?

  func changed(_ change: OrderChange) { engine?.here(change) { $0.orderChanged($1) } }
  func cancelSent(_ cancel: SentCancel) { engine?.here(cancel) { $0.cancelSent($1) } }
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
