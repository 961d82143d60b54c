import HTTP
import Testing

@Suite struct RequestParserTests {
  @Test(arguments: RequestCorpus.all)
  func `every request is taken or refused as the RFCs say`(_ example: RequestCase) {
    #expect(ParsedStream(bytes(example.raw)).lines == example.expected)
  }

  @Test func `the corpus is not small`() {
    #expect(RequestCorpus.all.count >= 400)
  }

  @Test(arguments: RequestCorpus.all)
  func `any split of the same bytes parses alike`(_ example: RequestCase) {
    let raw = bytes(example.raw)
    let whole = ParsedStream(raw)
    if raw.count < 5000 {
      #expect(ParsedStream(raw, pieces: Array(repeating: 1, count: raw.count)) == whole)
    }
    var random = SplitMix(seed: UInt64(raw.count) &* 31)
    for _ in 0..<8 {
      var pieces: [Int] = []
      let longest = Int(random.next() % 3) * 40 + 5
      for _ in 0..<4000 { pieces.append(1 + Int(random.next() % UInt64(longest))) }
      #expect(ParsedStream(raw, pieces: pieces) == whole, "pieces \(pieces.prefix(20))")
    }
  }

  @Test(arguments: 0..<20)
  func `each byte in each place of a value is judged alike`(_ place: Int) {
    for byte in UInt8.min...UInt8.max {
      var value = [UInt8](repeating: 0x61, count: 20)
      value[place] = byte
      let raw = bytes("GET / HTTP/1.1\r\nHost: a\r\nA: ") + value + bytes("\r\n\r\n")
      let expected =
        switch byte {
        case 0x09, 0x20...0x7E, 0x80...0xFF: "GET /"
        case 0x0A: "400 http.bareLineFeed"
        case 0x0D: "400 http.bareCarriageReturn"
        default: "400 http.fieldValueInvalid"
        }
      #expect(ParsedStream(raw).lines == [expected], "byte \(byte)")
    }
  }

  @Test func `exactly the token characters make a name, and exactly those of RFC 3986 a path`() {
    let tokens = bytes("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    let paths = bytes("!$&'()*+,-./:;=?@_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    for byte in UInt8.min...UInt8.max where byte != 0x3A && byte != 0x20 {
      let named = bytes("GET / HTTP/1.1\r\nHost: a\r\nA") + [byte] + bytes("b: c\r\n\r\n")
      #expect((ParsedStream(named).lines == ["GET /"]) == tokens.contains(byte), "byte \(byte) in a name")
      let asked = bytes("GET /a") + [byte] + bytes("b HTTP/1.1\r\nHost: a\r\n\r\n")
      let isTaken = ParsedStream(asked).lines.first?.hasPrefix("GET /a") == true
      #expect(isTaken == paths.contains(byte), "byte \(byte) in a path")
    }
  }

