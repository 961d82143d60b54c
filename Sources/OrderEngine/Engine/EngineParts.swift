package import Actors
package import OrderDomain

/// What the engine is built from; all of it lives on one executor.
package struct EngineParts: Sendable {
  package var executor: any SerialExecutor & TaskExecutor
  package var wallClock: any WallClock
  package var sleep: @Sendable (Duration) async throws -> Void
  package var journal: Journal
  package var ledger: AlertLedger
  package var positions: PositionBook
  package var stages: StageTimes
  package var accounts: [EngineAccount]
  /// What holds at first.
  package var live: LiveSettings
  package var alarm: @Sendable (Refusal) -> Void
  /// The same of one order, which whoever listens to the engine's news is told of anyway.
  package var orderAlarm: @Sendable (Refusal) -> Void

  package init(
    executor: any SerialExecutor & TaskExecutor, wallClock: any WallClock,
    sleep: @escaping @Sendable (Duration) async throws -> Void, journal: Journal, ledger: AlertLedger,
    positions: PositionBook, stages: StageTimes, accounts: [EngineAccount], live: LiveSettings,
    alarm: @escaping @Sendable (Refusal) -> Void, orderAlarm: (@Sendable (Refusal) -> Void)? = nil
  ) {
    self.executor = executor
    self.wallClock = wallClock
    self.sleep = sleep
    self.journal = journal
    self.ledger = ledger
    self.positions = positions
    self.stages = stages
    self.accounts = accounts
    self.live = live
    self.alarm = alarm
    self.orderAlarm = orderAlarm ?? alarm
  }
}

/// One account: where its symbols come from, and who sends its orders.
package final class EngineAccount: Sendable {
  package let id: AccountID
  package let standing: AccountStanding
  package let router: OrderRouter
  /// One consistent table at a time; `nil` while none is loaded.
  package let symbols: @Sendable () -> (any InstrumentResolver & Sendable)?
  /// `nil` for an instrument whose price has not been asked for lately.
  package let lastPrice: @Sendable (Instrument) -> Price?
  /// Asks the broker, so that ``lastPrice`` knows them; returns when it has answered, or cannot. `nil` where prices are
  /// always known.
  package let fetchPrices: (@Sendable ([Instrument]) async -> Void)?
  package let controls: AccountControls?
  package let tokens: AccountTokens?
  /// `nil` where there is no broker to ask.
  package let probe: AccountProbe?

  package init(
    id: AccountID, standing: AccountStanding, router: OrderRouter,
    symbols: @escaping @Sendable () -> (any InstrumentResolver & Sendable)?,
    lastPrice: @escaping @Sendable (Instrument) -> Price?,
    fetchPrices: (@Sendable ([Instrument]) async -> Void)? = nil, controls: AccountControls? = nil,
    tokens: AccountTokens? = nil, probe: AccountProbe? = nil
  ) {
    self.id = id
    self.standing = standing
    self.router = router
    self.symbols = symbols
    self.lastPrice = lastPrice
    self.fetchPrices = fetchPrices
    self.controls = controls
    self.tokens = tokens
    self.probe = probe
  }

  /// Why the broker tells no price, where that is for want of a token. On the engine's executor.
  var tokenNeeded: Refusal? {
    guard fetchPrices != nil, let status = tokens?.manager.here({ $0.snapshot() }), !status.valid else { return nil }
    return EngineRefusals.tokenNeeded(id, status.lastError)
  }
}

package struct EngineSettings: Sendable {
  package var keyedWindowSeconds: Int64
  package var unkeyedWindowSeconds: Int64
  package var webhookRateLimit: EngineConfiguration.WebhookRateLimit?
  package var door = WebhookDoorSettings()

  package init(
    keyedWindowSeconds: Int64, unkeyedWindowSeconds: Int64,
    webhookRateLimit: EngineConfiguration.WebhookRateLimit?
  ) {
    self.keyedWindowSeconds = keyedWindowSeconds
    self.unkeyedWindowSeconds = unkeyedWindowSeconds
    self.webhookRateLimit = webhookRateLimit
  }
}
