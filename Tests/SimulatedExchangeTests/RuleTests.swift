import OrderDomain
import Testing

@testable import SimulatedExchange

private typealias Floor = TradingFloor

@Suite struct RuleTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let order: NewOrder
    let rejection: ExchangeRejection?

    init(_ name: String, _ order: NewOrder, _ rejection: ExchangeRejection? = nil) {
      testDescription = name
      self.order = order
      self.rejection = rejection
    }
  }

  static let tick = must(TickSize(rupees("0.05")))

  static let rows: [Row] = [
    Row("one lot", Floor.order(.buy, 65, of: Floor.call)),
    Row("one unit short of a lot", Floor.order(.buy, 64, of: Floor.call), .notLotMultiple(lot: must(LotSize(65)))),
    Row("one unit past a lot", Floor.order(.buy, 66, of: Floor.call), .notLotMultiple(lot: must(LotSize(65)))),
    Row("the freeze quantity", Floor.order(.buy, 1_755, of: Floor.call)),
    Row("a lot above it", Floor.order(.buy, 1_820, of: Floor.call), .aboveFreeze(largest: units(1_755))),
    Row("nothing", Floor.order(.buy, 0), .zeroQuantity),
    Row("one unit", Floor.order(.buy, 1)),

    Row("a limit on the tick", Floor.order(.buy, 1, .limit(rupees("99.95")))),
    Row(
      "a limit off the tick", Floor.order(.buy, 1, .limit(rupees("99.96"))),
      .notOnTick(price: rupees("99.96"), tick: tick)),
    Row("a limit of nothing", Floor.order(.buy, 1, .limit(.zero)), .zeroPrice),
    Row(
      "a trigger off the tick", Floor.order(.buy, 1, .stopMarket(trigger: rupees("101.01"))),
      .notOnTick(price: rupees("101.01"), tick: tick)),

    Row("the band's top", Floor.order(.buy, 1, .limit(rupees("110")), of: Floor.bandedShare)),
    Row(
      "a tick above it", Floor.order(.buy, 1, .limit(rupees("110.05")), of: Floor.bandedShare),
      .outsideBand(price: rupees("110.05"), band: rupees("90")...rupees("110"))),
    Row("the band's bottom", Floor.order(.buy, 1, .limit(rupees("90")), of: Floor.bandedShare)),
    Row(
      "a tick below it", Floor.order(.buy, 1, .limit(rupees("89.95")), of: Floor.bandedShare),
      .outsideBand(price: rupees("89.95"), band: rupees("90")...rupees("110"))),

    Row("a buy's trigger at the last price", Floor.order(.buy, 1, .stopMarket(trigger: rupees("100")))),
    Row(
      "a buy's trigger a tick below", Floor.order(.buy, 1, .stopMarket(trigger: rupees("99.95"))),
      .triggerOnWrongSide(trigger: rupees("99.95"), lastPrice: rupees("100"))),
    Row("a sell's trigger at the last price", Floor.order(.sell, 1, .stopMarket(trigger: rupees("100")))),
    Row(
      "a sell's trigger a tick above", Floor.order(.sell, 1, .stopMarket(trigger: rupees("100.05"))),
      .triggerOnWrongSide(trigger: rupees("100.05"), lastPrice: rupees("100"))),
    Row(
      "a buy's limit at its trigger", Floor.order(.buy, 1, .stopLimit(trigger: rupees("101"), limit: rupees("101")))),
    Row(
      "a buy's limit a tick short of it",
      Floor.order(.buy, 1, .stopLimit(trigger: rupees("101"), limit: rupees("100.95"))),
      .limitShortOfTrigger(limit: rupees("100.95"), trigger: rupees("101"))),
    Row("a sell's limit at its trigger", Floor.order(.sell, 1, .stopLimit(trigger: rupees("99"), limit: rupees("99")))),
    Row(
      "a sell's limit a tick short of it",
      Floor.order(.sell, 1, .stopLimit(trigger: rupees("99"), limit: rupees("99.05"))),
      .limitShortOfTrigger(limit: rupees("99.05"), trigger: rupees("99"))),

    Row("an IOC limit", Floor.order(.buy, 1, .limit(rupees("100")), validity: .immediateOrCancel)),
    Row(
      "an IOC stop", Floor.order(.buy, 1, .stopMarket(trigger: rupees("101")), validity: .immediateOrCancel),
      .immediateOrCancelNotAllowed),
    Row(
      "an IOC after-market order",
      Floor.order(.buy, 1, .limit(rupees("100")), validity: .immediateOrCancel, isAfterMarket: true),
      .immediateOrCancelNotAllowed),

    Row("a contract on its last day", Floor.order(.buy, 65, of: Floor.future)),
    Row(
      "a contract a day later", Floor.order(.buy, 65, of: Floor.expired),
      .contractExpired(on: Floor.day.adding(days: -1))),
    Row("an index", Floor.order(.buy, 1, of: Floor.index), .notTradable),
    Row("a share for delivery", Floor.order(.buy, 1, product: .delivery)),
    Row("a share by margin", Floor.order(.buy, 1, product: .margin), .productNotAllowed(.margin)),
    Row("an option by margin", Floor.order(.buy, 65, of: Floor.call, product: .margin)),
    Row(
      "an option for delivery", Floor.order(.buy, 65, of: Floor.call, product: .delivery), .productNotAllowed(.delivery)
    ),
    Row(
      "a delivery sold that is not held", Floor.order(.sell, 1, product: .delivery),
      .notEnoughHoldings(wanted: units(1), sellable: .zero)),
  ]

  @Test("A rule holds at its limit and breaks one step past it", arguments: rows)
  func immediate(_ row: Row) {
    var floor = Floor()
    switch floor.submit(row.order) {
    case .acknowledged: #expect(row.rejection == nil)
    case .refused(let rejection):
      #expect(rejection == row.rejection)
      #expect(floor.orderBook.isEmpty)
      #expect(floor.wait().isEmpty)
    }
  }

  @Test("A rule set after the acknowledgement rejects an order that has an id", arguments: rows)
  func late(_ row: Row) throws {
    var floor = Floor { configuration in
      for rule in ExchangeRule.allCases where configuration.rules[rule] == .immediate {
        configuration.rules[rule] = .afterAcknowledgement
      }
    }
    // Nothing can be acknowledged for no units.
    guard row.order.quantity > .zero else { return }
    let id = try floor.place(row.order)
    let events = floor.wait()
    if let rejection = row.rejection {
      #expect(events.map(\.kind) == [.rejected(rejection)])
      #expect(floor.order(id)?.rejection == rejection)
      #expect(floor.state(id) == .rejected)
      #expect(floor.funds.used == .zero)
    } else {
      #expect(events.first?.kind == .accepted)
    }
  }

  @Test("A rule that is off refuses nothing")
  func off() throws {
    var floor = Floor { $0.rules[.lot] = .off }
    _ = try floor.place(Floor.order(.buy, 1, of: Floor.call))
  }

  @Test("SL-M on an option is refused where the exchange's ban is switched on")
  func stopMarketOnOptions() {
    var floor = Floor { $0.rules[.stopMarketOnOptions] = .immediate }
    let order = Floor.order(.buy, 65, .stopMarket(trigger: rupees("101")), of: Floor.call)
    #expect(floor.submit(order) == .refused(.stopMarketNotAllowed))
    let allowed = Floor.order(.buy, 1, .stopMarket(trigger: rupees("101")))
    #expect(floor.submit(allowed) != .refused(.stopMarketNotAllowed))
  }

  @Test("Funds that cover an order to the last rupee suffice; one rupee less names the shortfall")
  func funds() {
    let order = Floor.order(.buy, 10, .limit(rupees("99")), product: .delivery)
    var enough = Floor(funds: 990)
    #expect(enough.submit(order) != .refused(.zeroQuantity))
    #expect(enough.funds.available == .zero)

    var short = Floor(funds: 989)
    let expected = ExchangeRejection.insufficientFunds(required: Money(rupees: 990), available: Money(rupees: 989))
    #expect(short.submit(order) == .refused(expected))
    #expect(expected.shortfall == Money(rupees: 1))
    #expect(expected.words == "Margin shortfall: ₹1.00. Required ₹990.00, available ₹989.00.")
  }

  @Test("An unknown account is refused")
  func unknownAccount() {
    var floor = Floor()
    let answer = floor.exchange.submit(Floor.order(.buy, 1), account: must(AccountID("other")), at: floor.time)
    #expect(answer == .refused(.unknownAccount))
  }

  @Test("IOC is refused in a segment that bars it")
  func barredImmediateOrCancel() {
    var floor = Floor { $0.segmentsWithoutImmediateOrCancel = [.nseEquity] }
    let order = Floor.order(.buy, 1, .limit(rupees("100")), validity: .immediateOrCancel)
    #expect(floor.submit(order) == .refused(.immediateOrCancelNotAllowed))
  }
}
