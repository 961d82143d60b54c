import OrderDomain
import TestSupport
import Testing

struct RiskGateTests {
  private func leg(
    _ number: Int = 1, _ quantity: Int64 = 30, _ type: OrderType = .limit(price("100")), role: LegRole = .entry,
    account: AccountID = Sample.account, instrument: Instrument = Sample.bankNiftyPut, sliceCount: Int = 1
  ) -> Leg {
    Leg(
      number: number, account: account, instrument: instrument, side: .buy, pricing: .fixed(type),
      quantity: quantityOf(quantity), product: .intraday, validity: .day, isAfterMarket: false, role: role, rank: 0,
      slices: (1...sliceCount).map {
        Slice(
          number: $0, quantity: quantityOf(quantity / Int64(sliceCount)),
          correlationID: certain(CorrelationID(alert: Sample.alert, leg: number, slice: $0)))
      })
  }

  private func codes(
    _ legs: [Leg], limits: RiskLimits = .open, alertLimits: RiskLimits = .open, mayTrade: Bool = true,
    isFrozen: Bool = false, lastPrice: Price? = price("100"), strategy: StrategyRules = .none,
    priceless: Refusal? = nil
  ) -> [String] {
    let plan = ExecutionPlan(
      alert: Sample.alert, strategy: nil, style: .parallel, endPolicy: .holdAndAlert, deadline: Sample.opening,
      legs: legs)
    let result = RiskGate(limits: limits).approve(
      plan, strategy: strategy, alertLimits: alertLimits,
      standing: { $0 == Sample.account ? AccountStanding(broker: .dhan, mayTrade: mayTrade) : nil },
      isFrozen: { _, _ in isFrozen }, lastPrice: { _ in lastPrice }, priceless: { _ in priceless })
    switch result {
    case .success: return []
    case .failure(let list): return list.refusals.map(\.code)
    }
  }

  @Test func `a strategy's limits hold besides the engine's, and can only tighten`() {
    let own = StrategyRules(limits: limits(quantity: 20, value: Money(rupees: 2_000), orders: 1))
    #expect(codes([leg(1, 20)], strategy: own) == [])
    #expect(codes([leg(1, 21)], strategy: own).sorted() == ["risk.quantityAboveLimit", "risk.valueAboveLimit"])
    #expect(codes([leg(1, 10), leg(2, 10)], strategy: own) == ["risk.ordersAboveLimit"])
    let loose = StrategyRules(limits: limits(quantity: 1_000))
    #expect(codes([leg(1, 30)], limits: limits(quantity: 20), strategy: loose) == ["risk.quantityAboveLimit"])
  }

  @Test func `a strategy enters by its products alone, and leaves by any`() {
    let delivery = StrategyRules(products: [.delivery])
    #expect(codes([leg()], strategy: delivery) == ["risk.productNotAllowed"])
    #expect(codes([leg(role: .exit)], strategy: delivery) == [])
    #expect(codes([leg()], strategy: StrategyRules(products: [.delivery, .intraday])) == [])
    #expect(codes([leg()], strategy: StrategyRules(products: [])) == ["risk.productNotAllowed"])
  }

  private func limits(quantity: Int64? = nil, value: Money? = nil, orders: Int? = nil) -> RiskLimits {
    RiskLimits(legQuantity: quantity.map { quantityOf($0) }, alertValue: value, alertOrderCount: orders)
  }

  @Test func `without limits an honest plan passes`() {
    #expect(codes([leg()]) == [])
  }

  @Test func `an account that does not exist is refused`() {
    #expect(codes([leg(account: Sample.otherAccount)]) == ["risk.unknownAccount"])
  }

  @Test func `real orders wait until a person has said so`() {
    #expect(codes([leg()], mayTrade: false) == ["risk.liveTradingOff"])
  }

  @Test func `units at the limit pass and one lot more does not`() {
    #expect(codes([leg(1, 60)], limits: limits(quantity: 60)) == [])
    #expect(codes([leg(1, 90)], limits: limits(quantity: 89)) == ["risk.quantityAboveLimit"])
    #expect(codes([leg(1, 60)], alertLimits: limits(quantity: 60)) == [])
    #expect(codes([leg(1, 61)], alertLimits: limits(quantity: 60)) == ["risk.quantityAboveLimit"])
  }

  @Test func `value at the limit passes and a ten-thousandth more does not`() {
    let worth = Money(rupees: 3000)
    let less = worth - Money(tenThousandths: 1)
    #expect(codes([leg()], limits: limits(value: worth)) == [])
    #expect(codes([leg()], limits: limits(value: less)) == ["risk.valueAboveLimit"])
    #expect(codes([leg()], alertLimits: limits(value: worth)) == [])
    #expect(codes([leg()], alertLimits: limits(value: less)) == ["risk.valueAboveLimit"])
    #expect(codes([leg(1), leg(2)], limits: limits(value: worth)) == ["risk.valueAboveLimit"])
  }

