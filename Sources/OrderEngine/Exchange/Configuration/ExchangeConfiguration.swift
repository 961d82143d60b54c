package import OrderDomain

/// Everything that decides how a simulated market behaves. Two exchanges with equal configurations and equal calls
/// produce equal events, bit for bit.
package struct ExchangeConfiguration: Sendable {
  /// Of the prices and of the latency's jitter.
  package var seed: UInt64
  /// Told apart in order and trade ids, so that ids stay unique when an exchange starts anew on the same day; 0 to 999.
  package var epoch: UInt16
  package var latency = ExchangeLatency.none
  package var liquidity = LiquidityModel.plenty
  package var hours = MarketHours.aroundTheClock
  package var rules = RuleTimings()
  package var margins = MarginTable()
  package var charges = ChargeTable.none

  /// How long a price stands; at least 1 ms.
  package var stepNanoseconds: Int64 = 1_000_000_000
  /// How far the finest movement of a price reaches, in ticks; 0 holds all prices until they are set.
  package var amplitude: Int64 = 1
  /// From the last price to the bid and to the ask, in ticks.
  package var halfSpreadTicks: Int64 = 1
  /// How much worse than the quote a market order fills, in ticks.
  package var slippageTicks: Int64 = 0
  /// Where prices start; the others start at a price derived from their key.
  package var referencePrices: [InstrumentKey: Price] = [:]
  /// The band of an instrument whose master publishes none, around its close, in hundredths of a percent (20 % is
  /// 2000); `nil` for no band.
  package var defaultBand: Int64?

  /// Orders refused as IOC there.
  package var segmentsWithoutImmediateOrCancel: Set<ExchangeSegment> = []
  /// Dhan allows 25 modifications of one order.
  package var modificationLimit = 25
  /// Dhan takes modifications of an order in transit, and refuses to cancel one.
  package var modifiesInTransit = true
  package var cancelsInTransit = false
  /// Whether rolling the day closes intraday positions at the last price.
  package var squaresOffIntraday = true

  /// Closed orders that stay readable; the oldest closed are then forgotten. Live orders are never forgotten.
  package var closedOrdersKept = 16_384
  /// Trades that stay readable.
  package var tradesKept = 32_768

  package init(seed: UInt64, epoch: UInt16 = 0) {
    self.seed = seed
    self.epoch = epoch
  }
}
