import Testing

/// A stream of bytes (one scalar a byte) and what must come of it, as ``ParsedStream`` writes it.
struct RequestCase: Sendable, CustomTestStringConvertible {
  let raw: String
  let expected: [String]

  init(_ raw: String, _ expected: String...) {
    self.raw = raw
    self.expected = expected
  }

  var testDescription: String { "\(raw.prefix(80).debugDescription) → \(expected.joined(separator: ", "))" }

  /// A request line with a good Host behind it.
  static func line(_ line: String, _ expected: String...) -> RequestCase {
    RequestCase("\(line)\r\nHost: a\r\n\r\n", expected: expected)
  }

  /// A good GET with `fields` (each with its line end) behind Host.
  static func fields(_ fields: String, _ expected: String...) -> RequestCase {
    RequestCase("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", expected: expected)
  }

  /// A POST with `fields` and whatever follows the head.
  static func post(_ fields: String, _ tail: String, _ expected: String...) -> RequestCase {
    RequestCase("POST /w HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(tail)", expected: expected)
  }

  /// A chunked POST.
  static func chunks(_ tail: String, _ expected: String...) -> RequestCase {
    RequestCase("POST /w HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(tail)", expected: expected)
  }

  init(_ raw: String, expected: [String]) {
    self.raw = raw
    self.expected = expected
  }
}
