import OrderDomain
import Testing

@testable import SimulatedExchange

/// Random days at the exchange, with what must hold whatever happens. A failure prints its seed.
@Suite struct PropertyTests {
  @Test("Orders, fills, positions and money agree with the events", arguments: UInt64(1)...24)
  func invariants(seed: UInt64) throws {
    var day = RandomDay(seed: seed)
    var ledger = EventLedger()
    for _ in 0..<400 {
      day.act()
      try ledger.take(day.drainWithOrders())
      if day.count % 50 == 0 { check(day, ledger) }
    }
    day.roll()
    try ledger.take(day.drainWithOrders())
    check(day, ledger)
    day.cancelAll()
    try ledger.take(day.drainWithOrders())
    for account in day.exchange.accounts { #expect(account.blockedByOrders == .zero) }
    #expect(day.exchange.liveOrderCount == 0)
  }

  @Test("The same seed and the same calls give the same events, bit for bit", arguments: UInt64(1)...8)
  func determinism(seed: UInt64) {
    var one = RandomDay(seed: seed)
    var two = RandomDay(seed: seed)
    for _ in 0..<300 {
      one.act()
      two.act()
      #expect(one.drain() == two.drain())
    }
  }

  @Test("Looking more often changes nothing", arguments: UInt64(1)...8)
  func piecemeal(seed: UInt64) {
    var one = RandomDay(seed: seed)
    var two = RandomDay(seed: seed)
    two.looksOften = true
    var (first, second): ([ExchangeEvent], [ExchangeEvent]) = ([], [])
    for _ in 0..<300 {
      one.act()
      two.act()
      first += one.drain()
      second += two.drain()
    }
    #expect(first == second)
  }

  @Test("A copy taken in the middle goes on exactly as its original")
  func snapshot() {
    var original = RandomDay(seed: 77)
    for _ in 0..<200 { original.act() }
    var copy = original
    for _ in 0..<200 { original.act() }
    let events = original.drain()
    for _ in 0..<200 { copy.act() }
    #expect(copy.drain() == events)
  }

  private func check(_ day: RandomDay, _ ledger: EventLedger) {
    let exchange = day.exchange
    for name in day.accounts {
      let orders = exchange.orderBook(of: name) ?? []
      for order in orders {
        #expect(order.filled == ledger.filled[order.id, default: .zero])
        #expect(order.filled <= order.quantity)
        #expect((order.state == .filled) == (order.filled == order.quantity))
        let trades = exchange.trades(of: order.id, account: name)
        #expect(trades.reduce(0) { $0 + $1.quantity.units } == order.filled.units)
        #expect(trades.reduce(Money.zero) { $0 + $1.value } == order.tradedValue)
      }
      checkBooks(exchange, name, orders, ledger)
    }
  }

  private func checkBooks(
    _ exchange: SimulatedExchange, _ name: AccountID, _ orders: [ExchangeOrder], _ ledger: EventLedger
  ) {
    guard let funds = exchange.funds(of: name), let positions = exchange.positions(of: name),
      let holdings = exchange.holdings(of: name), let book = exchange.accounts.first(where: { $0.id == name })
    else {
      Issue.record("the account is gone")
      return
    }
    // What was sold less what was bought is what was realised, less what open positions and holdings cost.
    let held = holdings.reduce(Money.zero) { $0 + $1.cost }
    let open = positions.reduce(Money.zero) { $0 + ($1.net >= 0 ? $1.openCost : -$1.openCost) }
    #expect(ledger.cashFlow[name, default: .zero] == funds.realised - open - held)
    #expect(funds.cash + held == RandomDay.funds + funds.realised - funds.charges)
    #expect(funds.charges == .zero || funds.charges > .zero)

    // Positions and holdings are the fold of the trades.
    var net: [InstrumentKey: Int64] = [:]
    for position in positions { net[position.instrument.key, default: 0] += position.net }
    for holding in holdings { net[holding.instrument.key, default: 0] += holding.units }
    #expect(net.filter { $0.value != 0 } == ledger.net[name, default: [:]].filter { $0.value != 0 })
    for position in positions {
      #expect(position.soldValue - position.boughtValue == position.realised - signedCost(position))
    }

    // What is blocked is blocked by something.
    #expect(positions.reduce(Money.zero) { $0 + $1.margin } == funds.blockedByPositions)
    #expect(book.positions.allSatisfy { $0.pendingBuys >= 0 && $0.pendingSells >= 0 })
    let pending = book.positions.reduce(0) { $0 + $1.pendingBuys + $1.pendingSells }
    let live = orders.filter { !$0.state.isFinal }
    #expect(pending == live.reduce(0) { $0 + $1.remaining.units })
    if live.isEmpty { #expect(funds.blockedByOrders == .zero) }
    #expect(funds.blockedByOrders >= .zero)
  }

  private func signedCost(_ position: ExchangePosition) -> Money {
    position.net >= 0 ? position.openCost : -position.openCost
  }
}

/// The consumer's side: counts from the events alone, and refuses any that contradicts an earlier one.
struct EventLedger {
  struct Contradiction: Error { let event: ExchangeEvent }

  private(set) var filled: [BrokerOrderID: Quantity] = [:]
  private(set) var cashFlow: [AccountID: Money] = [:]
  private(set) var net: [AccountID: [InstrumentKey: Int64]] = [:]
  private var sequence: UInt64 = 0
  private var time = Timestamp(nanoseconds: .min)
  private var accepted: Set<BrokerOrderID> = []
  private var final: Set<BrokerOrderID> = []
  private var tradeIDs: Set<TradeID> = []

  mutating func take(_ events: [(event: ExchangeEvent, order: ExchangeOrder)]) throws {
    for (event, order) in events { try take(event, order) }
  }

  private mutating func take(_ event: ExchangeEvent, _ order: ExchangeOrder) throws {
    sequence += 1
    guard event.sequence == sequence, event.time >= time, !final.contains(event.orderID) else {
      throw Contradiction(event: event)
    }
    time = event.time
    let before = filled[event.orderID, default: .zero]
    var isFill = false
    switch event.kind {
    case .accepted:
      guard accepted.insert(event.orderID).inserted else { throw Contradiction(event: event) }
    case .triggered, .modified: break
    case .partiallyFilled(let fill), .filled(let fill):
      isFill = true
      try count(fill, event, order, before)
    case .rejected, .cancelled, .expired: final.insert(event.orderID)
    }
    if case .filled = event.kind { final.insert(event.orderID) }
    guard isFill || event.cumulativeFilled == before else { throw Contradiction(event: event) }
  }

  private mutating func count(
    _ fill: ExchangeFill, _ event: ExchangeEvent, _ order: ExchangeOrder, _ before: Quantity
  ) throws {
    let instrument = order.instrument
    let isInBand = instrument.priceBand?.contains(fill.price) != false
    guard tradeIDs.insert(fill.tradeID).inserted, accepted.contains(event.orderID), fill.quantity > .zero,
      event.cumulativeFilled == before.adding(fill.quantity), instrument.tickSize.divides(fill.price), isInBand
    else { throw Contradiction(event: event) }
    filled[event.orderID] = event.cumulativeFilled
    let signed = order.side.sign * fill.quantity.units
    cashFlow[event.account, default: .zero] += fill.price * -signed
    net[event.account, default: [:]][instrument.key, default: 0] += signed
  }
}
