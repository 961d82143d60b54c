import OrderDomain
import Testing

@testable import SimulatedExchange

private typealias Floor = TradingFloor

@Suite struct PriceWalkTests {
  private func moment(_ second: Int64) -> Timestamp { Floor.start.adding(nanoseconds: second * 1_000_000_000) }

  @Test("Prices walk: they move, land on ticks, stay near the reference and step by little")
  func shape() {
    let floor = Floor { $0.amplitude = 1 }
    let prices = (0..<20_000).map { floor.exchange.quote(Floor.share, at: moment($0)).lastPrice }
    #expect(Set(prices).count > 50)
    #expect(prices.allSatisfy { must(TickSize(rupees("0.05"))).divides($0) })
    #expect(prices.allSatisfy { $0 >= rupees("93.65") && $0 <= rupees("106.35") })
    let jumps = zip(prices, prices.dropFirst()).map { abs($0.tenThousandths - $1.tenThousandths) / 500 }
    #expect(jumps.allSatisfy { $0 <= 8 })
  }

  @Test("The same seed gives the same prices, another seed or instrument gives others")
  func seeds() {
    let one = Floor { $0.amplitude = 1 }
    let same = Floor { $0.amplitude = 1 }
    let other = Floor {
      $0.amplitude = 1
      $0.seed = 2
    }
    func path(_ floor: Floor, _ instrument: Instrument = Floor.share) -> [Price] {
      (0..<200).map { floor.exchange.quote(instrument, at: moment($0)).lastPrice }
    }
    #expect(path(one) == path(same))
    #expect(path(one) != path(other))
    #expect(path(one) != path(one, Floor.bandedShare))
  }

  @Test("A price set is the price, and the walk goes on from it")
  func set() {
    var floor = Floor { $0.amplitude = 1 }
    floor.set("250.02")
    #expect(floor.exchange.quote(Floor.share, at: floor.time).lastPrice == rupees("250.00"))
    let later = (1..<100).map { floor.exchange.quote(Floor.share, at: moment($0)).lastPrice }
    #expect(Set(later).count > 5)
    #expect(later.allSatisfy { $0 > rupees("230") && $0 < rupees("270") })
  }

  @Test("A price of few ticks stays above nought and keeps moving")
  func cheap() {
    var floor = Floor { $0.amplitude = 1 }
    floor.set("1.00")
    let prices = (0..<20_000).map { floor.exchange.quote(Floor.share, at: moment($0)).lastPrice }
    #expect(prices.allSatisfy { $0 >= rupees("0.05") })
    #expect(Set(prices).count > 5)
  }

  @Test("The walk fills an order that waits close by, and wakes its user for each step until then")
  func crossing() throws {
    var floor = Floor { $0.amplitude = 1 }
    let last = floor.exchange.quote(Floor.share, at: floor.time).lastPrice
    let limit = must(last.lowered(by: rupees("0.50")))
    _ = try floor.place(Floor.order(.buy, 1, .limit(limit)))
    var events = floor.wait()
    var steps = 0
    while let next = floor.exchange.nextEventTime, steps < 10_000 {
      steps += 1
      events += floor.exchange.advance(to: next)
    }
    #expect(events.map(\.line) == ["accepted", "filled 1 @ \(limit)"])
    #expect(steps > 1)
    let filledAt = try #require(events.last?.time)
    #expect(floor.exchange.quote(Floor.share, at: filledAt).ask <= limit)
  }

  @Test("After a long sleep only the last day of steps is played")
  func longSleep() throws {
    var floor = Floor { $0.amplitude = 1 }
    _ = try floor.place(Floor.order(.buy, 1, .limit(rupees("50"))))
    // Ten years of seconds would take minutes.
    _ = floor.exchange.advance(to: moment(315_360_000))
    let next = try #require(floor.exchange.nextEventTime)
    #expect(next > moment(315_360_000))
  }

  @Test("Every instrument has a reference price of its kind, fixed by its key")
  func references() {
    let configuration = ExchangeConfiguration(seed: 9)
    let exchange = SimulatedExchange(configuration: configuration, day: Floor.day, at: Floor.start)
    #expect((rupees("100")...rupees("3100")).contains(exchange.quote(Floor.share, at: Floor.start).close))
    #expect((rupees("50")...rupees("550")).contains(exchange.quote(Floor.call, at: Floor.start).close))
    #expect((rupees("5000")...rupees("55000")).contains(exchange.quote(Floor.index, at: Floor.start).close))
  }

  @Test("The generator is SplitMix64")
  func generator() {
    // The reference implementation's first outputs for seed 1234567.
    var generator = SeededGenerator(seed: 1_234_567)
    let drawn = (0..<3).map { _ in generator.next() }
    #expect(drawn == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }
}
