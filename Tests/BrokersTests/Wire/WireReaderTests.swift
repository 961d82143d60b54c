import OrderDomain
import TestSupport
import Testing

@testable import Brokers

struct WireReaderTests {
  private func read<Value>(
    _ text: String, _ body: (inout WireReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    let bytes = Array(text.utf8)
    var reader = WireReader(bytes.span)
    let value = try body(&reader)
    try reader.scanner.finish()
    return value
  }

  @Test(
    "a number is exact, plain or in a string, and what is none is none",
    arguments: [
      ("120.5", Decimal("120.5")), ("\"120.50\"", Decimal("120.5")), ("65.0", Decimal("65")),
      ("1.5e3", Decimal("1500")),
      ("\"007\"", Decimal("7")), ("-0.05", Decimal("-0.05")), ("null", nil), ("\"\"", nil), ("\"NA\"", nil),
      ("true", nil), ("[1]", nil), ("{\"a\":1}", nil), ("1e400", nil), ("\" 1\"", nil), ("\"1,000\"", nil),
      ("120.366666666666666666666666", Decimal("120.366666666666")), ("1234567890123456789012", nil),
    ] as [(String, Decimal?)])
  func decimals(_ text: String, _ expected: Decimal?) throws {
    #expect(try read(text) { reader throws(JSONError) in try reader.decimal() } == expected)
  }

  @Test("whole numbers may have a needless point, and units a bound")
  func integers() throws {
    func integer(_ text: String) throws -> Int64? {
      try read(text) { reader throws(JSONError) in try reader.integer() }
    }
    func units(_ text: String) throws -> Int64? { try read(text) { reader throws(JSONError) in try reader.units() } }
    #expect(try integer("65.0") == 65)
    #expect(try integer("65.5") == nil)
    #expect(try integer("\"-10\"") == -10)
    let limit = WireReader.unitsLimit
    #expect(try units("\(limit)") == limit)
    #expect(try units("-\(limit)") == -limit)
    #expect(try units("\(limit + 1)") == nil)
    #expect(try units("-\(limit + 1)") == nil)
  }

  @Test(
    "nothing has many names, and a text has none of them",
    arguments: [
      ("\"NA\"", nil), ("\"N/A\"", nil), ("\"\"", nil), ("\"null\"", nil), ("\"None\"", nil), ("\"-\"", nil),
      ("null", nil),
      ("[]", nil), ("\"x\"", "x"), ("12", "12"), ("\"n\\u0061\"", "na"),
    ] as [(String, String?)])
  func texts(_ text: String, _ expected: String?) throws {
    #expect(try read(text) { reader throws(JSONError) in try reader.meaningfulText() } == expected)
  }

  @Test(
    "a switch is said in several ways",
    arguments: [
      ("true", true), ("false", false), ("\"true\"", true), ("\"FALSE\"", false), ("1", true), ("\"0\"", false),
      ("\"Y\"", true), ("\"no\"", false), ("2", nil), ("null", nil), ("{}", nil),
    ] as [(String, Bool?)])
  func booleans(_ text: String, _ expected: Bool?) throws {
    #expect(try read(text) { reader throws(JSONError) in try reader.boolean() } == expected)
  }

  @Test("rupees are rounded once, half away from nought, after the product")
  func rupees() throws {
    let third = try #require(Decimal("120.333333333333"))
    #expect(third.times(quantityOf(65)) == Money(tenThousandths: 78_216_667))
    #expect(third.price == price("120.3333"))
    #expect(Decimal("0.00005")?.money == Money(tenThousandths: 1))
    #expect(Decimal("-0.00005")?.money == Money(tenThousandths: -1))
    #expect(Decimal("0")?.positivePrice == nil)
    #expect(Decimal("-1")?.price == nil)
    #expect(Decimal("9000001")?.price == nil)
    // The most that can be read, times the most that an order has, does not overflow.
    #expect(Decimal("999999999999999999")?.times(.limit) != nil)
  }
}
