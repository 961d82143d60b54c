import OrderDomain
import SimulatedExchange
import TestSupport
import Testing

@testable import OrderEngine

/// The paper account answers every question that a broker answers.
struct PaperGatewayTests {
  private func market() async -> (PaperMarket, PaperGateway) {
    var configuration = ExchangeConfiguration(seed: 1, epoch: 1)
    configuration.amplitude = 0
    configuration.referencePrices = [Sample.reliance.key: price("2500")]
    let market = PaperMarket(
      executor: SerialQueueExecutor(), wallClock: ManualWallClock(Sample.opening), configuration: configuration,
      clock: ManualClock(), timer: { _, _ in })
    await market.resume(Sample.account, funds: Money(rupees: 1_000_000), positions: [], orders: [])
    return (market, PaperGateway(market: market, account: Sample.account))
  }

  private func place(_ gateway: PaperGateway, _ type: OrderType, leg: Int = 1) async throws -> BrokerOrderID {
    let outcome = await gateway.place(Sample.order(Sample.leg(leg, .buy, .fixed(type))), token: nil)
    guard case .accepted(let id) = outcome else {
      Issue.record("\(outcome)")
      throw CancellationError()
    }
    return id
  }

  @Test("an order rests, changes and is cancelled, and the book shows it")
  func life() async throws {
    let (_, gateway) = await market()
    let id = try await place(gateway, .limit(price("2400")))
    let change = OrderModification(
      id: id, instrument: Sample.reliance, side: .buy, type: .limit(price("2410")), quantity: quantityOf(8),
      validity: .day)
    #expect(await gateway.modify(change, token: nil) == .requested)
    let row = try #require(await gateway.orderBook(token: nil).first)
    #expect(row.id == id)
    #expect(row.status == .open)
    #expect(row.limitPrice == price("2410"))
    #expect(row.quantity == quantityOf(8))
    #expect(row.correlationID == Sample.order(Sample.leg(1)).subject.correlationID)
    #expect(await gateway.cancel(id, token: nil) == .requested)
    #expect(try await gateway.orderBook(token: nil).map(\.status) == [.cancelled])
    if case .refused(let refusal) = await gateway.modify(change, token: nil) {
      #expect(refusal.code == "paper.modifyRefused")
    } else {
      Issue.record("a cancelled order was changed")
    }
  }

  @Test("a fill is in the trades, the positions and the money")
  func fill() async throws {
    let (_, gateway) = await market()
    let before = try await gateway.funds(token: nil)
    let id = try await place(gateway, .market)
    let trades = try await gateway.tradeBook(token: nil)
    #expect(trades.map(\.orderID) == [id])
    let value = trades.reduce(Money.zero) { $0 + $1.price * $1.quantity }
    let report = try #require(await gateway.orderBook(token: nil).first?.report(at: Sample.opening))
    #expect(report.transition == .filled)
    #expect(report.cumulativeFill == OrderReport.CumulativeFill(quantity: quantityOf(10), value: value))
    #expect(try await gateway.positions(token: nil).map(\.netUnits) == [10])
    #expect(try await gateway.funds(token: nil).available < before.available)
    #expect(try await gateway.holdings(token: nil).isEmpty)
  }

  @Test("an order that an earlier run had partly filled shows whole, and is changed as a whole")
  func carried() async throws {
    let (market, _) = await market()
    let other = certain(AccountID("carried"))
    let leg = Sample.leg(3, .sell, .fixed(.limit(price("2600"))), account: other)
    var order = Order(Sample.order(leg).subject, createdAt: Sample.opening)
    for transition in [OrderTransition.submitted, .partiallyFilled] {
      let fill =
        transition == .submitted
        ? nil : OrderReport.CumulativeFill(quantity: quantityOf(4), value: Money(rupees: 10_000))
      _ = order.apply(
        OrderReport(
          correlationID: order.request.correlationID, transition: transition,
          brokerOrderID: transition == .submitted ? nil : BrokerOrderID("old-1"), cumulativeFill: fill,
          at: Sample.opening))
    }
    await market.resume(other, funds: Money(rupees: 1_000_000), positions: [], orders: [order])
    let gateway = PaperGateway(market: market, account: other)
    let row = try #require(await gateway.orderBook(token: nil).first)
    #expect(row.id == BrokerOrderID("old-1"))
    #expect(row.quantity == quantityOf(10))
    #expect(row.fill == OrderReport.CumulativeFill(quantity: quantityOf(4), value: Money(rupees: 10_000)))
    let change = OrderModification(
      id: row.id, instrument: Sample.reliance, side: .sell, type: .limit(price("2590")), quantity: quantityOf(9),
      validity: .day)
    #expect(await gateway.modify(change, token: nil) == .requested)
    #expect(try await gateway.orderBook(token: nil).map(\.quantity) == [quantityOf(9)])
  }

  @Test("prices, margin and profile are the market's own")
  func reads() async throws {
    let (_, gateway) = await market()
    #expect(try await gateway.quotes(for: [Sample.reliance], token: nil).map(\.lastPrice) == [price("2500")])
    #expect(try await gateway.margin(for: Sample.request(10), token: nil).required > .zero)
    #expect(try await gateway.profile(token: nil).clientID == Sample.account.name)
    let (market, _) = await market()
    let stranger = PaperGateway(market: market, account: certain(AccountID("nobody")))
    await #expect(throws: BrokerReadFailure.self) { try await stranger.positions(token: nil) }
  }
}
