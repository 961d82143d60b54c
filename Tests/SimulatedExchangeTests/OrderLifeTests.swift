import OrderDomain
import Testing

@testable import SimulatedExchange

private typealias Floor = TradingFloor

@Suite struct OrderLifeTests {
  @Test("A market order fills whole and at once at the opposite quote")
  func market() throws {
    var floor = Floor()
    let buy = try floor.place(Floor.order(.buy, 5, tag: "a"))
    _ = try floor.place(Floor.order(.sell, 3))
    let events = floor.wait()
    #expect(events.map(\.line) == ["accepted", "filled 5 @ 100.05", "accepted", "filled 3 @ 99.95"])
    #expect(events.map(\.sequence) == [1, 2, 3, 4])
    #expect(events[1].cumulativeFilled == units(5))
    #expect(events[1].tag == "a")
    let order = try #require(floor.order(buy))
    #expect(order.state == .filled)
    #expect(order.averagePrice == rupees("100.05"))
    #expect(order.remaining == .zero)
    #expect(order.exchangeOrderID == "1100000000000001")
  }

  @Test("Slippage worsens market orders by ticks, and stays inside the band")
  func slippage() throws {
    var floor = Floor { $0.slippageTicks = 3 }
    _ = try floor.place(Floor.order(.buy, 1))
    _ = try floor.place(Floor.order(.sell, 1))
    floor.set("110", of: Floor.bandedShare)
    _ = try floor.place(Floor.order(.buy, 1, of: Floor.bandedShare))
    #expect(floor.tradeBook.map(\.price) == [rupees("100.20"), rupees("99.80"), rupees("110")])
  }

  @Test("A limit that reaches the quote fills at the quote, one that does not rests until the price comes to it")
  func limit() throws {
    var floor = Floor()
    _ = try floor.place(Floor.order(.buy, 1, .limit(rupees("101"))))
    let resting = try floor.place(Floor.order(.buy, 1, .limit(rupees("99"))))
    #expect(floor.wait().map(\.line) == ["accepted", "filled 1 @ 100.05", "accepted"])
    floor.set("99.00")
    #expect(floor.wait().isEmpty)
    #expect(floor.state(resting) == .pending)
    floor.set("98.00")
    #expect(floor.wait().map(\.line) == ["filled 1 @ 99.00"])
    #expect(floor.wait(milliseconds: 100_000).isEmpty)
  }

  @Test("Resting orders fill by price, then by age")
  func priority() throws {
    var floor = Floor()
    let low = try floor.place(Floor.order(.buy, 1, .limit(rupees("98"))))
    let first = try floor.place(Floor.order(.buy, 1, .limit(rupees("99"))))
    let second = try floor.place(Floor.order(.buy, 1, .limit(rupees("99"))))
    _ = floor.wait()
    floor.set("90")
    #expect(floor.wait().map(\.orderID) == [first, second, low])
  }

  @Test("A stop sleeps until the last price reaches its trigger, then works as limit or market")
  func stops() throws {
    var floor = Floor()
    let stopMarket = try floor.place(Floor.order(.buy, 1, .stopMarket(trigger: rupees("101"))))
    let stopLimit = try floor.place(Floor.order(.sell, 1, .stopLimit(trigger: rupees("99"), limit: rupees("98.90"))))
    #expect(floor.wait().map(\.line) == ["accepted", "accepted"])
    floor.set("100.95")
    #expect(floor.wait().isEmpty)
    floor.set("101")
    #expect(floor.wait().map(\.line) == ["triggered", "filled 1 @ 101.05"])
    floor.set("98.50")
    #expect(floor.wait().map(\.line) == ["triggered"])
    #expect(floor.order(stopLimit)?.isTriggered == true)
    floor.set("99.20")
    #expect(floor.wait().map(\.line) == ["filled 1 @ 98.90"])
    #expect(floor.state(stopMarket) == .filled)
  }

  @Test("With little liquidity an order fills in whole lots over the price steps")
  func partialFills() throws {
    var floor = Floor { $0.liquidity = .perStep(units(140)) }
    let id = try floor.place(Floor.order(.buy, 260, of: Floor.call))
    #expect(floor.wait().map(\.line) == ["accepted", "part 130 @ 100.05"])
    #expect(floor.state(id) == .partiallyFilled)
    #expect(floor.exchange.quote(Floor.call, at: floor.time).offered == .zero)
    let events = floor.wait(milliseconds: 1_000)
    #expect(events.map(\.line) == ["filled 130 @ 100.05"])
    #expect(events.first?.cumulativeFilled == units(260))
    #expect(floor.exchange.trades(of: id, account: Floor.account).map(\.quantity) == [units(130), units(130)])
  }