  @Test func `value is counted at the leg's own price, else its trigger, else the last one`() {
    let worth = limits(value: Money(rupees: 3000))
    #expect(codes([leg(1, 30, .limit(price("100")))], limits: worth, lastPrice: price("500")) == [])
    #expect(codes([leg(1, 30, .stopMarket(trigger: price("100")))], limits: worth, lastPrice: price("500")) == [])
    #expect(
      codes([leg(1, 30, .stopLimit(trigger: price("90"), limit: price("101")))], limits: worth)
        == ["risk.valueAboveLimit"])
    #expect(codes([leg(1, 30, .market)], limits: worth, lastPrice: price("100")) == [])
    #expect(codes([leg(1, 30, .market)], limits: worth, lastPrice: price("100.05")) == ["risk.valueAboveLimit"])
  }

  @Test func `exits are worth nothing against the limit`() {
    #expect(codes([leg(1), leg(2, role: .stop)], limits: limits(value: Money(rupees: 3000))) == [])
  }

  @Test func `an unknown price refuses where a limit needs it, on every leg`() {
    let market = [leg(1, 30, .market), leg(2, 30, .market), leg(3)]
    #expect(codes(market, lastPrice: nil) == [])
    #expect(
      codes(market, limits: limits(value: Money(rupees: 1_000_000)), lastPrice: nil)
        == ["risk.valueUnknown", "risk.valueUnknown"])
    #expect(
      codes(market, limits: limits(value: Money(rupees: 2999)), lastPrice: nil)
        == ["risk.valueUnknown", "risk.valueUnknown", "risk.valueAboveLimit"])
  }

  @Test func `a price that nobody can ask for says why, once a leg, and only where a limit needs it`() {
    let market = [leg(1, 30, .market), leg(2, 30, .market), leg(3)]
    let reason = Refusal(code: "auth.tokenNeeded", cause: "there is no token", fix: "log in")
    let limit = limits(value: Money(rupees: 1_000_000))
    let both = StrategyRules(limits: limit)
    #expect(codes(market, lastPrice: nil, priceless: reason) == [])
    #expect(
      codes(market, limits: limit, alertLimits: limit, lastPrice: nil, strategy: both, priceless: reason)
        == ["auth.tokenNeeded", "auth.tokenNeeded"])
    #expect(codes(market, limits: limit, priceless: reason) == [])
  }

  @Test func `orders at the limit pass and one more does not, exits and slices counted`() {
    let legs = [leg(1, 60, sliceCount: 2), leg(2, role: .target)]
    #expect(codes(legs, limits: limits(orders: 3)) == [])
    #expect(codes(legs, limits: limits(orders: 2)) == ["risk.ordersAboveLimit"])
    #expect(codes(legs, alertLimits: limits(orders: 2)) == ["risk.ordersAboveLimit"])
  }

  @Test(arguments: [("1", true), ("900", true), ("0.95", false), ("900.05", false)])
  func `prices at the edge of the day's band pass and a tick beyond does not`(at: String, passes: Bool) {
    let expected = passes ? [] : ["risk.priceOutsideBand"]
    #expect(codes([leg(1, 30, .limit(price(at)))]) == expected)
    #expect(codes([leg(1, 30, .stopMarket(trigger: price(at)), role: .stop)]) == expected)
  }

  @Test func `both prices of a stop-limit are judged, and no band is no check`() {
    let type = OrderType.stopLimit(trigger: price("901"), limit: price("902"))
    #expect(codes([leg(1, 30, type)]) == ["risk.priceOutsideBand", "risk.priceOutsideBand"])
    #expect(codes([leg(1, 30, type, instrument: Sample.reliance)]) == [])
  }

  @Test func `an instrument with an unknown order takes no entry, but exits`() {
    #expect(codes([leg()], isFrozen: true) == ["risk.unknownOrderOpen"])
    for role in [LegRole.stop, .target, .exit] { #expect(codes([leg(role: role)], isFrozen: true) == []) }
  }

  @Test func `the alert's own limits only tighten`() {
    let tight = limits(quantity: 29, value: Money(rupees: 2999), orders: 0)
    let three = ["risk.quantityAboveLimit", "risk.ordersAboveLimit", "risk.valueAboveLimit"]
    #expect(codes([leg()], limits: tight) == three)
    #expect(codes([leg()], limits: .open, alertLimits: tight) == three)
    #expect(
      codes([leg()], limits: tight, alertLimits: limits(quantity: 1000, value: Money(rupees: 10_000_000), orders: 100))
        == three)
  }

  @Test func `everything that is wrong is said at once`() {
    let limits = limits(quantity: 1, value: Money(rupees: 1), orders: 1)
    let legs = [leg(1, 30, .limit(price("901"))), leg(2, account: Sample.otherAccount)]
    #expect(
      codes(legs, limits: limits, mayTrade: false, isFrozen: true) == [
        "risk.liveTradingOff", "risk.quantityAboveLimit", "risk.priceOutsideBand", "risk.unknownOrderOpen",
        "risk.unknownAccount", "risk.quantityAboveLimit", "risk.unknownOrderOpen", "risk.ordersAboveLimit",
        "risk.valueAboveLimit",
      ])
  }

  @Test func `the largest book there can be is summed exactly`() {
    let legs = (1...20).map { leg($0, 100_000_000, .limit(.limit), instrument: Sample.reliance) }
    #expect(codes(legs, limits: limits(value: Price.limit * Quantity.limit)) == ["risk.valueAboveLimit"])
  }
}
