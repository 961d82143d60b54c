import OrderDomain
import Testing

@testable import SimulatedExchange

private typealias Floor = TradingFloor

/// No spread: orders fill at the price that the test sets.
private func flatFloor(funds: Int64 = 10_000_000, _ change: (inout ExchangeConfiguration) -> Void = { _ in }) -> Floor {
  Floor(funds: funds) {
    $0.halfSpreadTicks = 0
    change(&$0)
  }
}

@Suite struct AccountTests {
  fileprivate struct Margin: Sendable {
    let order: NewOrder
    let blocked: Int64

    init(_ order: NewOrder, _ blocked: Int64) {
      self.order = order
      self.blocked = blocked
    }
  }

  @Test("Fills net by average cost: realised, open cost, averages and unrealised are exact")
  func netting() throws {
    var floor = flatFloor()
    _ = try floor.place(Floor.order(.buy, 3))
    floor.set("100.10")
    _ = try floor.place(Floor.order(.buy, 4))
    floor.set("101")
    _ = try floor.place(Floor.order(.sell, 2))
    let position = try #require(floor.positions.first)
    // 7 units cost 700.40; two of them take 200.1142 along, rounded down, and the rest keeps the remainder.
    #expect(position.net == 5)
    #expect(position.openCost == Money(tenThousandths: 5_002_858))
    #expect(position.realised == Money(tenThousandths: 18_858))
    #expect(position.averageOpen == Price(tenThousandths: 1_000_572))
    #expect(position.averageBought == Price(tenThousandths: 1_000_571))
    #expect(position.averageSold == rupees("101"))
    #expect(position.unrealised == Money(tenThousandths: 5_050_000 - 5_002_858))
    #expect(position.soldValue - position.boughtValue == position.realised - position.openCost)
    #expect(floor.funds.cash == Money(rupees: 10_000_000) + position.realised)
  }

  @Test("A sale beyond what is open turns the position over")
  func turnover() throws {
    var floor = flatFloor()
    _ = try floor.place(Floor.order(.buy, 2))
    floor.set("110")
    _ = try floor.place(Floor.order(.sell, 5))
    let position = try #require(floor.positions.first)
    #expect(position.net == -3)
    #expect(position.openCost == Money(rupees: 330))
    #expect(position.realised == Money(rupees: 20))
    #expect(position.unrealised == .zero)
    floor.set("100")
    _ = try floor.place(Floor.order(.buy, 3))
    #expect(floor.positions.first?.net == 0)
    #expect(floor.positions.first?.realised == Money(rupees: 50))
    #expect(floor.funds.used == .zero)
  }

  @Test("Products of one instrument are positions of their own")
  func products() throws {
    var floor = flatFloor()
    _ = try floor.place(Floor.order(.buy, 1))
    _ = try floor.place(Floor.order(.buy, 2, product: .delivery))
    #expect(floor.positions.map(\.net) == [1, 2])
  }

  @Test(
    "A position blocks its share: premium in full, sold options by strike, futures and intraday by value",
    arguments: [
      Margin(Floor.order(.buy, 65, of: Floor.call), 6_500),
      Margin(Floor.order(.sell, 65, of: Floor.call), 243_750),  // 15 % of 65 × ₹25,000
      Margin(Floor.order(.buy, 65, of: Floor.future), 9_750),  // 15 % of 65 × ₹1,000
      Margin(Floor.order(.sell, 65, of: Floor.future), 9_750),
      Margin(Floor.order(.sell, 10), 200),  // 20 % of 10 × ₹100
      Margin(Floor.order(.buy, 10, product: .delivery), 1_000),
    ])
  fileprivate func margins(_ row: Margin) throws {
    let (order, blocked) = (row.order, row.blocked)
    var floor = flatFloor()
    #expect(floor.exchange.margin(for: order, account: Floor.account) == Money(rupees: blocked))
    _ = try floor.place(order)
    #expect(floor.funds.blockedByPositions == Money(rupees: blocked))
    #expect(floor.funds.blockedByOrders == .zero)
    #expect(floor.funds.available == Money(rupees: 10_000_000 - blocked))
  }

