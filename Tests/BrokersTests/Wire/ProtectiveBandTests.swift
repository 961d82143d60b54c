import Brokers
import OrderDomain
import TestSupport
import Testing

struct ProtectiveBandTests {
  private static func option(_ tickSize: String = "0.05", band: ClosedRange<Price>? = nil) -> Instrument {
    Instrument(
      key: Sample.niftyCall.key, contract: Sample.niftyCall.contract, underlying: "NIFTY", tradingSymbol: "X",
      brokerSymbol: "NSE:X", lotSize: lot(65), tickSize: tick(tickSize), priceBand: band)
  }

  @Test(
    "the limit lies beyond the trigger by the wider of ticks and percent",
    arguments: [
      ("100", Side.buy, "101"), ("100", .sell, "99"), ("2", .buy, "3"), ("2", .sell, "1"), ("2500", .buy, "2525"),
      ("2500", .sell, "2475"), ("123.45", .buy, "124.70"), ("123.45", .sell, "122.20"),
      // Below a tick there is no price.
      ("0.50", .sell, "0.05"), ("0.10", .sell, "0.05"),
    ])
  func distance(_ trigger: String, _ side: Side, _ limit: String) {
    let found = ProtectiveBand().limit(beyond: price(trigger), side: side, instrument: Self.option())
    #expect(found == price(limit))
  }

  @Test("the price band of the day ends it, and too narrow a band leaves none")
  func priceBand() {
    let narrow = Self.option(band: price("99.50")...price("100.50"))
    #expect(ProtectiveBand().limit(beyond: price("100"), side: .buy, instrument: narrow) == price("100.50"))
    #expect(ProtectiveBand().limit(beyond: price("100"), side: .sell, instrument: narrow) == price("99.50"))
    #expect(ProtectiveBand().limit(beyond: price("100.50"), side: .buy, instrument: narrow) == nil)
    #expect(ProtectiveBand().limit(beyond: price("0.05"), side: .sell, instrument: Self.option()) == nil)
  }

  @Test("any limit lies on a tick, on the right side, and at least one tick away")
  func properties() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<5_000 {
      let step = ["0.0025", "0.01", "0.05", "0.1", "1"].randomElement(using: &random) ?? "1"
      let instrument = Self.option(step)
      let ticks = Int64.random(in: 1...1_000_000, using: &random)
      guard let trigger = Price(tenThousandths: ticks * instrument.tickSize.price.tenThousandths) else { continue }
      let side = Bool.random(using: &random) ? Side.buy : .sell
      let band = ProtectiveBand(
        ticks: .random(in: 1...100, using: &random), hundredthsOfPercent: .random(in: 0...1_000, using: &random))
      guard let limit = band.limit(beyond: trigger, side: side, instrument: instrument) else {
        #expect(side == .sell && ticks == 1)
        continue
      }
      #expect(instrument.tickSize.divides(limit))
      let distance = (limit.tenThousandths - trigger.tenThousandths) * side.sign
      #expect(distance >= instrument.tickSize.price.tenThousandths)
    }
  }
}