  @Test("What an IOC order does not get at once is cancelled")
  func immediateOrCancel() throws {
    var floor = Floor { $0.liquidity = .perStep(units(3)) }
    let id = try floor.place(Floor.order(.buy, 5, validity: .immediateOrCancel))
    _ = try floor.place(Floor.order(.buy, 5, .limit(rupees("90")), validity: .immediateOrCancel))
    let expected = [
      "accepted", "part 3 @ 100.05", "cancelled by immediateOrCancel", "accepted", "cancelled by immediateOrCancel",
    ]
    #expect(floor.wait().map(\.line) == expected)
    #expect(floor.order(id)?.filled == units(3))
    #expect(floor.order(id)?.cancelCause == .immediateOrCancel)
    #expect(floor.funds.blockedByOrders == .zero)
  }

  @Test("Latency leads an order through transit and pending to its fill at the given moments")
  func latency() throws {
    var floor = Floor { $0.latency = ExchangeLatency(transit: 20_000_000, match: 5_000_000) }
    let id = try floor.place(Floor.order(.buy, 1))
    #expect(floor.wait(milliseconds: 19).isEmpty)
    #expect(floor.state(id) == .transit)
    #expect(floor.order(id)?.exchangeOrderID == nil)
    #expect(floor.exchange.nextEventTime == Floor.start.adding(nanoseconds: 20_000_000))
    #expect(floor.wait(milliseconds: 1).map(\.line) == ["accepted"])
    #expect(floor.state(id) == .pending)
    #expect(floor.wait(milliseconds: 4).isEmpty)
    let events = floor.wait(milliseconds: 100)
    #expect(events.map(\.line) == ["filled 1 @ 100.05"])
    #expect(events.first?.time == Floor.start.adding(nanoseconds: 25_000_000))
    #expect(floor.exchange.nextEventTime == nil)
  }

  @Test("An order in transit can be modified but not cancelled")
  func inTransit() throws {
    var floor = Floor { $0.latency = ExchangeLatency(transit: 20_000_000) }
    let id = try floor.place(Floor.order(.buy, 2))
    #expect(floor.cancel(id) == .refused(.inTransit))
    #expect(floor.modify(id, OrderAmendment(quantity: units(3))) == .acknowledged)
    #expect(floor.wait(milliseconds: 20).map(\.line) == ["modified to market 3", "accepted", "filled 3 @ 100.05"])
  }

  @Test("A fill may win the race against a slow cancel, and a cancel against a late fill")
  func cancelRace() throws {
    var floor = Floor { $0.latency = ExchangeLatency(cancel: 10_000_000) }
    let filled = try floor.place(Floor.order(.buy, 1, .limit(rupees("99"))))
    let cancelled = try floor.place(Floor.order(.buy, 1, .limit(rupees("90"))))
    #expect(floor.cancel(filled) == .acknowledged)
    #expect(floor.cancel(cancelled) == .acknowledged)
    _ = floor.wait(milliseconds: 5)
    floor.set("95")
    #expect(floor.wait(milliseconds: 5).map(\.line) == ["filled 1 @ 99.00", "cancelled by trader"])
    floor.set("80")
    #expect(floor.wait().isEmpty)
    #expect(floor.cancel(filled) == .refused(.alreadyFinal(.filled)))
    #expect(floor.cancel(cancelled) == .refused(.alreadyFinal(.cancelled)))
  }

  @Test("A modification changes price, quantity and type, and may fill at once")
  func modify() throws {
    var floor = Floor()
    let id = try floor.place(Floor.order(.buy, 1, .limit(rupees("90"))))
    #expect(floor.modify(id, OrderAmendment(type: .limit(rupees("95")), quantity: units(4))) == .acknowledged)
    #expect(floor.funds.blockedByOrders == Money(rupees: 76))
    #expect(floor.modify(id, OrderAmendment(type: .stopMarket(trigger: rupees("101")))) == .acknowledged)
    floor.set("90")
    #expect(floor.state(id) == .pending)
    #expect(floor.modify(id, OrderAmendment(type: .market)) == .acknowledged)
    let expected = [
      "accepted", "modified to limit 4", "modified to stop_market 4", "modified to market 4", "filled 4 @ 90.05",
    ]
    #expect(floor.wait().map(\.line) == expected)
    #expect(floor.order(id)?.modificationCount == 3)
  }

