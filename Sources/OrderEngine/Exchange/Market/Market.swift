import OrderDomain

/// One instrument's market: its walk, what its present step has already given away, and who waits.
///
/// Exists only from the first order or price set on it; until then a quote is computed from the seed.
struct Market: Sendable {
  /// As today's master describes it; replaced when a newer description of the same key arrives.
  private(set) var instrument: Instrument
  private(set) var walk: PriceWalk
  private(set) var close: Price
  private(set) var band: ClosedRange<Price>?
  /// The lowest and the highest price inside the band and on the tick, in ten-thousandths of a rupee.
  private(set) var floor: Int64 = 0
  private(set) var ceiling: Int64 = 0
  /// Keyed by the negated limit: the highest bid is reached first. Market orders waiting for liquidity lead.
  var buys = RestingHeap()
  var sells = RestingHeap()
  var stopBuys = RestingHeap()
  /// Keyed by the negated trigger.
  var stopSells = RestingHeap()
  /// Entries whose order has been cancelled or changed; the heaps are swept when these are the greater part.
  var staleCount = 0
  private var step = Int64.min
  private var boughtInStep: Int64 = 0
  private var soldInStep: Int64 = 0
  var tickAt: Timestamp?

  init(instrument: Instrument, configuration: ExchangeConfiguration) {
    let key = instrument.key
    let reference = configuration.referencePrices[key] ?? PriceWalk.derivedReference(of: instrument)
    self.instrument = instrument
    close = instrument.tickSize.round(reference, .nearest) ?? reference
    walk = PriceWalk(
      seed: configuration.seed, key: key, reference: close, tick: instrument.tickSize,
      amplitude: configuration.amplitude)
    updateBounds(defaultBand: configuration.defaultBand)
  }

  mutating func describe(_ instrument: Instrument, defaultBand: Int64?) {
    self.instrument = instrument
    updateBounds(defaultBand: defaultBand)
  }

  mutating func set(_ price: Price, at step: Int64) { walk.set(price, at: step) }

  mutating func roll(close: Price, defaultBand: Int64?) {
    self.close = close
    updateBounds(defaultBand: defaultBand)
  }

  private mutating func updateBounds(defaultBand: Int64?) {
    let tick = instrument.tickSize
    band = instrument.priceBand ?? defaultBand.flatMap { Market.band(around: close, hundredthsOfPercent: $0) }
    let step = tick.price.tenThousandths
    let low = band.flatMap { tick.round($0.lowerBound, .up) }?.tenThousandths ?? step
    let high = (tick.round(band?.upperBound ?? .limit, .down) ?? .limit).tenThousandths
    floor = max(low, step)
    ceiling = max(high, floor)
  }

  private static func band(around close: Price, hundredthsOfPercent share: Int64) -> ClosedRange<Price>? {
    guard let distance = close.fraction(hundredthsOfPercent: share) else { return nil }
    return (close.lowered(by: distance) ?? .zero)...(close.raised(by: distance) ?? .limit)
  }

  /// Last price, bid and ask at a step, in ten-thousandths of a rupee: on the tick and inside the band.
  func levels(at step: Int64, halfSpread: Int64) -> (last: Int64, bid: Int64, ask: Int64) {
    let tick = instrument.tickSize.price.tenThousandths
    let last = within(walk.price(at: step, tick: tick))
    return (last, within(last - halfSpread * tick), within(last + halfSpread * tick))
  }

  func within(_ price: Int64) -> Int64 { min(max(price, floor), ceiling) }

  var restingCount: Int {
    buys.entries.count + sells.entries.count + stopBuys.entries.count + stopSells.entries.count
  }

  /// Units that this step still offers to `side`; `limit` is what a whole step offers.
  mutating func offered(to side: Side, at step: Int64, limit: Int64) -> Int64 {
    if self.step != step {
      self.step = step
      boughtInStep = 0
      soldInStep = 0
    }
    return max(limit - (side == .buy ? boughtInStep : soldInStep), 0)
  }

  func left(of limit: Int64, at step: Int64) -> Int64 {
    self.step == step ? max(limit - max(boughtInStep, soldInStep), 0) : limit
  }

  mutating func take(_ units: Int64, by side: Side) {
    switch side {
    case .buy: boughtInStep += units
    case .sell: soldInStep += units
    }
  }
}
