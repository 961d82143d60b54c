import OrderDomain
import Testing

@testable import SimulatedExchange

private typealias Floor = TradingFloor

@Suite struct MarketHoursTests {
  private static let table = SessionTable(
    sessions: [.nseEquity: TradingSession(from: 9, 15, until: 15, 30)], holidays: [Floor.day.adding(days: 1)],
    specialDays: [Floor.day.adding(days: 4)])

  /// 2026-09-08 is a Tuesday; Wednesday is a holiday, Saturday special.
  private static func moment(_ days: Int32, _ hour: Int64, _ minute: Int64, _ second: Int64 = 0) -> Timestamp {
    let midnight = Int64(Floor.day.adding(days: days).daysSinceEpoch) * 86_400 - 19_800
    return must(Timestamp(seconds: midnight + hour * 3_600 + minute * 60 + second))
  }

  private func floor(_ change: (inout ExchangeConfiguration) -> Void = { _ in }) -> Floor {
    Floor {
      $0.hours = .sessions(MarketHoursTests.table)
      change(&$0)
    }
  }

  @Test(
    "A session is open from its first second to its last, on trading days",
    arguments: [
      (moment(0, 9, 14, 59), false), (moment(0, 9, 15), true), (moment(0, 15, 29, 59), true),
      (moment(0, 15, 30), false), (moment(1, 10, 0), false), (moment(2, 10, 0), true), (moment(4, 10, 0), true),
      (moment(5, 10, 0), false),
    ])
  func openings(time: Timestamp, isOpen: Bool) {
    let hours = MarketHours.sessions(MarketHoursTests.table)
    #expect(hours.isOpen(.nseEquity, at: time) == isOpen)
    #expect(!hours.isOpen(.mcxCommodity, at: time))
    #expect(MarketHours.aroundTheClock.isOpen(.mcxCommodity, at: time))
  }

  @Test("The next opening skips holidays and weekends")
  func nextOpening() {
    let hours = MarketHours.sessions(MarketHoursTests.table)
    #expect(hours.nextOpening(.nseEquity, after: Self.moment(0, 8, 0)) == Self.moment(0, 9, 15))
    #expect(hours.nextOpening(.nseEquity, after: Self.moment(0, 9, 15)) == Self.moment(2, 9, 15))
    #expect(hours.nextOpening(.nseEquity, after: Self.moment(4, 16, 0)) == Self.moment(6, 9, 15))
    #expect(hours.nextOpening(.mcxCommodity, after: Self.moment(0, 8, 0)) == nil)
  }

  @Test("Out of hours an order is refused unless it is an after-market order, in hours the other way round")
  func refusal() throws {
    var floor = floor()
    #expect(floor.submit(Floor.order(.buy, 1, isAfterMarket: true)) == .refused(.marketOpen))
    floor.time = Self.moment(0, 15, 30)
    #expect(floor.submit(Floor.order(.buy, 1)) == .refused(.marketClosed))
    _ = try floor.place(Floor.order(.buy, 1, isAfterMarket: true))
  }

  @Test("An after-market order waits for the opening, over the roll of the day, and fills then")
  func afterMarket() throws {
    var floor = floor()
    floor.time = Self.moment(0, 16, 0)
    let id = try floor.place(Floor.order(.buy, 1, .limit(rupees("105")), isAfterMarket: true))
    #expect(floor.wait().map(\.line) == ["accepted"])
    floor.exchange.rollDay(to: Floor.day.adding(days: 2), at: Self.moment(2, 6, 0))
    #expect(floor.state(id) == .pending)
    #expect(floor.orderBook.map(\.id) == [id])
    #expect(floor.exchange.nextEventTime == Self.moment(2, 9, 15))
    let events = floor.exchange.advance(to: Self.moment(2, 9, 15))
    // At the quote, as a newcomer, and not at the limit like one who waited in the book.
    #expect(events.map(\.line) == ["filled 1 @ 100.05"])
  }

  @Test("A resting order sleeps while the market is closed, whatever the price does")
  func sleep() throws {
    var floor = floor()
    let id = try floor.place(Floor.order(.buy, 1, .limit(rupees("95"))))
    floor.time = Self.moment(0, 16, 0)
    floor.set("90")
    #expect(floor.wait().map(\.line) == ["accepted"])
    #expect(floor.modify(id, OrderAmendment(type: .market)) == .refused(.rejected(.marketClosed)))
    #expect(floor.cancel(id) == .acknowledged)
  }

  @Test("A session that ends while an order is on its way lets it rest, and cancels an IOC order")
  func endOnTheWay() throws {
    var floor = floor { $0.latency = ExchangeLatency(transit: 2_000_000_000) }
    floor.time = Self.moment(0, 15, 29, 59)
    let day = try floor.place(Floor.order(.buy, 1))
    let immediate = try floor.place(Floor.order(.buy, 1, .limit(rupees("101")), validity: .immediateOrCancel))
    _ = floor.wait(milliseconds: 5_000)
    #expect(floor.state(day) == .pending)
    #expect(floor.state(immediate) == .cancelled)
    #expect(floor.exchange.advance(to: Self.moment(2, 9, 15)).map(\.line) == ["filled 1 @ 100.05"])
  }
}
