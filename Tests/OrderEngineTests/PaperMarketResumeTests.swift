import Actors
import OrderDomain
import SimulatedExchange
import TestSupport
import Testing

@testable import OrderEngine

@Suite("A restart ends the paper market, not what was traded on it", .timeLimit(.minutes(1)))
struct PaperMarketResumeTests {
  private let wallClock = ManualWallClock(Sample.opening)

  private func market(epoch: UInt16 = 1) -> PaperMarket {
    var configuration = ExchangeConfiguration(seed: 1, epoch: epoch)
    configuration.amplitude = 0
    configuration.referencePrices = [Sample.reliance.key: price("2500")]
    return PaperMarket(
      executor: SerialQueueExecutor(), wallClock: wallClock, configuration: configuration, clock: ManualClock(),
      timer: { _, _ in })
  }

  private func position(bought: Int64, at cost: Int64, sold: Int64 = 0, for gain: Int64 = 0) -> Position {
    var position = Position(account: Sample.account, instrument: Sample.reliance, product: .intraday)
    position.add(.buy, units: bought, value: Money(rupees: cost))
    if sold > 0 { position.add(.sell, units: sold, value: Money(rupees: gain)) }
    return position
  }

  private func order(
    _ type: OrderType, filled: Int64 = 0, number: String = "old-1", at time: Timestamp = Sample.opening
  )
    -> Order
  {
    let leg = Sample.leg(2, .sell, .fixed(type), quantity: 10, role: .stop, rank: 1)
    var order = Order(Sample.order(leg).subject, createdAt: time)
    _ = order.apply(OrderReport(correlationID: order.request.correlationID, transition: .submitted, at: time))
    _ = order.apply(
      OrderReport(
        correlationID: order.request.correlationID, transition: filled > 0 ? .partiallyFilled : .accepted,
        brokerOrderID: BrokerOrderID(number),
        cumulativeFill: filled > 0
          ? .init(quantity: quantityOf(filled), value: Money(rupees: 2_500 * filled)) : nil, at: time))
    return order
  }

  @Test(
    "What the account is worth is the funds and all trades, whatever is open",
    arguments: [(10, 25_000, 0, 0), (10, 25_000, 10, 26_000), (10, 25_000, 4, 11_000), (3, 10, 10, 101)])
  func worth(_ bought: Int64, _ cost: Int64, _ sold: Int64, _ gain: Int64) {
    let state = PaperMarket.state(
      after: [position(bought: bought, at: cost, sold: sold, for: gain)], funds: Money(rupees: 100_000))
    let open = state.positions.map { $0.net > 0 ? -$0.openCost : $0.openCost }.reduce(Money.zero, +)
    #expect(state.cash + open == Money(rupees: 100_000 + gain - cost))
    #expect(state.positions.map(\.net) == (bought == sold ? [] : [bought - sold]))
  }

  @Test func `shares that were bought to keep are holdings`() {
    var kept = Position(account: Sample.account, instrument: Sample.reliance, product: .delivery)
    kept.add(.buy, units: 10, value: Money(rupees: 25_000))
    let state = PaperMarket.state(after: [kept], funds: Money(rupees: 100_000))
    #expect(state.cash == Money(rupees: 75_000))
    #expect(state.holdings.map(\.units) == [10])
    #expect(state.positions.isEmpty)
  }

  @Test func `a working order goes on under the number that the engine knows`() async {
    let market = market(epoch: 2)
    let order = order(.limit(price("2600")), filled: 4)
    await market.resume(
      Sample.account, funds: Money(rupees: 1_000_000), positions: [position(bought: 10, at: 25_000)], orders: [order])
    let found = await market.reports(tagged: order.request.correlationID, account: Sample.account)
    #expect(found.map(\.brokerOrderID) == [BrokerOrderID("old-1")])
    #expect(found.first?.cumulativeFill == .init(quantity: quantityOf(4), value: Money(rupees: 10_000)))
    #expect(found.first?.transition == .accepted)
    guard case .requested = await market.cancel(certain(BrokerOrderID("old-1")), account: Sample.account) else {
      Issue.record("the market does not know the order by its old number")
      return
    }
  }

  @Test func `what fills after the restart is added to what had filled before`() async {
    let market = market(epoch: 2)
    // Sells six more at the market: what a limit below the bid does.
    let order = order(.limit(price("2400")), filled: 4)
    await market.resume(
      Sample.account, funds: Money(rupees: 1_000_000), positions: [position(bought: 10, at: 25_000)], orders: [order])
    let found = await market.reports(tagged: order.request.correlationID, account: Sample.account)
    #expect(found.first?.transition == .filled)
    #expect(found.first?.cumulativeFill?.quantity == quantityOf(10))
    var engines = order
    guard let report = found.first, case .changed(let units, _) = engines.apply(report) else {
      Issue.record("the engine cannot use the report")
      return
    }
    #expect(units == quantityOf(6))
    #expect(engines.state == .filled)
  }

  @Test func `a day's order does not work on the next day`() async {
    let market = market(epoch: 2)
    let yesterday = Sample.opening.adding(nanoseconds: -86_400_000_000_000)
    let order = order(.limit(price("2600")), at: yesterday)
    await market.resume(Sample.account, funds: Money(rupees: 1_000_000), positions: [], orders: [order])
    #expect(await market.reports(tagged: order.request.correlationID, account: Sample.account).isEmpty)
  }

  @Test func `an order without a number was never there`() async {
    let market = market(epoch: 2)
    var order = Order(Sample.request(), createdAt: Sample.opening)
    _ = order.apply(
      OrderReport(correlationID: order.request.correlationID, transition: .submitted, at: Sample.opening))
    await market.resume(Sample.account, funds: Money(rupees: 1_000_000), positions: [], orders: [order])
    #expect(await market.reports(tagged: order.request.correlationID, account: Sample.account).isEmpty)
  }
}
