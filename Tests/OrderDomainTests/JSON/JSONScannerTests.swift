import OrderDomain
import Testing

@Suite("The scanner takes what RFC 8259 calls JSON and nothing else")
struct JSONScannerTests {
  @Test("Legal JSON is taken", arguments: JSONCases.valid)
  func valid(_ sample: JSONCase) {
    #expect(scanned(sample.bytes) == nil)
  }

  @Test("What is not JSON is refused by name", arguments: JSONCases.invalid)
  func invalid(_ sample: JSONCase) {
    #expect(scanned(sample.bytes)?.code == sample.code)
  }

  @Test("Where the receiver may choose, it refuses by name", arguments: JSONCases.chosen)
  func chosen(_ sample: JSONCase) {
    #expect(scanned(sample.bytes)?.code == sample.code)
  }

  @Test("The same answers hold inside a field that an alert ignores")
  func embedded() throws {
    #expect(JSONCases.valid.count + JSONCases.invalid.count + JSONCases.chosen.count >= 300)
    // An alert puts one more bracket around its fields than the depth cases count on.
    for sample in JSONCases.valid where !sample.bytes.starts(with: Array("[[[[[[".utf8)) && !isDeep(sample) {
      let alert = try parsed(alertIgnoring(sample.bytes))
      #expect(alert.ignoredFields == ["meta"])
      #expect(alert.legs.count == 1)
    }
    for sample in JSONCases.invalid + JSONCases.chosen {
      let error = try refusal(of: alertIgnoring(sample.bytes))
      #expect(error.kind == .notJSON, "\(sample.testDescription)")
    }
  }

  @Test("A leg's ignored field is checked as strictly as the top's")
  func embeddedInLeg() throws {
    for sample in JSONCases.invalid + JSONCases.chosen {
      let leg = #"{"transactionType":"B","orderType":"MKT","quantity":1,"symbol":"INFY","productType":"C","meta":"#
      let body = Array("{\"order_legs\":[\(leg)".utf8) + sample.bytes + Array("}]}".utf8)
      #expect(try refusal(of: body).kind == .notJSON, "\(sample.testDescription)")
    }
  }

  @Test("An error says at which byte it shows")
  func offset() {
    #expect(scanned(Array("[1, 2, x]".utf8)) == JSONError(.expectedValue, at: 7))
    #expect(scanned(Array("[\"ab\\q\"]".utf8)) == JSONError(.badEscape, at: 4))
  }

  @Test("Every problem has a cause, a fix and a code of its family")
  func words() {
    #expect(Set(JSONProblem.allCases.map(\.rawValue)).count == JSONProblem.allCases.count)
    for problem in JSONProblem.allCases {
      #expect(problem.rawValue.hasPrefix("json."))
      #expect(!problem.cause.isEmpty && !problem.fix.isEmpty)
    }
  }

  @Test("Strings read back with every escape resolved")
  func strings() throws {
    let text = #""a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\uD834\uDD1E é€𝄞""#
    let bytes = Array(text.utf8)
    var scanner = JSONScanner(bytes.span)
    let string = try scanner.string()
    try scanner.finish()
    #expect(scanner.text(string) == "a\"\\/\u{8}\u{C}\n\r\tAé€𝄞 é€𝄞")
  }

  @Test("A pull through an object sees each name and each value once")
  func pull() throws {
    let bytes = Array(#" {"a" : 1.50, "b":[true,null,"x"], "c":{"d":{}}} "#.utf8)
    var scanner = JSONScanner(bytes.span)
    try scanner.beginObject()
    let a = try #require(try scanner.nextKey())
    #expect(scanner.text(a) == "a")
    let number = try scanner.number()
    #expect(try scanner.decimal(number) == Decimal(significand: 15, scale: 1))
    let b = try #require(try scanner.nextKey())
    #expect(scanner.text(b) == "b")
    try scanner.beginArray()
    #expect(try scanner.nextElement())
    #expect(try scanner.boolean())
    #expect(try scanner.nextElement())
    try scanner.null()
    #expect(try scanner.nextElement())
    let x = try scanner.string()
    #expect(scanner.text(x) == "x")
    #expect(try scanner.nextElement() == false)
    _ = try #require(try scanner.nextKey())
    try scanner.skipValue()
    #expect(try scanner.nextKey() == nil)
    try scanner.finish()
  }

  @Test(
    "Numbers are exact, or refused",
    arguments: [
      ("0", Decimal(significand: 0, scale: 0)), ("-0", Decimal(significand: 0, scale: 0)),
      ("0e999999999999999999999", Decimal(significand: 0, scale: 0)), ("10", Decimal(significand: 10, scale: 0)),
      ("2450.00", Decimal(significand: 2450, scale: 0)), ("2450.05", Decimal(significand: 245_005, scale: 2)),
      ("-0.0025", Decimal(significand: -25, scale: 4)), ("1e3", Decimal(significand: 1000, scale: 0)),
      ("1.5E+3", Decimal(significand: 1500, scale: 0)), ("15e-1", Decimal(significand: 15, scale: 1)),
      ("1500e-3", Decimal(significand: 15, scale: 1)), ("0.00000001e8", Decimal(significand: 1, scale: 0)),
      ("999999999999999999", Decimal(significand: 999_999_999_999_999_999, scale: 0)),
      ("1e17", Decimal(significand: 100_000_000_000_000_000, scale: 0)), ("1e-18", Decimal(significand: 1, scale: 18)),
      ("0.000000000000000000000001e24", Decimal(significand: 1, scale: 0)),
      ("1000000000000000000000000e-24", Decimal(significand: 1, scale: 0)),
      ("1000000000000000000", nil), ("9999999999999999999", nil), ("1e18", nil), ("1e-19", nil),
      ("0.1234567890123456789", nil), ("1e99999999999999999999999999", nil), ("1e-99999999999999999999999999", nil),
    ])
  func numbers(_ text: String, _ expected: Decimal?) {
    let bytes = Array(text.utf8)
    #expect(scanned(bytes) == nil)
    #expect(Decimal(jsonNumber: bytes.span) == expected)
  }

  @Test("Only a number in a string may have leading zeros", arguments: ["010", "00", "-01.5"])
  func leadingZeros(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(Decimal(jsonNumber: bytes.span) == nil)
    #expect(Decimal(jsonNumber: bytes.span, allowsLeadingZeros: true) != nil)
  }

  @Test(
    "What is no number is none in a string either",
    arguments: ["", "-", ".5", "5.", "1 ", " 1", "1,5", "+1", "1e", "NaN", "0x1", "--1", "1.2.3"])
  func noNumbers(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(Decimal(jsonNumber: bytes.span, allowsLeadingZeros: true) == nil)
  }

  private func isDeep(_ sample: JSONCase) -> Bool {
    String(decoding: sample.bytes, as: UTF8.self).hasPrefix("{\"k\":{\"k\":{\"k\":{")
  }

  private func alertIgnoring(_ value: [UInt8]) -> [UInt8] {
    let leg = #"{"transactionType":"B","orderType":"MKT","quantity":"1","symbol":"INFY","productType":"C"}"#
    return Array("{\"order_legs\":[\(leg)],\"meta\":".utf8) + value + Array(",\"secret\":\"s\"}".utf8)
  }
}

/// What the scanner has against a text; `nil` when it takes it.
func scanned(_ bytes: [UInt8]) -> JSONError? {
  var scanner = JSONScanner(bytes.span)
  do throws(JSONError) {
    try scanner.skipValue()
    try scanner.finish()
    return nil
  } catch {
    return error
  }
}