  @Test("A resting order blocks, and gives back what its cancel leaves over")
  func blocking() throws {
    var floor = flatFloor { $0.liquidity = .perStep(units(4)) }
    let id = try floor.place(Floor.order(.buy, 10, .limit(rupees("100")), product: .delivery))
    #expect(floor.funds.blockedByPositions == Money(rupees: 400))
    #expect(floor.funds.blockedByOrders == Money(rupees: 600))
    _ = floor.cancel(id)
    #expect(floor.funds.blockedByOrders == .zero)
    #expect(floor.funds.available == Money(rupees: 9_999_600))
  }

  @Test("An order that only closes needs no funds; what goes beyond does")
  func closing() throws {
    var floor = flatFloor(funds: 6_500)
    _ = try floor.place(Floor.order(.buy, 65, of: Floor.call))
    #expect(floor.funds.available == .zero)
    let beyond = ExchangeRejection.insufficientFunds(required: Money(rupees: 243_750), available: .zero)
    #expect(floor.submit(Floor.order(.sell, 130, of: Floor.call)) == .refused(beyond))
    let exit = try floor.place(Floor.order(.sell, 65, .limit(rupees("110")), of: Floor.call))
    // The position is spoken for: a second exit would open a short.
    #expect(floor.submit(Floor.order(.sell, 65, of: Floor.call)) == .refused(beyond))
    _ = floor.cancel(exit)
    _ = try floor.place(Floor.order(.sell, 65, of: Floor.call))
    #expect(floor.funds.available == Money(rupees: 6_500))
  }

  @Test("Charges are taken once an order and on each fill's value")
  func charges() throws {
    var floor = flatFloor {
      $0.charges = ChargeTable(perOrder: Money(rupees: 20), millionthsOfValue: 1_000)
      $0.liquidity = .perStep(units(1))
    }
    _ = try floor.place(Floor.order(.buy, 2))
    _ = floor.wait(milliseconds: 1_000)
    #expect(floor.funds.charges == Money(tenThousandths: 202_000))
    #expect(floor.funds.cash == Money(rupees: 10_000_000) - floor.funds.charges)
  }

  @Test("An account opened with what another exchange left owns the same")
  func restart() throws {
    var before = flatFloor()
    _ = try before.place(Floor.order(.buy, 7, product: .delivery))
    before.exchange.rollDay(to: Floor.day.adding(days: 1), at: before.time)
    _ = try before.place(Floor.order(.sell, 3, product: .delivery))
    _ = try before.place(Floor.order(.sell, 65, of: Floor.call, product: .margin))
    let state = try #require(before.exchange.state(of: Floor.account))

    let other = must(AccountID("again"))
    var after = flatFloor()
    after.exchange.openAccount(other, holding: state)
    #expect(after.exchange.state(of: other) == state)
    #expect(after.exchange.funds(of: other)?.used == before.funds.used)
    #expect(after.exchange.funds(of: other)?.available == before.funds.available)
    #expect(after.exchange.holdings(of: other) == before.holdings)
    #expect(after.exchange.positions(of: other)?.map(\.carried) == [-3, -65])
  }

  @Test("Accounts do not see each other's orders or money")
  func separation() throws {
    var floor = flatFloor()
    let other = must(AccountID("other"))
    let answers = [5, 500].map { floor.exchange.openAccount(other, funds: Money(rupees: $0)) }
    #expect(answers == [true, false])
    let id = try floor.place(Floor.order(.buy, 1, .limit(rupees("90")), tag: "x"))
    #expect(floor.exchange.order(id, account: other) == nil)
    #expect(floor.exchange.orders(tagged: "x", account: other).isEmpty)
    #expect(floor.exchange.orderBook(of: other) == [])
    #expect(floor.exchange.cancel(id, account: other, at: floor.time) == .refused(.unknownOrder))
    #expect(floor.exchange.funds(of: other)?.available == Money(rupees: 5))
  }
}

@Suite struct DayTests {
  private let tomorrow = Floor.day.adding(days: 1)

