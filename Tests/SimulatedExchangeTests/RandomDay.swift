import OrderDomain

@testable import SimulatedExchange

/// A trading day of random orders, changes, cancels, jumps and waiting, all from one seed; the exchange's settings too.
struct RandomDay {
  static let funds = Money(rupees: 3_000_000)
  private static let instruments = [
    TradingFloor.share, TradingFloor.bandedShare, TradingFloor.call, TradingFloor.future,
  ]

  let accounts = ["one", "two", "three"].map { must(AccountID($0)) }
  private(set) var exchange: SimulatedExchange
  /// Acts done.
  private(set) var count = 0
  /// Asks for quotes and advances in between; must make no difference.
  var looksOften = false
  private var time = TradingFloor.start
  private var generator: SeededGenerator
  private var ids: [(id: BrokerOrderID, account: AccountID)] = []
  private var events: [ExchangeEvent] = []

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var configuration = ExchangeConfiguration(seed: seed)
    for (instrument, rupees) in TradingFloor.prices {
      configuration.referencePrices[instrument.key] = Price(rupees: rupees)
    }
    configuration.amplitude = Int64.random(in: 0...3, using: &generator)
    configuration.halfSpreadTicks = Int64.random(in: 0...2, using: &generator)
    configuration.slippageTicks = Int64.random(in: 0...2, using: &generator)
    if Bool.random(using: &generator) { configuration.liquidity = .perStep(must(Quantity(140))) }
    if Bool.random(using: &generator) {
      configuration.latency = ExchangeLatency(
        transit: 30_000_000, match: 10_000_000, modify: 20_000_000, cancel: 40_000_000, jitter: 15_000_000)
    }
    if Bool.random(using: &generator) { configuration.rules = .likeBrokers }
    if Bool.random(using: &generator) {
      configuration.charges = ChargeTable(perOrder: Money(rupees: 20), millionthsOfValue: 531)
    }
    exchange = SimulatedExchange(configuration: configuration, day: TradingFloor.day, at: TradingFloor.start)
    for account in accounts { exchange.openAccount(account, funds: RandomDay.funds) }
    self.generator = generator
  }

  mutating func act() {
    count += 1
    switch Int.random(in: 0..<20, using: &generator) {
    case 0..<10: submit()
    case 10..<13: change()
    case 13..<15: cancel()
    case 15: jump()
    default: pass(Int64.random(in: 0...3_000, using: &generator))
    }
    events += exchange.advance(to: time)
  }

  /// The events since the last call, each with its order.
  mutating func drainWithOrders() -> [(event: ExchangeEvent, order: ExchangeOrder)] {
    let exchange = exchange
    return drain().map { ($0, must(exchange.order($0.orderID, account: $0.account))) }
  }

  mutating func drain() -> [ExchangeEvent] {
    defer { events.removeAll() }
    return events
  }

  mutating func roll() {
    exchange.rollDay(to: TradingFloor.day.adding(days: 1), at: time)
    events += exchange.advance(to: time)
  }

  /// Cancels everything, once it is where it can be cancelled.
  mutating func cancelAll() {
    pass(1_000)
    for (id, account) in ids { _ = exchange.cancel(id, account: account, at: time) }
    pass(1_000)
    events += exchange.advance(to: time)
  }

  private mutating func submit() {
    let instrument = pick(RandomDay.instruments)
    let account = pick(accounts)
    let isShare = instrument.contract == .equity
    let lots = Int64.random(in: 0...6, using: &generator)
    let order = NewOrder(
      instrument: instrument, side: pick([.buy, .sell]), type: type(instrument),
      quantity: must(Quantity(isShare ? lots * 37 : lots * 65)),
      product: isShare ? pick([.intraday, .delivery]) : pick([.intraday, .margin]),
      validity: pick([.day, .day, .day, .immediateOrCancel]), tag: pick(["a", "b", nil]))
    switch exchange.submit(order, account: account, at: time) {
    case .acknowledged(let id): ids.append((id, account))
    case .refused: break
    }
  }

  private mutating func change() {
    guard let (id, account) = pickOrder(),
      let order = exchange.order(id, account: account)
    else { return }
    var amendment = OrderAmendment()
    if Bool.random(using: &generator) { amendment.type = type(order.instrument) }
    if Bool.random(using: &generator) {
      let lot = order.instrument.lotSize.units
      amendment.quantity = Quantity(lot * Int64.random(in: 0...8, using: &generator))
    }
    _ = exchange.modify(id, amendment, account: account, at: time)
  }

  private mutating func cancel() {
    guard let (id, account) = pickOrder() else { return }
    _ = exchange.cancel(id, account: account, at: time)
  }

  private mutating func jump() {
    let instrument = pick(RandomDay.instruments)
    exchange.setPrice(price(near: instrument), of: instrument, at: time)
  }

  private mutating func pass(_ milliseconds: Int64) {
    let target = time.adding(nanoseconds: milliseconds * 1_000_000)
    if looksOften {
      for part in Int64(1)...7 {
        let moment = time.adding(nanoseconds: milliseconds * 1_000_000 / 8 * part)
        events += exchange.advance(to: moment)
        _ = exchange.quote(TradingFloor.share, at: moment)
        _ = exchange.positions(of: accounts[0])
      }
    }
    time = target
  }

  private mutating func type(_ instrument: Instrument) -> OrderType {
    let (price, other) = (price(near: instrument), price(near: instrument))
    return pick([
      .market, .limit(price), .limit(other), .stopMarket(trigger: price), .stopLimit(trigger: price, limit: other),
    ])
  }

  /// Mostly on the tick and inside the band, now and then not.
  private mutating func price(near instrument: Instrument) -> Price {
    let last = exchange.quote(instrument, at: time).lastPrice.tenThousandths
    let step: Int64 = Int.random(in: 0..<20, using: &generator) == 0 ? 123 : 500
    let moved = last + Int64.random(in: -40...40, using: &generator) * step
    return Price(tenThousandths: max(moved, 0)) ?? .limit
  }

  private mutating func pickOrder() -> (BrokerOrderID, AccountID)? {
    guard !ids.isEmpty else { return nil }
    // Mostly a young one, which may be live.
    let oldest = max(0, ids.count - 12)
    let index = Int.random(in: (Bool.random(using: &generator) ? oldest : 0)..<ids.count, using: &generator)
    return ids[index]
  }

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &generator)]
  }
}
