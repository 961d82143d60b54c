import OrderDomain
import TestSupport
import Testing

struct PlannerTests {
  private static let reliance = InstrumentQuery.symbol("RELIANCE", exchange: .nse, hint: nil)
  private static let nifty = InstrumentQuery.symbol("NIFTY-CE", exchange: nil, hint: nil)
  private static let gold = InstrumentQuery.symbol("GOLD", exchange: nil, hint: nil)
  private static let weekly = InstrumentQuery.option(
    underlying: "BANKNIFTY", exchange: .nse, strike: price("48400"), type: .put, expiry: .weekly)

  private let resolver = StubResolver(
    instruments: [
      reliance: Sample.reliance, nifty: Sample.niftyCall, gold: Sample.goldFuture,
      .option(
        underlying: "BANKNIFTY", exchange: .nse, strike: price("48400"), type: .put, expiry: .date(Sample.expiry)):
        Sample.bankNiftyPut,
    ],
    failures: [weekly: .noWeeklySeries(underlying: "BANKNIFTY", nearestMonthly: Sample.expiry)])

  private func leg(
    _ number: Int = 1, _ side: Side = .buy, _ type: OrderType = .market,
    _ quantity: QuantityRequest = .units(quantityOf(10)), _ instrument: InstrumentQuery = reliance,
    product: RequestedProduct = .product(.intraday), change: (inout AlertLeg) -> Void = { _ in }
  ) -> AlertLeg {
    var leg = AlertLeg(
      number: number, instrument: instrument, side: side, orderType: type, quantity: quantity, product: product)
    change(&leg)
    return leg
  }

  private func plan(
    _ legs: [AlertLeg], receivedAt: Timestamp = Sample.opening, change: (inout Alert) -> Void = { _ in }
  ) -> Result<ExecutionPlan, RefusalList> {
    var alert = Alert(format: .native, legs: legs)
    change(&alert)
    return Planner(settings: PlannerSettings(defaultAccount: Sample.account)).plan(
      alert, identity: Sample.alert, receivedAt: receivedAt
    ) { $0 == Sample.account || $0 == Sample.otherAccount ? resolver : nil }
  }

  private func refusals(_ result: Result<ExecutionPlan, RefusalList>) -> [Refusal] {
    switch result {
    case .success: []
    case .failure(let list): list.refusals
    }
  }

  /// Each refusal's leg, if it has one, and its code.
  private func codes(_ result: Result<ExecutionPlan, RefusalList>) -> [String] {
    refusals(result).map { refusal in refusal.leg.map { "\($0) \(refusal.code)" } ?? refusal.code }
  }

  private func type(_ side: Side, _ type: OrderType, _ instrument: InstrumentQuery = reliance) throws -> OrderType? {
    guard case .fixed(let planned) = try plan([leg(1, side, type, .lots(lots(1)), instrument)]).get().legs[0].pricing
    else { return nil }
    return planned
  }

  // MARK: Prices

  @Test func `a limit never becomes worse than asked`() throws {
    #expect(try type(.buy, .limit(price("2450.04"))) == .limit(price("2450.00")))
    #expect(try type(.sell, .limit(price("2450.01"))) == .limit(price("2450.05")))
    #expect(try type(.buy, .limit(price("2450.05"))) == .limit(price("2450.05")))
  }

  @Test func `a trigger never moves nearer to the market than asked`() throws {
    #expect(try type(.buy, .stopMarket(trigger: price("2450.01"))) == .stopMarket(trigger: price("2450.05")))
    #expect(try type(.sell, .stopMarket(trigger: price("2450.04"))) == .stopMarket(trigger: price("2450.00")))
  }

