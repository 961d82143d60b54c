import OrderDomain

@testable import SimulatedExchange

/// An exchange with one account, a share at ₹100.00 and a few contracts: the floor on which the tests trade.
struct TradingFloor {
  static let account = must(AccountID("main"))
  static let day = must(CalendarDate(year: 2026, month: 9, day: 8))
  /// 2026-09-08, a Tuesday, 10:00 in India.
  static let start = must(Timestamp(seconds: Int64(day.daysSinceEpoch) * 86_400 + 36_000 - 19_800))

  var exchange: SimulatedExchange
  var time = TradingFloor.start

  init(funds: Int64 = 10_000_000, _ change: (inout ExchangeConfiguration) -> Void = { _ in }) {
    var configuration = ExchangeConfiguration(seed: 1)
    configuration.amplitude = 0
    configuration.halfSpreadTicks = 1
    for (instrument, rupees) in TradingFloor.prices {
      configuration.referencePrices[instrument.key] = Price(rupees: rupees)
    }
    change(&configuration)
    exchange = SimulatedExchange(configuration: configuration, day: TradingFloor.day, at: TradingFloor.start)
    exchange.openAccount(TradingFloor.account, funds: Money(rupees: funds))
  }

  // MARK: - Instruments

  static let share = instrument(1, .nseEquity, .equity, "TATA", lot: 1)
  static let bandedShare = instrument(2, .nseEquity, .equity, "BAND", lot: 1, band: rupees("90")...rupees("110"))
  static let call = instrument(
    3, .nseDerivatives, .option(expiry: day.adding(days: 1), strike: rupees("25000"), type: .call), "NIFTY", lot: 65,
    freeze: 1_755)
  static let future = instrument(4, .nseDerivatives, .future(expiry: day), "NIFTY", lot: 65, freeze: 1_755)
  static let expired = instrument(5, .nseDerivatives, .future(expiry: day.adding(days: -1)), "NIFTY", lot: 65)
  static let index = instrument(6, .nseIndex, .index, "NIFTY", lot: 1)
  static let prices: [(Instrument, Int64)] = [
    (share, 100), (bandedShare, 100), (call, 100), (future, 1_000), (expired, 1_000), (index, 25_000),
  ]

  static func instrument(
    _ id: UInt64, _ segment: ExchangeSegment, _ contract: Contract, _ name: String, lot: Int64, freeze: Int64? = nil,
    band: ClosedRange<Price>? = nil
  ) -> Instrument {
    let lot = must(LotSize(lot))
    return Instrument(
      key: InstrumentKey(segment: segment, securityID: SecurityID(id)), contract: contract, underlying: name,
      tradingSymbol: name, brokerSymbol: name, lotSize: lot, tickSize: must(TickSize(rupees("0.05"))),
      freezeQuantity: freeze.flatMap { FreezeQuantity(largestPublished: must(Quantity($0)), lot: lot) }, priceBand: band
    )
  }

  // MARK: - Orders

  static func order(
    _ side: Side, _ units: Int64, _ type: OrderType = .market, of instrument: Instrument = TradingFloor.share,
    product: ProductType = .intraday, validity: Validity = .day, tag: String? = nil, isAfterMarket: Bool = false
  ) -> NewOrder {
    NewOrder(
      instrument: instrument, side: side, type: type, quantity: must(Quantity(units)), product: product,
      validity: validity,
      tag: tag, isAfterMarket: isAfterMarket)
  }

  mutating func submit(_ order: NewOrder) -> Submission {
    exchange.submit(order, account: TradingFloor.account, at: time)
  }

  /// The id of an order that must be acknowledged.
  mutating func place(_ order: NewOrder) throws -> BrokerOrderID {
    switch submit(order) {
    case .acknowledged(let id): return id
    case .refused(let rejection): throw rejection
    }
  }

  mutating func modify(_ id: BrokerOrderID, _ amendment: OrderAmendment) -> RequestAnswer {
    exchange.modify(id, amendment, account: TradingFloor.account, at: time)
  }

  mutating func cancel(_ id: BrokerOrderID) -> RequestAnswer {
    exchange.cancel(id, account: TradingFloor.account, at: time)
  }

  mutating func set(_ price: String, of instrument: Instrument = TradingFloor.share) {
    exchange.setPrice(rupees(price), of: instrument, at: time)
  }

  /// Lets time pass, and returns what happened.
  mutating func wait(milliseconds: Int64 = 0) -> [ExchangeEvent] {
    time = time.adding(nanoseconds: milliseconds * 1_000_000)
    return exchange.advance(to: time)
  }

  // MARK: - Reads

  func order(_ id: BrokerOrderID) -> ExchangeOrder? { exchange.order(id, account: TradingFloor.account) }
  func state(_ id: BrokerOrderID) -> ExchangeOrderState? { order(id)?.state }
  var funds: ExchangeFunds { must(exchange.funds(of: TradingFloor.account)) }
  var positions: [ExchangePosition] { must(exchange.positions(of: TradingFloor.account)) }
  var holdings: [ExchangeHolding] { must(exchange.holdings(of: TradingFloor.account)) }
  var tradeBook: [ExchangeTrade] { must(exchange.tradeBook(of: TradingFloor.account)) }
  var orderBook: [ExchangeOrder] { must(exchange.orderBook(of: TradingFloor.account)) }
}

/// A value that the test knows to exist.
func must<Value>(_ value: Value?) -> Value {
  guard let value else { preconditionFailure("the test's own figure is out of range") }
  return value
}

/// A price, as written.
func rupees(_ text: String) -> Price { must(Decimal(text).flatMap { Price($0) }) }

func units(_ count: Int64) -> Quantity { must(Quantity(count)) }

extension ExchangeEvent {
  /// What happened, in a word and with the price of a fill: `filled 5 @ 100.05`.
  var line: String {
    switch kind {
    case .accepted: "accepted"
    case .triggered: "triggered"
    case .modified(let type, let quantity): "modified to \(type.code) \(quantity)"
    case .partiallyFilled(let fill): "part \(fill.quantity) @ \(fill.price)"
    case .filled(let fill): "filled \(fill.quantity) @ \(fill.price)"
    case .rejected(let rejection): "rejected \(rejection.code)"
    case .cancelled(let cause): "cancelled by \(cause)"
    case .expired: "expired"
    }
  }
}
