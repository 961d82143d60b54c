import OrderDomain
import Testing

@testable import SimulatedExchange

private typealias Floor = TradingFloor

@Suite struct RetentionTests {
  @Test("Closed orders are kept up to the limit, the oldest closed forgotten first; live ones are never forgotten")
  func limit() throws {
    var floor = Floor { $0.closedOrdersKept = 3 }
    let live = try floor.place(Floor.order(.buy, 1, .limit(rupees("90")), tag: "t"))
    let closed = try (0..<5).map { _ in try floor.place(Floor.order(.buy, 1, tag: "t")) }
    #expect(floor.exchange.keptOrderCount == 4)
    #expect(closed.map { floor.order($0) == nil } == [true, true, false, false, false])
    #expect(floor.orderBook.map(\.id) == [live] + closed.suffix(3))
    #expect(floor.exchange.orders(tagged: "t", account: Floor.account).map(\.id) == [live] + closed.suffix(3))
    #expect(floor.cancel(closed[0]) == .refused(.unknownOrder))
    #expect(floor.cancel(live) == .acknowledged)
    #expect(floor.orderBook.map(\.id) == [live] + closed.suffix(2))
    #expect(floor.positions.first?.net == 5)
    // Two more push out the two others, the third the order that had outlived its neighbours.
    let younger = try (0..<3).map { _ in try floor.place(Floor.order(.buy, 1, tag: "t")) }
    #expect(floor.exchange.orders(tagged: "t", account: Floor.account).map(\.id) == younger)
    #expect(floor.orderBook.map(\.id) == younger)
  }

  @Test("Trades are kept up to the limit, the newest of them")
  func trades() throws {
    var floor = Floor { $0.tradesKept = 3 }
    let ids = try (0..<5).map { _ in try floor.place(Floor.order(.buy, 1)) }
    #expect(floor.tradeBook.map(\.orderID) == Array(ids.suffix(3)))
    #expect(floor.exchange.trades(of: ids[0], account: Floor.account).isEmpty)
    #expect(floor.exchange.trades(of: ids[4], account: Floor.account).count == 1)
  }

  @Test("Nothing kept at all still trades", arguments: [(0, 0), (0, 1), (1, 0)])
  func none(orders: Int, trades: Int) throws {
    var floor = Floor {
      $0.closedOrdersKept = orders
      $0.tradesKept = trades
    }
    for _ in 0..<10 { _ = try floor.place(Floor.order(.buy, 1, tag: "x")) }
    #expect(floor.exchange.keptOrderCount == orders)
    #expect(floor.wait().count == 20)
    #expect(floor.positions.first?.net == 10)
  }

  @Test("Ten thousand orders, half of them resting and cancelled, leave only what is kept")
  func bounded() throws {
    var floor = Floor { $0.closedOrdersKept = 100 }
    var buffer: [ExchangeEvent] = []
    for number in 0..<5_000 {
      _ = try floor.place(Floor.order(number % 2 == 0 ? .buy : .sell, 1, tag: "tag-\(number)"))
      let resting = try floor.place(Floor.order(.buy, 1, .limit(rupees("50"))))
      #expect(floor.cancel(resting) == .acknowledged)
      floor.exchange.advance(to: floor.time, into: &buffer)
      buffer.removeAll(keepingCapacity: true)
    }
    #expect(floor.exchange.keptOrderCount == 100)
    #expect(floor.exchange.liveOrderCount == 0)
    #expect(floor.exchange.orders.slotCount <= 102)
    #expect(floor.exchange.markets.allSatisfy { $0.restingCount <= 1 })
    #expect(floor.exchange.steps.count <= 1)
  }

  @Test("Many cancelled among a few that stay are swept out of the resting books")
  func sweeping() throws {
    var floor = Floor()
    let kept = try (0..<10).map { _ in try floor.place(Floor.order(.buy, 1, .limit(rupees("80")))) }
    for _ in 0..<1_000 {
      let id = try floor.place(Floor.order(.buy, 1, .limit(rupees("70"))))
      #expect(floor.cancel(id) == .acknowledged)
    }
    #expect(floor.exchange.markets.allSatisfy { $0.restingCount <= 10 + 130 })
    floor.set("60")
    #expect(kept.allSatisfy { floor.state($0) == .filled })
  }
}
