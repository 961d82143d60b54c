import OrderDomain
import TestSupport
import Testing

struct RiskApprovedTests {
  private func slices(_ leg: Int, _ quantities: [Int64]) -> [Slice] {
    quantities.enumerated().map { index, quantity in
      Slice(
        number: index + 1, quantity: quantityOf(quantity),
        correlationID: certain(CorrelationID(alert: Sample.alert, leg: leg, slice: index + 1)))
    }
  }

  private func leg(_ number: Int, _ side: Side, _ pricing: LegPricing, role: LegRole, rank: Int) -> Leg {
    Leg(
      number: number, account: Sample.account, instrument: Sample.niftyCall, side: side, pricing: pricing,
      quantity: quantityOf(3575), product: .margin, validity: .immediateOrCancel, isAfterMarket: true, role: role,
      rank: rank, slices: slices(number, [1755, 1755, 65]), entryNumber: role == .entry ? nil : 1)
  }

  private var entry: Leg { leg(1, .buy, .fixed(.limit(price("100"))), role: .entry, rank: 0) }
  private var stop: Leg { leg(2, .sell, .stop(distance: price("10")), role: .stop, rank: 1) }

  private func approved() throws -> RiskApproved<ExecutionPlan> {
    let plan = ExecutionPlan(
      alert: Sample.alert, strategy: nil, style: .bracket, endPolicy: .holdAndAlert, deadline: Sample.opening,
      legs: [entry, stop])
    return try RiskGate(limits: .open).approve(
      plan, alertLimits: .open, standing: { _ in AccountStanding(broker: .paper, mayTrade: true) },
      isFrozen: { _, _ in false }, lastPrice: { _ in nil }
    ).get()
  }

  @Test func `a slice becomes the order that the plan says`() throws {
    let order = try #require(try approved().order(leg: entry, slice: entry.slices[1])).subject
    #expect(order.correlationID == entry.slices[1].correlationID)
    #expect(order.account == Sample.account)
    #expect(order.instrument == Sample.niftyCall)
    #expect(order.side == .buy)
    #expect(order.type == .limit(price("100")))
    #expect(order.quantity == quantityOf(1755))
    #expect(order.product == .margin)
    #expect(order.validity == .immediateOrCancel)
    #expect(order.isAfterMarket)
    #expect(!order.isExit)
  }

  @Test func `an exit that is priced by a fill is no order before it`() throws {
    #expect(try approved().order(leg: stop, slice: stop.slices[0]) == nil)
  }

  @Test(
    arguments: [
      (65, [65]), (1755, [1755]), (1820, [1755, 65]), (3575, [1755, 1755, 65]), (100_000, [1755, 1755, 65]), (0, []),
    ] as [(Int64, [Int64])])
  func `an exit is never more than the fill, nor than its leg`(filled: Int64, expected: [Int64]) throws {
    let orders = try approved().exit(leg: stop, filled: quantityOf(filled), entryAverage: price("100")).map(\.subject)
    #expect(orders.map(\.quantity.units) == expected)
    #expect(orders.map(\.correlationID) == stop.slices.prefix(expected.count).map(\.correlationID))
    #expect(orders.allSatisfy { $0.isExit && !$0.isAfterMarket && $0.side == .sell })
    #expect(orders.allSatisfy { $0.type == .stopMarket(trigger: price("90")) })
  }

  @Test func `an exit without a possible price is no order`() throws {
    #expect(try approved().exit(leg: stop, filled: quantityOf(65), entryAverage: price("10")).isEmpty)
  }

  @Test func `sizing an entry by a fill is a bug of ours`() async {
    await #expect(processExitsWith: .failure) {
      let tests = RiskApprovedTests()
      _ = try tests.approved().exit(leg: tests.entry, filled: quantityOf(65), entryAverage: price("100"))
    }
  }
}
