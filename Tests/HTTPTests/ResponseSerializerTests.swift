import HTTP
import Testing

@Suite struct ResponseSerializerTests {
  private static let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

  private static func serializer() -> ResponseSerializer {
    var serializer = ResponseSerializer()
    serializer.setDate(unixSeconds: 784_111_777)
    return serializer
  }

  private static func write(_ response: HTTPResponse, _ context: ResponseSerializer.Context) -> String {
    var buffer: [UInt8] = []
    serializer().write(response, for: context, to: &buffer)
    return text(buffer.span)
  }

  @Test func `an answer has a status line, a date, a length, its fields and its content`() throws {
    let response = HTTPResponse(.ok, fields: try HTTPFields(["Content-Type": "text/plain"]), body: bytes("hello"))
    #expect(
      Self.write(response, .init())
        == "HTTP/1.1 200 OK\r\n\(Self.date)Content-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello")
  }

  @Test(arguments: [
    (HTTPVersion.http11, true, ""), (.http11, false, "Connection: close\r\n"),
    (.http10, true, "Connection: keep-alive\r\n"), (.http10, false, "Connection: close\r\n"),
  ])
  func `the connection's fate is said where the version does not imply it`(
    _ version: HTTPVersion, _ keepsAlive: Bool, _ line: String
  ) {
    #expect(
      Self.write(HTTPResponse(.notFound), .init(version: version, keepsAlive: keepsAlive))
        == "HTTP/1.1 404 Not Found\r\n\(Self.date)Content-Length: 0\r\n\(line)\r\n")
  }

  @Test func `HEAD gets the fields of GET and no content`() {
    #expect(
      Self.write(HTTPResponse(.ok, body: bytes("hello")), .init(isHead: true))
        == "HTTP/1.1 200 OK\r\n\(Self.date)Content-Length: 5\r\n\r\n")
  }

  @Test(arguments: [HTTPStatus.noContent, .notModified])
  func `statuses without content have neither length nor content`(_ status: HTTPStatus) {
    #expect(
      Self.write(HTTPResponse(status, body: bytes("x")), .init())
        == "HTTP/1.1 \(status.code) \(status.reason)\r\n\(Self.date)\r\n")
  }

  @Test func `a status without a phrase keeps its space`() {
    #expect(Self.write(HTTPResponse(HTTPStatus(599)), .init()).hasPrefix("HTTP/1.1 599 \r\n"))
  }

  @Test func `a stream is chunked in 1.1 and ended by the connection in 1.0`() {
    func stream(_ context: ResponseSerializer.Context) -> String {
      var buffer: [UInt8] = []
      let serializer = Self.serializer()
      serializer.writeStreamHead(.ok, fields: HTTPFields(), for: context, to: &buffer)
      serializer.writeStreamPiece(bytes("0123456789abcdef").span, for: context, to: &buffer)
      serializer.writeStreamPiece(bytes("").span, for: context, to: &buffer)
      serializer.writeStreamEnd(for: context, to: &buffer)
      return text(buffer.span)
    }
    #expect(
      stream(.init())
        == "HTTP/1.1 200 OK\r\n\(Self.date)Transfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n")
    #expect(
      stream(.init(version: .http10, keepsAlive: false))
        == "HTTP/1.1 200 OK\r\n\(Self.date)Connection: close\r\n\r\n0123456789abcdef")
    #expect(
      stream(.init(isHead: true)) == "HTTP/1.1 200 OK\r\n\(Self.date)Transfer-Encoding: chunked\r\n\r\n")
  }

  @Test(arguments: [
    ("X-A", "b\r\nSet-Cookie: c", HTTPFields.Refusal.invalidValue), ("X-A", "b\nc", .invalidValue),
    ("X-A", "b\rc", .invalidValue), ("X-A", "b\u{0}", .invalidValue), ("X-A", " b", .invalidValue),
    ("X-A", "b ", .invalidValue), ("X-A", "\u{7F}", .invalidValue), ("", "b", .invalidName), ("X A", "b", .invalidName),
    ("X:A", "b", .invalidName), ("X\r\nA", "b", .invalidName), ("Content-Length", "5", .reservedName),
    ("transfer-encoding", "chunked", .reservedName), ("Connection", "close", .reservedName),
    ("DATE", "x", .reservedName),
  ])
  func `no field can end its line or meddle with the frame`(
    _ name: String, _ value: String, _ refusal: HTTPFields.Refusal
  ) {
    var fields = HTTPFields()
    #expect(throws: refusal) { try fields.append(name, value) }
    #expect(fields.isEmpty)
  }

  @Test func `a field is found by its whole name, in whatever case, and never by a value`() throws {
    let fields = try HTTPFields(["Retry-After": "3", "X-TE": "host: x", "Host": "", "expectation": "y"])
    #expect(fields.contains("retry-after") && fields.contains("x-te") && fields.contains("host"))
    for name: StaticString in ["retry", "te", "after", "expect", "x", "hos"] { #expect(!fields.contains(name)) }
    #expect(!HTTPFields().contains("host"))
  }

  @Test func `numbers in base 36 stand behind a checked beginning`() throws {
    let start = try HTTPFields.Start("X-Request-Id", "abc-")
    var fields = HTTPFields()
    for number: UInt64 in [0, 35, 36, 1_295, .max] {
      fields = HTTPFields()
      fields.append(start, base36: number)
      #expect(fields["x-request-id"] == "abc-" + String(number, radix: 36))
    }
  }

  @Test func `fields can be read back`() throws {
    let fields = try HTTPFields(["Retry-After": "3", "X-Request-Id": ""])
    #expect(fields["retry-after"] == "3")
    #expect(fields["x-request-id"] == "")
    #expect(fields["other"] == nil)
  }

  @Test(arguments: [
    (Int64(0), "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
    (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
    (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
  ])
  func `dates are those of the calendar`(_ seconds: Int64, _ expected: String) {
    var serializer = ResponseSerializer()
    serializer.setDate(unixSeconds: seconds)
    var buffer: [UInt8] = []
    serializer.write(HTTPResponse(.ok), for: .init(), to: &buffer)
    #expect(text(buffer.span).contains("Date: \(expected)\r\n"))
  }
}
