import OrderDomain
import TestSupport
import Testing

struct MoneyTests {
  @Test func `the dearest price times the largest quantity is exact`() {
    #expect((Price.limit * Quantity.limit).tenThousandths == 9_000_000_000_000_000_000)
    #expect((price("0.0025") * -3).tenThousandths == -75)
  }

  @Test func `sums far beyond 64 bits stay exact`() {
    var sum = Money.zero
    for _ in 0..<1_000 { sum += Price.limit * Quantity.limit }
    #expect(sum.tenThousandths == 9_000_000_000_000_000_000_000)
    #expect(sum - sum == .zero)
    #expect(-sum < .zero)
    #expect(Money(rupees: -3) == -Money(rupees: 3))
  }

  @Test(arguments: [
    (0, "0.00"), (-1, "-0.0001"), (10_000, "1.00"), (-12_345_600, "-1234.56"), (5_050, "0.505"),
  ])
  func `it is written with its sign and two to four decimals`(tenThousandths: Int, written: String) {
    #expect(Money(tenThousandths: Int128(tenThousandths)).description == written)
  }

  @Test func `the smallest amount can be written`() {
    #expect(Money(tenThousandths: .min).description == "-17014118346046923173168730371588410.5728")
  }

  @Test func `an average is rounded half up`() {
    #expect(Price(averageOf: Money(tenThousandths: 5), over: quantityOf(2)) == Price(tenThousandths: 3))
    #expect(Price(averageOf: Money(tenThousandths: 4), over: quantityOf(3)) == Price(tenThousandths: 1))
    #expect(Price(averageOf: price("2450.05") * 10, over: quantityOf(10)) == price("2450.05"))
  }

  @Test func `there is no average over nothing, of a loss, or above the limit`() {
    #expect(Price(averageOf: Money(rupees: 1), over: .zero) == nil)
    #expect(Price(averageOf: Money(rupees: -1), over: quantityOf(1)) == nil)
    #expect(Price(averageOf: Money(tenThousandths: 90_000_000_001), over: quantityOf(1)) == nil)
  }
}
