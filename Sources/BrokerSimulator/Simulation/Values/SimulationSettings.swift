package import OrderDomain
package import SimulatedExchange

/// How the simulated brokers behave. What is `var` here may be changed while they run, but for what says otherwise.
package struct SimulationSettings: Sendable {
  /// A broker's treatment of an order that would become a market order at its trigger.
  package enum StopMarketPolicy: String, Sendable, CaseIterable {
    case accept
    case refuse
    /// It is taken as a market order at once, which was seen live.
    case dropTrigger = "drop_trigger"
  }

  /// Of prices, jitter, tokens. Fixed at the start.
  package var seed: UInt64 = 1
  /// Clients of each broker, 1 to 99. Fixed at the start.
  package var accountCount = 1
  /// What each starts with. Fixed at the start.
  package var funds = Money(rupees: 100_000_000)
  /// Told apart in order ids. Fixed at the start.
  package var epoch: UInt16 = 0

  package var enforcesRates = true
  package var enforcesTokens = true
  /// Whether orders are refused that come from an address which the client has not registered.
  package var enforcesAddresses = false
  package var keepsMarketHours = false
  package var latency = ExchangeLatency(transit: 20_000_000, match: 5_000_000)
  package var liquidity = LiquidityModel.plenty
  /// How far prices move by themselves, in ticks; 0 holds them. Fixed at the start.
  package var amplitude: Int64 = 1

  /// The band of what the master publishes none for, around the last close, in hundredths of a percent; `nil` for no band.
  /// Fixed at the start.
  package var bandHundredthsOfPercent: Int64?

  /// Whether a market order becomes a protected limit order on its way, as since 21 March 2026.
  package var dhanShowsMarketAsLimit = true
  package var fyersShowsMarketAsLimit = false
  /// Whether an order without the funds is refused in the answer (-99 under 200) instead of afterwards.
  package var fyersRefusesRiskAtOnce = false
  /// Whether Fyers renews tokens by refresh tokens, as before April 2026.
  package var fyersRenewsTokens = false
  package var protectionHundredthsOfPercent: Int64 = 100
  package var stopMarket = StopMarketPolicy.accept
  /// Whether Dhan's order alerts have the older spelling of their names.
  package var dhanFeedPascalCase = false
  /// Each so-manieth message of an order socket comes twice; 0 for none.
  package var feedDuplicateEvery = 0
  /// Each so-manieth comes only after the next; 0 for none.
  package var feedHoldEvery = 0
  /// Seconds between two mints of a token at Dhan.
  package var tokenCooldownSeconds: Int64 = 120
  /// Seconds that a Dhan token lives.
  package var tokenLifeSeconds: Int64 = 86_400

  /// Closed orders that stay in the books, and received ones in the log. Fixed at the start.
  package var closedOrdersKept = 65_536
  package var receivedOrdersKept = 1_000_000

  package init() {}

  func exchange(_ symbols: SymbolCatalogue) -> ExchangeConfiguration {
    var exchange = ExchangeConfiguration(seed: seed, epoch: epoch)
    exchange.rules = .likeBrokers
    exchange.amplitude = amplitude
    exchange.closedOrdersKept = closedOrdersKept
    exchange.tradesKept = closedOrdersKept * 2
    exchange.defaultBand = bandHundredthsOfPercent
    exchange.referencePrices = symbols.references
    apply(to: &exchange)
    apply(to: &exchange)
    return exchange
  }

  /// What may change while the market runs.
  func apply(to exchange: inout ExchangeConfiguration) {
    exchange.latency = latency
    exchange.liquidity = liquidity
    exchange.hours = keepsMarketHours ? .sessions(SimulationSettings.sessions) : .aroundTheClock
  }

  /// Equity and its derivatives 9:15 to 15:30, currency 9:00 to 17:00, commodities 9:00 to 23:30; weekdays alone.
  static let sessions: SessionTable = {
    let stocks = TradingSession(from: 9, 15, until: 15, 30)
    let currency = TradingSession(from: 9, 0, until: 17, 0)
    let commodity = TradingSession(from: 9, 0, until: 23, 30)
    return SessionTable(sessions: [
      .nseEquity: stocks, .nseDerivatives: stocks, .bseEquity: stocks, .bseDerivatives: stocks,
      .nseCurrency: currency, .bseCurrency: currency, .mcxCommodity: commodity, .nseCommodity: commodity,
    ])
  }()
}
