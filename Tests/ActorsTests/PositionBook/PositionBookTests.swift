import Actors
import OrderDomain
import TestSupport
import Testing

struct PositionBookTests {
  private func position(_ trades: (Side, Int64, String)...) -> Position {
    var position = Position(account: Sample.account, instrument: Sample.reliance, product: .intraday)
    for (side, units, at) in trades { position.add(side, units: units, value: price(at) * units) }
    return position
  }

  @Test func `profit is what has been both bought and sold`() {
    #expect(position((.buy, 10, "100")).realisedProfit == .zero)
    #expect(position((.buy, 10, "100"), (.sell, 10, "110")).realisedProfit == Money(rupees: 100))
    #expect(position((.buy, 10, "100"), (.sell, 4, "110")).realisedProfit == Money(rupees: 40))
    #expect(position((.sell, 10, "110"), (.buy, 10, "100")).realisedProfit == Money(rupees: 100))
    #expect(position((.buy, 10, "100"), (.sell, 10, "90")).realisedProfit == Money(rupees: -100))
    // Ten at 100 and ten at 110 are twenty at 105; five sold at 120 make 15 each.
    #expect(position((.buy, 10, "100"), (.buy, 10, "110"), (.sell, 5, "120")).realisedProfit == Money(rupees: 75))
  }

  /// Both halves used to be rounded down, so a loss could look smaller than it was.
  @Test func `profit is rounded down`() {
    // Three for 0.0100 cost 0.0033 and a third each.
    var position = Position(account: Sample.account, instrument: Sample.reliance, product: .intraday)
    position.add(.buy, units: 3, value: Money(tenThousandths: 100))
    position.add(.sell, units: 1, value: Money(tenThousandths: 34))
    #expect(position.realisedProfit == .zero)
    position.add(.sell, units: 1, value: Money(tenThousandths: 32))
    #expect(position.realisedProfit == Money(tenThousandths: -1))
  }

  @Test func `a position knows its sides and averages`() {
    let position = position((.buy, 10, "100"), (.buy, 30, "104"), (.sell, 50, "110"))
    #expect(position.netUnits == -10)
    #expect(position.boughtUnits == 40)
    #expect(position.soldUnits == 50)
    #expect(position.averageBuyPrice == price("103"))
    #expect(position.averageSellPrice == price("110"))
    #expect(self.position().averageBuyPrice == nil)
  }

  @Test func `a price that comes after its fill adds its value`() {
    var position = position((.buy, 10, "0"))
    position.add(.buy, units: 0, value: Money(rupees: 1000))
    #expect(position.boughtUnits == 10)
    #expect(position.averageBuyPrice == price("100"))
  }

  @Test func `the book is the sum of all fills`() async {
    var random = SeededGenerator(seed: 51)
    let book = PositionBook(executor: SerialQueueExecutor())
    var fills: [(request: OrderRequest, units: Int64, value: Money)] = []
    for _ in 0..<500 {
      let request = Sample.request(
        100, side: Bool.random(using: &random) ? .buy : .sell,
        instrument: Bool.random(using: &random) ? Sample.reliance : Sample.niftyCall,
        account: Bool.random(using: &random) ? Sample.account : Sample.otherAccount,
        product: certain(ProductType.allCases.randomElement(using: &random)))
      let units = Int64.random(in: 1...100, using: &random)
      let value = certain(Price(tenThousandths: .random(in: 1...100_000_000, using: &random))) * units
      fills.append((request, units, value))
      await book.add(request, filled: quantityOf(units), value: value)
    }
    let all = await book.all()
    #expect(all.count == 12)
    for position in all {
      let own = fills.filter {
        $0.request.account == position.account && $0.request.instrument == position.instrument
          && $0.request.product == position.product
      }
      let bought = own.filter { $0.request.side == .buy }
      let sold = own.filter { $0.request.side == .sell }
      #expect(position.boughtUnits == bought.reduce(0) { $0 + $1.units })
      #expect(position.soldUnits == sold.reduce(0) { $0 + $1.units })
      #expect(position.netUnits == position.boughtUnits - position.soldUnits)
      #expect(position.boughtValue == bought.reduce(.zero) { $0 + $1.value })
      #expect(position.soldValue == sold.reduce(.zero) { $0 + $1.value })
    }
  }

  @Test func `all positions come in one order, whatever order they were made in`() async {
    func instrument(_ segment: ExchangeSegment, _ id: UInt64, _ symbol: String) -> Instrument {
      Instrument(
        key: InstrumentKey(segment: segment, securityID: SecurityID(id)), contract: .equity, underlying: symbol,
        tradingSymbol: symbol, brokerSymbol: symbol, lotSize: .one, tickSize: tick("0.05"))
    }
    // Two exchanges may give one number to shares of one name.
    let requests = [
      Sample.request(instrument: instrument(.nseEquity, 9, "ACC"), account: Sample.account, product: .delivery),
      Sample.request(instrument: instrument(.bseEquity, 5, "TCS"), account: Sample.account, product: .delivery),
      Sample.request(instrument: instrument(.bseEquity, 5, "TCS"), account: Sample.account, product: .intraday),
      Sample.request(instrument: instrument(.nseEquity, 5, "TCS"), account: Sample.account, product: .delivery),
      Sample.request(instrument: instrument(.nseEquity, 7, "TCS"), account: Sample.account, product: .delivery),
      Sample.request(instrument: instrument(.nseEquity, 1, "ACC"), account: Sample.otherAccount, product: .delivery),
    ]
    var random = SeededGenerator(seed: 52)
    for _ in 0..<20 {
      let book = PositionBook(executor: SerialQueueExecutor())
      for request in requests.shuffled(using: &random) {
        await book.add(request, filled: quantityOf(1), value: Money(rupees: 1))
      }
      let order = await book.all().map { "\($0.account) \($0.instrument.key) \($0.product)" }
      #expect(order == requests.map { "\($0.account) \($0.instrument.key) \($0.product)" })
    }
  }

  @Test func `a position is found by account, instrument and product`() async {
    let book = PositionBook(executor: SerialQueueExecutor())
    let request = Sample.request()
    await book.add(request, filled: quantityOf(4), value: Money(rupees: 400))
    #expect(await book.position(Sample.account, Sample.reliance.key, .intraday)?.netUnits == 4)
    #expect(await book.position(Sample.otherAccount, Sample.reliance.key, .intraday) == nil)
    #expect(await book.position(Sample.account, Sample.niftyCall.key, .intraday) == nil)
    #expect(await book.position(Sample.account, Sample.reliance.key, .delivery) == nil)
  }
}
