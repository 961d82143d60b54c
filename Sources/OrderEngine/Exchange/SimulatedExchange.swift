package import OrderDomain

/// A market and the broker in front of it, as one pure, seeded machine: orders go in with the time, events come out.
///
/// It reads no clock and draws nothing but what its seed gives, so equal calls give equal events. Orders meet the walk of
/// their instrument and its liquidity, never each other. Time given never runs backwards: an earlier one counts as the
/// latest seen. Being a value, it is its own snapshot. It is not thread-safe, and its user drains the events by
/// ``advance(to:into:)``: they are kept until then.
///
///     submit → transit → pending → (triggered) → partially filled → filled
///                  └→ rejected        └→ cancelled, expired
package struct SimulatedExchange: Sendable {
  package internal(set) var configuration: ExchangeConfiguration
  /// The day whose order book is open; moved on by ``rollDay(to:at:)`` alone.
  package internal(set) var tradingDay: CalendarDate { didSet { numbering.day = tradingDay } }
  /// The latest time seen.
  package internal(set) var now: Timestamp

  var markets: [Market] = []
  var marketIndex: [InstrumentKey: Int32] = [:]
  var accounts: [AccountBook] = []
  var accountIndex: [AccountID: Int32] = [:]
  var orders: OrderStore
  var trades: TradeStore
  var steps = StepHeap()
  var numbering: OrderNumbering
  /// Of orders on their way, by number; empty but under test.
  var fates: [UInt64: OrderFate] = [:]
  var orderCount: UInt64 = 0
  var priorityCount: UInt64 = 0
  var eventCount: UInt64 = 0
  var outbox: [ExchangeEvent] = []
  private var generator: SeededGenerator
  /// Where the present call is heading; ticks further behind than ``longestCatchUp`` are skipped.
  private var horizon: Timestamp

  /// After a longer sleep, only the last day's price steps are played for the orders that wait.
  static let longestCatchUp: Int64 = 86_400_000_000_000

  package init(configuration: ExchangeConfiguration, day: CalendarDate, at time: Timestamp) {
    precondition(configuration.stepNanoseconds >= 1_000_000, "a price stands for at least a millisecond")
    precondition((0...1_000).contains(configuration.amplitude), "an amplitude is 0 to 1,000 ticks")
    precondition(
      (0...1_000).contains(configuration.halfSpreadTicks) && (0...1_000).contains(configuration.slippageTicks),
      "spread and slippage are 0 to 1,000 ticks")
    self.configuration = configuration
    tradingDay = day
    now = time
    horizon = time
    orders = OrderStore(closedLimit: configuration.closedOrdersKept)
    trades = TradeStore(limit: configuration.tradesKept)
    numbering = OrderNumbering(epoch: configuration.epoch, day: day)
    generator = SeededGenerator(seed: configuration.seed)
  }

  // MARK: - Time

  /// When ``advance(to:)`` would next have something to say; `nil` when only a new call can cause anything.
  package var nextEventTime: Timestamp? { outbox.isEmpty ? steps.first?.time : now }

  /// ``nextEventTime``; `mutating` as ``standing(_:account:)`` is.
  package mutating func nextEvent() -> Timestamp? { outbox.isEmpty ? steps.first?.time : now }

  /// Performs all that is due by `time`, in order, and returns the events since the last call.
  package mutating func advance(to time: Timestamp) -> [ExchangeEvent] {
    var events: [ExchangeEvent] = []
    advance(to: time, into: &events)
    return events
  }

  /// The same, appending to a buffer that the caller reuses.
  package mutating func advance(to time: Timestamp, into events: inout [ExchangeEvent]) {
    run(to: time)
    events.append(contentsOf: outbox)
    outbox.removeAll(keepingCapacity: true)
  }

  mutating func run(to time: Timestamp) {
    horizon = max(time, now)
    while let step = steps.first, step.time <= time {
      steps.removeFirst()
      now = max(now, step.time)
      perform(step.action)
    }
    now = max(now, time)
  }

  private mutating func perform(_ action: StepHeap.Action) {
    switch action {
    case .arrive(let slot, let number):
      if orders.holds(number, in: slot) { arrive(slot) }
    case .match(let slot, let number):
      if orders.holds(number, in: slot), orders[slot].stage == .acknowledged { match(slot) }
    case .cancel(let slot, let number):
      if orders.holds(number, in: slot), orders[slot].stage != .closed { cancel(slot, .trader) }
    case .modify(let slot, let number, let amendment):
      if orders.holds(number, in: slot) { apply(amendment, to: slot) }
    case .tick(let market):
      tick(market)
    }
  }

  /// When something that takes `duration` is done; `nil` when it is done at once.
  mutating func completion(after duration: Int64) -> Timestamp? {
    guard duration > 0 else { return nil }
    let jitter = configuration.latency.jitter
    let extra = jitter > 0 ? Int64(generator.next(upperBound: UInt64(jitter) + 1)) : 0
    return now.adding(nanoseconds: duration + extra)
  }

  // MARK: - Prices

  func step(at time: Timestamp) -> Int64 {
    let (quotient, remainder) = time.nanoseconds.quotientAndRemainder(dividingBy: configuration.stepNanoseconds)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// The next moment after now at which a price may change, or the first within the longest catch-up.
  var nextStepTime: Timestamp {
    let earliest = horizon.adding(nanoseconds: -SimulatedExchange.longestCatchUp)
    return Timestamp(nanoseconds: (step(at: max(now, earliest)) + 1) * configuration.stepNanoseconds)
  }

  /// The market of an instrument, entered on first use, described as by the newest master.
  mutating func enterMarket(_ instrument: Instrument) -> Int32 {
    if let index = marketIndex[instrument.key] {
      if markets[Int(index)].instrument !== instrument {
        markets[Int(index)].describe(instrument, defaultBand: configuration.defaultBand)
      }
      return index
    }
    let index = Int32(markets.count)
    markets.append(Market(instrument: instrument, configuration: configuration))
    marketIndex[instrument.key] = index
    return index
  }

  func levels(_ market: Int32) -> (last: Int64, bid: Int64, ask: Int64) {
    markets[Int(market)].levels(at: step(at: now), halfSpread: configuration.halfSpreadTicks)
  }

  /// Moves the price there, onto the nearest tick inside the band, and fills what it reaches. The walk goes on from it.
  package mutating func setPrice(_ price: Price, of instrument: Instrument, at time: Timestamp) {
    run(to: time)
    let market = enterMarket(instrument)
    let rounded = instrument.tickSize.round(price, .nearest) ?? price
    let within = markets[Int(market)].within(rounded.tenThousandths)
    markets[Int(market)].set(SimulatedExchange.price(within), at: step(at: now))
    sweep(market)
    settleTick(market)
  }

  /// What the market shows at `time`, which may be any; asking changes nothing.
  package func quote(_ instrument: Instrument, at time: Timestamp) -> MarketQuote {
    let known = marketIndex[instrument.key].map { markets[Int($0)] }
    let market = known ?? Market(instrument: instrument, configuration: configuration)
    let step = step(at: time)
    let (last, bid, ask) = market.levels(at: step, halfSpread: configuration.halfSpreadTicks)
    let limit = configuration.liquidity.units(lot: instrument.lotSize)
    return MarketQuote(
      lastPrice: SimulatedExchange.price(last), bid: SimulatedExchange.price(bid), ask: SimulatedExchange.price(ask),
      close: market.close, band: market.band, offered: Quantity(market.left(of: limit, at: step)))
  }

  static func price(_ tenThousandths: Int64) -> Price {
    guard let price = Price(tenThousandths: tenThousandths) else {
      preconditionFailure("a market's price stays between a tick and the limit")
    }
    return price
  }

  // MARK: - Events

  mutating func emit(_ kind: ExchangeEvent.Kind, _ slot: Int32) {
    eventCount += 1
    let filled = orders[slot].filled
    outbox.append(
      ExchangeEvent(
        sequence: eventCount, time: now, account: accounts[Int(orders[slot].account)].id, orderID: orders[slot].id,
        tag: orders[slot].tag, kind: kind, cumulativeFilled: SimulatedExchange.quantity(filled)))
  }

  static func quantity(_ units: Int64) -> Quantity {
    guard let quantity = Quantity(units) else { preconditionFailure("an order's units stay within their limit") }
    return quantity
  }
}