  @Test func `a request in one piece is described where it lies`() throws {
    let raw = bytes("POST /w HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    var parser = RequestParser()
    #expect(try parser.parse(raw.span) == .complete(consumed: raw.count))
    #expect(parser.gatheredByteCount == 0)
  }

  @Test func `parts of a request are found`() throws {
    let raw = bytes(
      "POST /a/b%20c?x=1&y=%41+b&x=2 HTTP/1.1\r\nHost: h:1\r\nX-Thing: one\r\nx-thing:  two \r\nEmpty:\r\nL: \u{E9}\r\n\r\n"
    )
    var parser = RequestParser()
    #expect(try parser.parse(raw.span) == .complete(consumed: raw.count))
    let request = parser.request(in: raw.span)
    #expect(request.method == .post)
    #expect(request.version == .http11)
    #expect(text(request.path) == "/a/b%20c")
    #expect(request.isPath("/a/b%20c") == true)
    #expect(request.isPath("/a/b%20") == false)
    #expect(text(request.query) == "x=1&y=%41+b&x=2")
    #expect(request.pathSegments() == ["a", "b c"])
    #expect(request.queryValue("x") == "1")
    #expect(request.queryValue("y") == "A b")
    #expect(request.queryValue("z") == nil)
    #expect(text(request.authority) == "h:1")
    #expect(request.fieldText("x-thing") == "one")
    let first = request.fieldIndex("x-thing")
    #expect(first == 1)
    #expect(request.fieldIndex("x-thing", from: 2) == 2)
    #expect(text(request.fieldValue(at: 2)) == "two")
    #expect(request.fieldText("empty") == "")
    #expect(request.fieldText("absent") == nil)
    #expect(request.fieldText("l") == nil, "a lone 0xE9 is not UTF-8")
    #expect(request.fieldCount == 5)

    let owned = HTTPRequest(request)
    #expect(text(owned.view.fieldValue(at: 2)) == "two")
    #expect(owned.view.queryValue("y") == "A b")
    #expect(owned.method == .post)
  }

  @Test func `an absolute target's host outweighs Host`() throws {
    let raw = bytes("GET http://b:81?q HTTP/1.1\r\nHost: a\r\n\r\n")
    var parser = RequestParser()
    _ = try parser.parse(raw.span)
    let request = parser.request(in: raw.span)
    #expect(text(request.authority) == "b:81")
    #expect(text(request.path) == "")
    #expect(text(request.query) == "q")
  }

  @Test(arguments: [
    ("a%20b", "a b"), ("%C3%A9", "é"), ("a+b", "a+b"), ("", ""), ("%00", nil), ("%0A", nil), ("%7f", nil), ("%C3", nil),
    ("%", nil), ("%4", nil), ("%G1", nil), ("%ED%A0%80", nil), ("%C0%AF", nil),
  ])
  func `escapes are undone strictly`(_ encoded: String, _ decoded: String?) {
    #expect(PercentCoding.decode(bytes(encoded).span) == decoded)
  }

  @Test func `a client that asks for 100 Continue is seen to wait until content comes`() throws {
    let head = bytes("POST /w HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    var parser = RequestParser()
    #expect(try parser.parse(head.span) == .needsMore)
    #expect(parser.stage == .body)
    #expect(parser.isAwaitingContinue == true)
    #expect(try parser.parse(bytes("a").span) == .needsMore)
    #expect(parser.isAwaitingContinue == false)
    #expect(try parser.parse(bytes("bc").span) == .complete(consumed: 1))
  }

  @Test func `memory for a large request is given back`() throws {
    var parser = RequestParser()
    _ = try parser.parse(bytes("POST /w HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n").span)
    let half = [UInt8](repeating: 97, count: 30_000)
    _ = try parser.parse(half.span)
    #expect(parser.gatheredByteCount > 30_000)
    _ = try parser.parse(half.span)
    parser.reset()
    #expect(parser.gatheredByteCount <= 2048)
    #expect(parser.stage == .idle)
  }

  @Test func `a promise of content reserves no memory`() throws {
    var parser = RequestParser()
    _ = try parser.parse(bytes("POST /w HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\na").span)
    #expect(parser.gatheredByteCount < 1024)
  }

  @Test func `every refusal has a status, a code of its own and a cause`() {
    #expect(Set(HTTPParseError.allCases.map(\.code)).count == HTTPParseError.allCases.count)
    #expect(HTTPParseError.contentLengthConflict.code == "http.contentLengthConflict")
    for refusal in HTTPParseError.allCases {
      #expect((400...599).contains(refusal.status.code))
      #expect(!refusal.cause.isEmpty)
    }
  }

  @Test func `every refusal is tried by the corpus`() {
    let tried = Set(RequestCorpus.all.compactMap(\.expected.last))
    for refusal in HTTPParseError.allCases {
      #expect(tried.contains("\(refusal.status.code) \(refusal.code)"), "\(refusal) is tried by no request")
    }
  }
}
