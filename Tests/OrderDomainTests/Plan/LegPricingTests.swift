import OrderDomain
import TestSupport
import Testing

struct LegPricingTests {
  private func type(_ pricing: LegPricing, _ average: String, _ side: Side, _ step: String = "0.05") -> OrderType? {
    pricing.orderType(entryAverage: price(average), exitSide: side, tick: tick(step))
  }

  @Test func `a stop lies on the losing side, never nearer than asked`() {
    let stop = LegPricing.stop(distance: price("10"))
    #expect(type(stop, "100", .sell) == .stopMarket(trigger: price("90")))
    #expect(type(stop, "100.03", .sell) == .stopMarket(trigger: price("90")))
    #expect(type(stop, "100", .buy) == .stopMarket(trigger: price("110")))
    #expect(type(stop, "100.03", .buy) == .stopMarket(trigger: price("110.05")))
  }

  @Test func `a target lies on the winning side, never further than asked`() {
    let target = LegPricing.target(distance: price("10"))
    #expect(type(target, "100", .sell) == .limit(price("110")))
    #expect(type(target, "100.03", .sell) == .limit(price("110")))
    #expect(type(target, "100", .buy) == .limit(price("90")))
    #expect(type(target, "100.03", .buy) == .limit(price("90.05")))
  }

  @Test func `no exit lies at or below zero, or above the limit`() {
    #expect(type(.stop(distance: price("10")), "10", .sell) == nil)
    #expect(type(.stop(distance: price("10")), "10.04", .sell) == nil)
    #expect(type(.stop(distance: price("10")), "10.05", .sell) == .stopMarket(trigger: price("0.05")))
    #expect(type(.stop(distance: price("10")), "9", .sell) == nil)
    #expect(type(.target(distance: price("10")), "9", .buy) == nil)
    #expect(type(.target(distance: price("10")), "10.01", .buy) == .limit(price("0.05")))
    #expect(type(.stop(distance: price("1")), "9000000", .buy) == nil)
    #expect(type(.target(distance: price("1")), "9000000", .sell) == nil)
  }

  @Test func `a fixed price stays as it is`() {
    let fixed = OrderType.stopLimit(trigger: price("99"), limit: price("98"))
    #expect(type(.fixed(fixed), "100", .sell) == fixed)
    #expect(type(.fixed(.market), "100", .buy) == .market)
  }

  @Test func `every exit lands on a tick, on its own side of the entry`() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<5_000 {
      let tick = certain(TickSize(certain(Price(tenThousandths: .random(in: 1...5_000, using: &random)))))
      let entry = certain(Price(tenThousandths: .random(in: 1...50_000_000, using: &random)))
      let distance = certain(Price(tenThousandths: .random(in: 1...10_000_000, using: &random)))
      for (side, sign) in [(Side.sell, Int64(1)), (.buy, -1)] {
        if case .stopMarket(let trigger)? = LegPricing.stop(distance: distance)
          .orderType(entryAverage: entry, exitSide: side, tick: tick)
        {
          #expect(tick.divides(trigger))
          #expect(sign * (entry.tenThousandths - trigger.tenThousandths) >= distance.tenThousandths)
        }
        if case .limit(let limit)? = LegPricing.target(distance: distance)
          .orderType(entryAverage: entry, exitSide: side, tick: tick)
        {
          #expect(tick.divides(limit))
          #expect(sign * (limit.tenThousandths - entry.tenThousandths) <= distance.tenThousandths)
        }
      }
    }
  }
}