  @Test("Rolling the day expires what rests, and empties the books")
  func expiry() throws {
    var floor = flatFloor()
    let resting = try floor.place(Floor.order(.buy, 1, .limit(rupees("90"))))
    let stop = try floor.place(Floor.order(.buy, 1, .stopMarket(trigger: rupees("120"))))
    _ = floor.wait()
    floor.exchange.rollDay(to: tomorrow, at: floor.time)
    #expect(floor.wait().map(\.line) == ["expired", "expired"])
    #expect(floor.state(resting) == .expired)
    #expect(floor.state(stop) == .expired)
    #expect(floor.orderBook.isEmpty)
    #expect(floor.tradeBook.isEmpty)
    #expect(floor.funds.used == .zero)
    #expect(try floor.place(Floor.order(.buy, 1)).text == "260909000000003")
    floor.exchange.rollDay(to: tomorrow, at: floor.time)
    #expect(floor.orderBook.count == 1)
  }

  @Test("Delivery bought is sellable the same day, a holding after the roll, and cash again a day after its sale")
  func delivery() throws {
    var floor = flatFloor(funds: 2_000)
    _ = try floor.place(Floor.order(.buy, 10, product: .delivery))
    #expect(floor.holdings.isEmpty)
    _ = try floor.place(Floor.order(.sell, 4, product: .delivery))
    floor.exchange.rollDay(to: tomorrow, at: floor.time)
    #expect(floor.positions.isEmpty)
    #expect(floor.holdings.map(\.units) == [6])
    #expect(floor.holdings.first?.cost == Money(rupees: 600))
    #expect(floor.funds.cash == Money(rupees: 1_400))

    floor.set("120")
    _ = try floor.place(Floor.order(.sell, 5, product: .delivery))
    #expect(floor.holdings.first?.sellable == 1)
    #expect(
      floor.submit(Floor.order(.sell, 2, product: .delivery))
        == .refused(.notEnoughHoldings(wanted: units(2), sellable: units(1))))
    #expect(floor.funds.available == Money(rupees: 1_400))
    floor.exchange.rollDay(to: tomorrow.adding(days: 1), at: floor.time)
    #expect(floor.holdings.map(\.units) == [1])
    #expect(floor.funds.cash == Money(rupees: 2_000))
    #expect(floor.funds.realised == Money(rupees: 100))
  }

  @Test("Intraday positions and expired contracts are closed by orders of the broker's own")
  func squareOff() throws {
    var floor = flatFloor()
    _ = try floor.place(Floor.order(.sell, 3))
    _ = try floor.place(Floor.order(.buy, 65, of: Floor.future, product: .margin))
    _ = try floor.place(Floor.order(.buy, 65, of: Floor.call, product: .margin))
    floor.set("90")
    _ = floor.wait()
    floor.exchange.rollDay(to: tomorrow, at: floor.time)
    let events = floor.wait()
    #expect(events.map(\.line) == ["accepted", "filled 3 @ 90.00", "accepted", "filled 65 @ 1000.00"])
    #expect(events.allSatisfy { $0.tag == SimulatedExchange.squareOffTag })
    let position = try #require(floor.positions.first)
    #expect(floor.positions.count == 1)
    #expect(position.carried == 65)
    #expect(position.carriedCost == Money(rupees: 6_500))
    #expect(position.boughtToday == 0)
    #expect(position.bought == 65)
    #expect(floor.funds.opening == Money(rupees: 10_000_030))
    #expect(floor.funds.realisedToday == .zero)
    #expect(floor.funds.realised == Money(rupees: 30))
  }

  @Test("The close becomes the last price of the day before, and moves the default band")
  func close() throws {
    var floor = flatFloor { $0.defaultBand = 2_000 }
    #expect(floor.exchange.quote(Floor.share, at: floor.time).band == rupees("80")...rupees("120"))
    floor.set("150")
    #expect(floor.exchange.quote(Floor.share, at: floor.time).lastPrice == rupees("120"))
    floor.exchange.rollDay(to: tomorrow, at: floor.time)
    let quote = floor.exchange.quote(Floor.share, at: floor.time)
    #expect(quote.close == rupees("120"))
    #expect(quote.band == rupees("96")...rupees("144"))
  }
}