  @Test func `a stop-limit rounds both prices, and keeps their order`() throws {
    #expect(
      try type(.buy, .stopLimit(trigger: price("100.01"), limit: price("101.04")))
        == .stopLimit(trigger: price("100.05"), limit: price("101.00")))
    #expect(
      try type(.sell, .stopLimit(trigger: price("100.04"), limit: price("99.01")))
        == .stopLimit(trigger: price("100.00"), limit: price("99.05")))
    #expect(
      try type(.buy, .stopLimit(trigger: price("100.02"), limit: price("100.03")))
        == .stopLimit(trigger: price("100.05"), limit: price("100.05")))
    #expect(
      try type(.sell, .stopLimit(trigger: price("100.03"), limit: price("100.02")))
        == .stopLimit(trigger: price("100.00"), limit: price("100.00")))
  }

  @Test(arguments: [
    (Side.buy, OrderType.limit(price("0.04"))), (.buy, .limit(.zero)), (.sell, .stopMarket(trigger: price("0.04"))),
    (.buy, .stopLimit(trigger: price("101"), limit: price("100"))),
    (.sell, .stopLimit(trigger: price("100"), limit: price("101"))), (.buy, .stopMarket(trigger: .zero)),
  ])
  func `a price that cannot rest is refused`(side: Side, type: OrderType) {
    #expect(codes(plan([leg(1, side, type)])) == ["1 plan.priceImpossible"])
  }

  @Test func `rounding lands on ticks, never worse for a limit, never nearer for a trigger`() throws {
    var random = SeededGenerator(seed: 8)
    for _ in 0..<500 {
      let asked = certain(Price(tenThousandths: .random(in: 10_000...30_000_000, using: &random)))
      #expect(try certain(type(.buy, .limit(asked))?.limitPrice) <= asked)
      #expect(try certain(type(.sell, .limit(asked))?.limitPrice) >= asked)
      #expect(try certain(type(.buy, .stopMarket(trigger: asked))?.triggerPrice) >= asked)
      let trigger = try certain(type(.sell, .stopMarket(trigger: asked))?.triggerPrice)
      #expect(trigger <= asked)
      #expect(Sample.reliance.tickSize.divides(trigger))
    }
  }

  // MARK: Quantities

  @Test(arguments: [
    (1, "send 65"), (64, "send 65"), (66, "send 65 or 130"), (1800, "send 1755 or 1820"), (0, "send 65"),
    (100_000_000, "send 99999965"),
  ])
  func `a broken lot is refused with the nearest whole ones`(quantity: Int64, fix: String) {
    let refusals = refusals(plan([leg(1, .buy, .market, .units(quantityOf(quantity)), Self.nifty)]))
    #expect(refusals.map(\.code) == ["plan.notALotMultiple"])
    #expect(refusals.first?.fix == fix)
  }

  @Test func `lots become units, cut by the freeze quantity`() throws {
    let leg = try plan([leg(1, .sell, .market, .lots(lots(28)), Self.nifty)]).get().legs[0]
    #expect(leg.quantity == quantityOf(1820))
    #expect(leg.slices.map(\.quantity) == [quantityOf(1755), quantityOf(65)])
    #expect(leg.slices.map(\.number) == [1, 2])
    #expect(
      leg.slices.map(\.correlationID)
        == [1, 2].map { certain(CorrelationID(alert: Sample.alert, leg: 1, slice: $0)) })
  }

  @Test func `no lots, or more than a quantity holds, are refused`() {
    for count in [0, 1_538_462] as [Int64] {
      #expect(codes(plan([leg(1, .buy, .market, .lots(lots(count)), Self.nifty)])) == ["1 plan.quantityOutOfRange"])
    }
  }

  @Test func `an unknown freeze quantity cuts a derivative carefully, and a share not at all`() throws {
    let future = try plan([leg(1, .buy, .market, .lots(lots(45)), Self.gold)]).get().legs[0]
    #expect(future.slices.map(\.quantity) == [quantityOf(20), quantityOf(20), quantityOf(5)])
    let share = try plan([leg(1, .buy, .market, .units(quantityOf(90_000)))]).get().legs[0]
    #expect(share.slices.map(\.quantity) == [quantityOf(90_000)])
  }

  @Test func `too many slices are refused, on every leg that has them`() {
    let many = QuantityRequest.lots(lots(27 * 1023 + 1))
    #expect(
      codes(plan([leg(1, .buy, .market, many, Self.nifty), leg(2), leg(3, .buy, .market, many, Self.nifty)]))
        == ["1 plan.tooManySlices", "3 plan.tooManySlices"])
  }

  // MARK: Products, accounts, age

  @Test func `bracket and cover orders are refused with the way to say the same`() {
    for product in [RequestedProduct.bracketOrder, .coverOrder] {
      let refusals = refusals(plan([leg(product: product)]))
      #expect(refusals.map(\.code) == ["plan.productNotOffered"])
      #expect(refusals.first?.fix.contains("INTRADAY with sl and tp") == true)
    }
  }

  @Test func `delivery is for shares and margin for derivatives`() throws {
    let one = QuantityRequest.lots(lots(1))
    #expect(codes(plan([leg(product: .product(.margin))])) == ["1 plan.productDoesNotFit"])
    #expect(
      codes(plan([leg(1, .buy, .market, one, Self.nifty, product: .product(.delivery))]))
        == ["1 plan.productDoesNotFit"])
    #expect(try plan([leg(product: .product(.delivery))]).get().legs[0].product == .delivery)
    #expect(
      try plan([leg(1, .buy, .market, one, Self.nifty, product: .product(.margin))]).get().legs[0].product == .margin)
  }

  @Test func `a leg's account goes before the alert's, and that before the default`() throws {
    let named = leg(2) { $0.account = Sample.account }
    #expect(try plan([leg()]).get().legs.map(\.account) == [Sample.account])
    #expect(
      try plan([leg(), named]) { $0.account = Sample.otherAccount }.get().legs.map(\.account)
        == [Sample.otherAccount, Sample.account])
    #expect(codes(plan([leg { $0.account = AccountID("nobody") }])) == ["1 risk.unknownAccount"])
  }

  @Test func `an alert is too old the moment after its validity`() throws {
    let late = Sample.opening.adding(nanoseconds: 30_000_000_000)
    let plan30 = plan([leg()], receivedAt: late) { $0.firedAt = Sample.opening }
    #expect(try plan30.get().deadline == late)
    #expect(
      codes(plan([leg()], receivedAt: late.adding(nanoseconds: 1)) { $0.firedAt = Sample.opening }) == ["alert.stale"])
    #expect(
      codes(
        plan([leg()], receivedAt: late.adding(nanoseconds: 1)) {
          $0.firedAt = Sample.opening
          $0.validForMilliseconds = 30_001
        }) == [])
  }

  @Test func `without a time of firing it counts from its receipt`() throws {
    #expect(try plan([leg()]).get().deadline == Sample.opening.adding(nanoseconds: 30_000_000_000))
  }

  /// A deadline a day from now used to follow from a sender's clock that was a day ahead.
  @Test func `a clock that runs ahead buys no longer life`() throws {
    let tomorrow = Sample.opening.adding(nanoseconds: 86_400_000_000_000)
    for firedAt in [tomorrow, Timestamp(nanoseconds: .max)] {
      let planned = try plan([leg()]) { $0.firedAt = firedAt }.get()
      #expect(planned.deadline == Sample.opening.adding(nanoseconds: 30_000_000_000))
    }
  }

  /// Multiplying the milliseconds used to trap.
  @Test func `absurd validities and times are judged, not multiplied out of range`() throws {
    #expect(try plan([leg()]) { $0.validForMilliseconds = .max }.get().deadline == Timestamp(nanoseconds: .max))
    #expect(codes(plan([leg()]) { $0.validForMilliseconds = .min }) == ["alert.stale"])
    #expect(codes(plan([leg()]) { $0.firedAt = Timestamp(nanoseconds: .min) }) == ["alert.stale"])
  }

  @Test func `every leg has a number of its own`() {
    #expect(codes(plan([])) == ["plan.noLegs"])
    #expect(codes(plan([leg(1), leg(1)])) == ["1 plan.legNumbers"])
    #expect(codes(plan([leg(0)])) == ["0 plan.legNumbers"])
    #expect(codes(plan([leg(32)])) == ["32 plan.legNumbers"])
    #expect(codes(plan([leg(2), leg(5)])) == [])
  }

  // MARK: Everything at once

  @Test func `all that is wrong is said at once`() {
    let legs = [
      leg(1, .buy, .limit(.zero), .units(quantityOf(10)), product: .product(.margin)),
      leg(2, .buy, .market, .units(quantityOf(25)), Self.weekly, product: .bracketOrder),
      leg(3) { $0.account = AccountID("nobody") },
      leg(4),
    ]
    let result = plan(legs) { $0.firedAt = Sample.opening.adding(nanoseconds: -31_000_000_000) }
    #expect(
      codes(result) == [
        "alert.stale", "1 plan.priceImpossible", "1 plan.productDoesNotFit", "2 plan.productNotOffered",
        "2 symbol.noWeeklySeries", "2 plan.notALotMultiple", "3 risk.unknownAccount",
      ])
  }

  @Test func `a weekly series that does not exist names the monthly contract and its lot`() {
    let refusals = refusals(plan([leg(1, .sell, .market, .units(quantityOf(25)), Self.weekly)]))
    #expect(refusals.map(\.code) == ["symbol.noWeeklySeries", "plan.notALotMultiple"])
    #expect(refusals.first?.fix == "send expiry MONTHLY or 2026-11-26")
    #expect(refusals.last?.fix == "send 30")
    #expect(
      codes(plan([leg(1, .sell, .market, .units(quantityOf(30)), Self.weekly)])) == ["1 symbol.noWeeklySeries"])
  }

  // MARK: Legs together

  /// Entry at the market, stop-market and limit on the other side: the sample that users send today.
  private var bracket: [AlertLeg] {
    [
      leg(1), leg(2, .sell, .stopMarket(trigger: price("2450"))), leg(3, .sell, .limit(price("2600"))),
    ]
  }

  @Test func `entry, stop and target are recognised as a bracket`() throws {
    let plan = try plan(bracket).get()
    #expect(plan.style == .bracket)
    #expect(plan.legs.map(\.role) == [.entry, .stop, .target])
    #expect(plan.legs.map(\.rank) == [0, 1, 1])
    #expect(plan.legs.map(\.entryNumber) == [nil, 1, 1])
    #expect(plan.endPolicy == .holdAndAlert)
  }

  @Test func `so are an entry and one exit, and a sold entry`() throws {
    #expect(try plan(Array(bracket.prefix(2))).get().legs.map(\.role) == [.entry, .stop])
    let sold = [
      leg(1, .sell), leg(2, .buy, .limit(price("2400"))), leg(3, .buy, .stopMarket(trigger: price("2500"))),
    ]
    #expect(try plan(sold).get().legs.map(\.role) == [.entry, .target, .stop])
  }

  @Test func `legs that are no bracket go out at once`() throws {
    let notBrackets: [[AlertLeg]] = [
      [leg(1)],
      [leg(1), leg(2, .sell)],
      [leg(1), leg(2, .buy, .limit(price("2600")))],
      [leg(1), leg(2, .sell, .limit(price("2600")), .units(quantityOf(11)))],
      [leg(1), leg(2, .sell, .limit(price("2600"))), leg(3, .sell, .limit(price("2700")))],
      [leg(1), leg(2, .sell, .limit(price("2600")), product: .product(.delivery))],
      [leg(1), leg(2, .sell, .limit(price("2600"))) { $0.account = Sample.otherAccount }],
      [leg(1), leg(2, .sell, .limit(price("100")), .lots(lots(1)), Self.nifty)],
      bracket + [leg(4)],
    ]
    for legs in notBrackets {
      let plan = try plan(legs).get()
      #expect(plan.style == .parallel)
      #expect(plan.legs.allSatisfy { $0.role == .entry && $0.rank == 0 && $0.entryNumber == nil })
    }
  }

  @Test func `parallel legs stay independent when the sender says so`() throws {
    let plan = try plan(bracket) { $0.execution = .parallel }.get()
    #expect(plan.style == .parallel)
    #expect(plan.legs.map(\.role) == [.entry, .entry, .entry])
  }

  @Test func `what is called a bracket and is none is refused`() {
    let impossible: [[AlertLeg]] = [
      [leg(1), leg(2, .sell)],
      bracket + [leg(4)],
      [leg(1), leg(2, .sell, .limit(price("2600")), .units(quantityOf(11)))],
      [leg(1) { $0.role = .exit }, leg(2, .sell, .limit(price("2600")))],
    ]
    for legs in impossible {
      #expect(codes(plan(legs) { $0.execution = .bracket }) == ["plan.notABracket"])
    }
    #expect(codes(plan([leg(1), leg(2) { $0.role = .stop }])) == ["plan.notABracket"])
  }

  @Test func `a bracket that would close itself at once is refused`() {
    func exits(_ side: Side, _ entry: OrderType, stop: String, target: String) -> [AlertLeg] {
      [
        leg(1, side, entry), leg(2, side.opposite, .stopMarket(trigger: price(stop))),
        leg(3, side.opposite, .limit(price(target))),
      ]
    }
    #expect(codes(plan(exits(.buy, .market, stop: "2600", target: "2450"))) == ["plan.bracketCrossed"])
    #expect(codes(plan(exits(.buy, .market, stop: "2600", target: "2600"))) == ["plan.bracketCrossed"])
    #expect(codes(plan(exits(.sell, .market, stop: "2450", target: "2600"))) == ["plan.bracketCrossed"])
    #expect(codes(plan(exits(.buy, .limit(price("2500")), stop: "2510", target: "2600"))) == ["plan.bracketCrossed"])
    #expect(codes(plan(exits(.buy, .limit(price("2500")), stop: "2450", target: "2490"))) == ["plan.bracketCrossed"])
    #expect(codes(plan(exits(.buy, .limit(price("2500")), stop: "2450", target: "2600"))) == [])
    #expect(codes(plan(exits(.sell, .limit(price("2500")), stop: "2600", target: "2450"))) == [])
  }

  @Test func `distances become exits, numbered after the alert's own legs`() throws {
    let guarded = leg(1) {
      $0.stopLossDistance = price("10")
      $0.targetDistance = price("20")
      $0.isAfterMarket = true
      $0.validity = .immediateOrCancel
    }
    let other = leg(4, .sell, .market, .lots(lots(1)), Self.nifty) { $0.stopLossDistance = price("5") }
    let plan = try plan([guarded, other]).get()
    #expect(plan.style == .bracket)
    #expect(plan.legs.map(\.number) == [1, 4, 5, 6, 7])
    #expect(plan.legs.map(\.role) == [.entry, .entry, .stop, .target, .stop])
    #expect(plan.legs.map(\.entryNumber) == [nil, nil, 1, 1, 4])
    #expect(plan.legs.map(\.rank) == [0, 0, 1, 1, 1])
    #expect(plan.legs[2].pricing == .stop(distance: price("10")))
    #expect(plan.legs[3].pricing == .target(distance: price("20")))
    #expect(plan.legs.map(\.side) == [.buy, .sell, .sell, .sell, .buy])
    #expect(plan.legs[2].validity == .day && !plan.legs[2].isAfterMarket)
    #expect(plan.legs[4].instrument == Sample.niftyCall)
    #expect(plan.legs[4].slices.map(\.correlationID) == [certain(CorrelationID(alert: Sample.alert, leg: 7, slice: 1))])
  }

  @Test func `an exit by distance and one as a leg complete each other, and never double`() throws {
    let entry = leg(1) { $0.stopLossDistance = price("10") }
    let target = leg(2, .sell, .limit(price("2600")))
    #expect(try plan([entry, target]).get().legs.map(\.role) == [.entry, .target, .stop])
    #expect(
      codes(plan([entry, leg(2, .sell, .stopMarket(trigger: price("2450")))])) == ["1 plan.exitTwice"])
  }

  @Test func `distances that lead nowhere are refused`() {
    #expect(codes(plan([leg { $0.stopLossDistance = .zero }])) == ["1 plan.exitImpossible"])
    #expect(
      codes(plan([leg(1, .buy, .limit(price("10"))) { $0.stopLossDistance = price("10") }]))
        == ["1 plan.exitImpossible"])
    #expect(
      codes(plan([leg(1, .sell, .limit(price("10"))) { $0.targetDistance = price("11") }]))
        == ["1 plan.exitImpossible"])
  }

  @Test func `sequential legs go one after the other`() throws {
    let plan = try plan([leg(1), leg(2, .sell), leg(5)]) { $0.execution = .sequential }.get()
    #expect(plan.style == .sequential)
    #expect(plan.legs.map(\.rank) == [0, 1, 2])
  }

  @Test func `sequential legs carry no distances`() {
    let guarded = leg(1) { $0.stopLossDistance = price("10") }
    #expect(
      codes(plan([guarded, leg(2)]) { $0.execution = .sequential }) == ["1 plan.sequentialProtection"])
  }

  /// It used to be planned as a bracket without an entry, of which nothing was ever sent.
  @Test func `an exit alone closes something older and is sent like any order`() throws {
    let plan = try plan([leg(1, .sell) { $0.role = .exit }]).get()
    #expect(plan.style == .parallel)
    #expect(plan.legs.map(\.role) == [.exit])
    #expect(plan.legs.map(\.entryNumber) == [nil])
  }

  @Test func `the plan keeps what the alert said of it`() throws {
    let plan = try plan([leg()]) {
      $0.strategy = "breakout"
      $0.endPolicy = .unwind
    }.get()
    #expect(plan.alert == Sample.alert)
    #expect(plan.strategy == "breakout")
    #expect(plan.endPolicy == .unwind)
  }
}
