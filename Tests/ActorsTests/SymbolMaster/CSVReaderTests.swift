import OrderDomain
import Testing

@testable import Actors

@Suite struct CSVReaderTests {
  @Test(
    "rows and fields follow RFC 4180",
    arguments: [
      ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
      ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
      ("\"a,1\",\"b \"\"x\"\"\"\n", [["a,1", "b \"\"x\"\""]]),
      ("\"a\nb\",c\n", [["a\nb", "c"]]),
      (",,\n", [["", "", ""]]),
      ("a,\"\"\n", [["a", ""]]),
      ("\n\na\n\r\n", [["a"]]),
      ("", []),
    ]) func rows(text: String, expected: [[String]]) throws
  {
    #expect(try Self.read(text) == expected)
  }

  @Test(
    "what is no RFC 4180 is refused",
    arguments: [
      ("a\"b,c\n", CSVFault.quoteInsideField),
      ("\"a\"b,c\n", .textAfterQuote),
      ("a,\"b\n", .unclosedQuote),
      ("a\rb\n", .bareCarriageReturn),
      ("a,\0\n", .containsNUL),
      ("\"\0\"\n", .containsNUL),
      (String(repeating: "x", count: 1_025), .fieldTooLong),
      ("\"" + String(repeating: "x", count: 2_000), .fieldTooLong),
      (String(repeating: ",", count: 64), .tooManyFields),
    ]) func faults(text: String, expected: CSVFault)
  {
    #expect(throws: expected) { try Self.read(text) }
  }

  @Test("the line of a row counts the line ends inside quotes before it")
  func lines() throws {
    let bytes = Array("a\n\"b\nc\"\nd\n".utf8)
    var reader = CSVReader(bytes.span)
    var lines: [Int] = []
    while try reader.next() { lines.append(reader.line) }
    #expect(lines == [1, 2, 4])
  }

  @Test(
    "numbers are exact or refused",
    arguments: [
      ("65.0", 650_000 as Int64?), ("-0.01000", -100), ("1446.6", 14_466_000), ("0", 0), ("+5", 50_000),
      ("0.00001", 0), ("", nil), (".5", nil), ("5.", nil), ("1e5", nil), ("1,5", nil), ("12345678901234", nil),
      ("--1", nil), ("1.2.3", nil), (" 1", nil),
    ]) func numbers(text: String, expected: Int64?)
  {
    #expect(CSVNumber(Array(text.utf8).span)?.tenThousandths == expected)
  }

  @Test("prices are packed without loss and keep their order")
  func packing() {
    let values: [Int64] = [0, 1, 25, 500, 2_147_483_647, 2_147_483_700, 6_000_000_000, 90_000_000_000]
    let packed = values.compactMap { PackedPrice(tenThousandths: $0) }
    #expect(packed.map(\.price.tenThousandths) == values)
    #expect(packed.sorted() == packed)
    #expect(PackedPrice(tenThousandths: 2_147_483_701) == nil)
    #expect(PackedPrice(tenThousandths: 90_000_000_001) == nil)
  }

  static func read(_ text: String) throws(CSVFault) -> [[String]] {
    let bytes = Array(text.utf8)
    var reader = CSVReader(bytes.span)
    var rows: [[String]] = []
    while try reader.next() { rows.append((0..<reader.fieldCount).map { SymbolTable.string(reader[$0]) }) }
    return rows
  }
}
