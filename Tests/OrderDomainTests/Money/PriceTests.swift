import OrderDomain
import TestSupport
import Testing

struct PriceTests {
  @Test func `the limit is in and one more is out, in every unit`() {
    #expect(Price(tenThousandths: 90_000_000_000) == .limit)
    #expect(Price(tenThousandths: 90_000_000_001) == nil)
    #expect(Price(tenThousandths: -1) == nil)
    #expect(Price(rupees: 9_000_000) == .limit)
    #expect(Price(rupees: 9_000_001) == nil)
    #expect(Price(rupees: -1) == nil)
    #expect(Price(paise: 900_000_000) == .limit)
    #expect(Price(paise: 900_000_001) == nil)
    #expect(Price(paise: -1) == nil)
    #expect(Price(rupees: .max) == nil)
    #expect(Price(paise: .min) == nil)
  }

  @Test func `moving stays inside the range`() {
    #expect(price("10").raised(by: price("0.05")) == price("10.05"))
    #expect(price("10").lowered(by: price("10")) == .zero)
    #expect(price("10").lowered(by: price("10.0001")) == nil)
    #expect(Price.limit.raised(by: .zero) == .limit)
    #expect(Price.limit.raised(by: price("0.0001")) == nil)
  }

  @Test func `a fraction is rounded down`() {
    #expect(price("200").fraction(hundredthsOfPercent: 1500) == price("30"))
    #expect(price("0.0001").fraction(hundredthsOfPercent: 9999) == .zero)
    #expect(Price.limit.fraction(hundredthsOfPercent: 10_000) == .limit)
    #expect(Price.limit.fraction(hundredthsOfPercent: 10_001) == nil)
    #expect(price("1").fraction(hundredthsOfPercent: -1) == nil)
    #expect(Price.limit.fraction(hundredthsOfPercent: .max) == nil)
  }

  @Test(arguments: [
    ("0", "0.00"), ("2450", "2450.00"), ("2450.5", "2450.50"), ("2450.05", "2450.05"), ("0.0025", "0.0025"),
    ("0.125", "0.125"), ("9000000", "9000000.00"), ("1.0001", "1.0001"),
  ])
  func `it is written with two to four decimals`(text: String, written: String) {
    #expect(price(text).description == written)
  }

  @Test func `its text reads back as the same price`() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<2_000 {
      let price = certain(Price(tenThousandths: .random(in: 0...90_000_000_000, using: &random)))
      #expect(Decimal(price.description).flatMap { Price($0) } == price)
    }
  }
}
