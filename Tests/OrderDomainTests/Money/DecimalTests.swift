import OrderDomain
import TestSupport
import Testing

struct DecimalTests {
  @Test(arguments: [
    ("0", 0, 0), ("7", 7, 0), ("-7", -7, 0), ("+7", 7, 0), ("2450.05", 245_005, 2), ("0.0025", 25, 4),
    ("007.50", 750, 2), ("999999999999999999", 999_999_999_999_999_999, 0),
    ("0.000000000000000001", 1, 18), ("-0.5", -5, 1),
  ])
  func `text is read exactly`(text: String, significand: Int64, scale: UInt8) {
    #expect(Decimal(text) == Decimal(significand: significand, scale: scale))
  }

  @Test(arguments: [
    "", "+", "-", ".", "5.", ".5", "-.5", "1.2.3", "1e3", "1E3", " 1", "1 ", "1,000", "0x10", "NaN", "Infinity", "--1",
    "٣", "1000000000000000000", "0.0000000000000000001", "1.0000000000000000000",
  ])
  func `whatever is not plain digits, or has too many of them, is refused`(text: String) {
    #expect(Decimal(text) == nil)
  }

  @Test func `units are exact or nothing`() {
    #expect(Decimal(significand: 245_005, scale: 2).units(scale: 4) == 24_500_500)
    #expect(Decimal(significand: 245_000, scale: 2).units(scale: 0) == 2450)
    #expect(Decimal(significand: 245_005, scale: 2).units(scale: 0) == nil)
    #expect(Decimal(significand: -20, scale: 1).units(scale: 0) == -2)
    #expect(Decimal(significand: .max, scale: 0).units(scale: 1) == nil)
    #expect(Decimal(significand: 0, scale: 255).units(scale: 0) == 0)
  }

  @Test func `a price is never rounded on the way in`() {
    #expect(Decimal("2450.0500").flatMap { Price($0) } == Price(tenThousandths: 24_500_500))
    #expect(Decimal("0.00005").flatMap { Price($0) } == nil)
    #expect(Decimal("-1").flatMap { Price($0) } == nil)
    #expect(Decimal("9000000").flatMap { Price($0) } == .limit)
    #expect(Decimal("9000000.0001").flatMap { Price($0) } == nil)
  }

  @Test func `a quantity is whole, and not negative`() {
    #expect(Decimal("75.00").flatMap { Quantity($0) } == quantityOf(75))
    #expect(Decimal("75.5").flatMap { Quantity($0) } == nil)
    #expect(Decimal("-75").flatMap { Quantity($0) } == nil)
    #expect(Decimal("100000001").flatMap { Quantity($0) } == nil)
  }
}
