import HTTP
import Ring
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientTests {
  @Test(arguments: backends)
  func `requests of every method reach our own server whole`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try await ServerFixture(backend)
    let client = try await ClientFixture(backend)
    let base = "http://127.0.0.1:\(server.port)"
    #expect(await client.ask(HTTPClientRequest(.get, base + "/a?b=c")) == "200 GET /a?b=c")
    #expect(await client.ask(HTTPClientRequest(.post, base + "/echo", body: bytes("order"))) == "200 order")
    #expect(await client.ask(HTTPClientRequest(.put, base + "/echo", body: bytes("change"))) == "200 change")
    #expect(await client.ask(HTTPClientRequest(.patch, base + "/echo", body: bytes("part"))) == "200 part")
    #expect(await client.ask(HTTPClientRequest(.delete, base + "/1")) == "200 DELETE /1")
    #expect(await client.ask(HTTPClientRequest(.delete, base + "/echo", body: bytes("why"))) == "200 why")
    #expect(await client.ask(HTTPClientRequest(.post, base + "/empty")) == "200 POST /empty")
    #expect(await client.ask(HTTPClientRequest(.head, base + "/head")) == "200 ")
    #expect(await client.ask(HTTPClientRequest(.options, base + "/x")) == "200 OPTIONS /x")
    let large = [UInt8](repeating: 0x79, count: 60_000)
    #expect(await client.ask(HTTPClientRequest(.post, base + "/echo", body: large)) == "200 " + text(large))
    let counters = try await client.counters
    #expect(counters.answers == 10)
    #expect(counters.connectionsOpened == 1)
    #expect(counters.connectionsReused == 9)
    #expect(try await server.counters.acceptedConnections == 1)
    try await client.stop()
    try await server.stop()
  }

  @Test(arguments: backends)
  func `a request says what it was told to say and nothing about its maker`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let heads = blocking {
      let peer = try server.accept()
      return try (0..<3).map { _ in
        let request = try peer.readRequest()
        try peer.answer()
        return request.head
      }
    }
    var fields = HTTPFields()
    try fields.append("access-token", "abc")
    try fields.append("X-Empty", "")
    try fields.append("Content-Type", "application/json")
    _ = await client.send(HTTPClientRequest(.post, server.url("/orders"), fields: fields, body: bytes("{}")))
    _ = await client.send(HTTPClientRequest(.post, server.url("/none")))
    _ = await client.send(HTTPClientRequest(.delete, server.url("/orders/1")))
    let host = "Host: 127.0.0.1:\(server.port)\r\nAccept: */*\r\n"
    #expect(
      try await heads == [
        "POST /orders HTTP/1.1\r\n\(host)access-token: abc\r\nX-Empty:\r\nContent-Type: application/json\r\n"
          + "Content-Length: 2\r\n\r\n",
        "POST /none HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n",
        "DELETE /orders/1 HTTP/1.1\r\n\(host)\r\n",
      ])
    try await client.stop()
  }

  @Test(arguments: backends)
  func `an answer is given with its fields and its timing`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.send("HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n")
      try peer.send(
        "HTTP/1.1 429 Slow Down\r\nRetry-After:  7 \r\nSet-Cookie: a\r\nset-cookie: b\r\n \t c \r\nTransfer-Encoding: chunked\r\n"
          + "\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nRetry-After: 9\r\n\r\n")
      _ = try peer.readToEnd()
    }
    let response = try await client.send(HTTPClientRequest(.get, server.url("/"))).get()
    #expect(response.status == .tooManyRequests)
    #expect(text(response.body) == "abcde")
    #expect(response.fields["retry-after"] == "7")
    #expect(response.fields["link"] == nil)
    #expect(response.fields.values("Set-Cookie") == ["a", "b c"])
    #expect(response.timing.isNewConnection)
    #expect(!response.timing.isHTTP2)
    #expect(response.timing.connected <= response.timing.firstByte)
    #expect(response.timing.firstByte <= response.timing.total)
    try await client.stop()
    try await script
  }
}