  @Test("A modification is refused where it breaks a rule, comes too often or asks for less than has filled")
  func modificationRefusals() throws {
    var floor = Floor(funds: 1_000) {
      $0.modificationLimit = 2
      $0.liquidity = .perStep(units(2))
    }
    let id = try floor.place(Floor.order(.buy, 5, .limit(rupees("100.05")), product: .delivery))
    #expect(floor.modify(id, OrderAmendment(quantity: units(2))) == .refused(.quantityNotAboveFilled(units(2))))
    let offTick = OrderAmendment(type: .limit(rupees("99.99")))
    let tick = RuleTests.tick
    #expect(floor.modify(id, offTick) == .refused(.rejected(.notOnTick(price: rupees("99.99"), tick: tick))))
    // Two have filled at 100.05; the eight others would need 800.40 of the 799.90 that are left.
    let tooDear = ExchangeRejection.insufficientFunds(
      required: Money(tenThousandths: 8_004_000), available: Money(tenThousandths: 7_999_000))
    #expect(floor.modify(id, OrderAmendment(quantity: units(10))) == .refused(.rejected(tooDear)))
    #expect(floor.modify(id, OrderAmendment(quantity: units(9))) == .acknowledged)
    #expect(floor.modify(id, OrderAmendment(quantity: units(8))) == .acknowledged)
    #expect(floor.modify(id, OrderAmendment(quantity: units(7))) == .refused(.tooManyModifications(limit: 2)))
    #expect(floor.order(id)?.modificationCount == 2)
    let unknown = try #require(BrokerOrderID("260908000999999"))
    #expect(floor.modify(unknown, offTick) == .refused(.unknownOrder))
    #expect(floor.cancel(unknown) == .refused(.unknownOrder))
  }

  @Test("A slow modification to less than has filled meanwhile changes nothing")
  func lateModification() throws {
    var floor = Floor {
      $0.latency = ExchangeLatency(modify: 10_000_000)
      $0.liquidity = .perStep(units(5))
    }
    let id = try floor.place(Floor.order(.buy, 20))
    _ = floor.wait(milliseconds: 995)
    #expect(floor.modify(id, OrderAmendment(quantity: units(8))) == .acknowledged)
    #expect(floor.wait(milliseconds: 10).map(\.line) == ["part 5 @ 100.05"])
    #expect(floor.order(id)?.quantity == units(20))
    #expect(floor.modify(id, OrderAmendment(quantity: units(12))) == .acknowledged)
    #expect(floor.wait(milliseconds: 10).map(\.line) == ["modified to market 12"])
    #expect(floor.wait(milliseconds: 1_000).map(\.line) == ["filled 2 @ 100.05"])
  }

  @Test("A triggered stop takes a new price, and never becomes a stop again")
  func modifyTriggered() throws {
    var floor = Floor()
    let id = try floor.place(Floor.order(.buy, 1, .stopLimit(trigger: rupees("100"), limit: rupees("100"))))
    #expect(floor.order(id)?.isTriggered == true)
    let stop = OrderAmendment(type: .stopLimit(trigger: rupees("102"), limit: rupees("103")))
    #expect(floor.modify(id, stop) == .refused(.alreadyTriggered))
    #expect(floor.modify(id, OrderAmendment(type: .limit(rupees("100.05")))) == .acknowledged)
    #expect(floor.state(id) == .filled)
  }

  @Test("Orders that share a tag are all found by it, each under its own id")
  func sharedTag() throws {
    var floor = Floor()
    let ids = try (0..<3).map { _ in try floor.place(Floor.order(.buy, 1, tag: "twin")) }
    _ = try floor.place(Floor.order(.buy, 1, tag: "other"))
    #expect(floor.exchange.orders(tagged: "twin", account: Floor.account).map(\.id) == ids)
    #expect(floor.exchange.orders(tagged: "nobody", account: Floor.account).isEmpty)
  }

  @Test("Ids are rising decimal strings, and differ from another epoch's")
  func ids() throws {
    var floor = Floor()
    var other = Floor { $0.epoch = 7 }
    let ids = try (0..<3).map { _ in try floor.place(Floor.order(.buy, 1)).text }
    #expect(ids == ["260908000000001", "260908000000002", "260908000000003"])
    #expect(try other.place(Floor.order(.buy, 1)).text == "260908007000001")
    #expect(floor.tradeBook.map(\.id.text) == ["207040000000001", "207040000000002", "207040000000003"])
    let numbering = OrderNumbering(epoch: 7, day: Floor.day)
    for number: UInt64 in [1, 999_999, 1_000_000, 12_345_678] {
      #expect(OrderNumbering.number(in: numbering.orderID(number)) == number)
    }
  }

  @Test("Time that runs backwards counts as the latest seen")
  func backwards() throws {
    var floor = Floor()
    _ = floor.wait(milliseconds: 5_000)
    let answer = floor.exchange.submit(Floor.order(.buy, 1), account: Floor.account, at: Floor.start)
    #expect(answer != .refused(.marketClosed))
    #expect(floor.tradeBook.map(\.time) == [floor.time])
  }
}
