import HTTP
import Ring
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientWarmTests {
  @Test(arguments: backends)
  func `a warm connection is there before it is needed and comes back when it dies`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    let http = client.client
    let url = server.url("/ping")
    let id = try await client.loop.call { try http.keepWarm(HTTPWarmUp(url)) }
    let first = try await blocking {
      let peer = try server.accept()
      #expect(try peer.readRequest().line == "HEAD /ping HTTP/1.1")
      try peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n")
      return peer
    }
    while try await client.counters.answers == 0 {}
    async let order = blocking {
      let request = try first.readRequest()
      try first.answer("taken", fields: "Keep-Alive: timeout=1\r\n")
      return request.line
    }
    #expect(await client.ask(HTTPClientRequest(.post, server.url("/order"), body: bytes("x"))) == "200 taken")
    #expect(try await order == "POST /order HTTP/1.1")
    #expect(try await client.counters.connectionsOpened == 1)
    first.hangUp()
    // Nobody asks for anything.
    let second = try await blocking {
      let peer = try server.accept()
      #expect(try peer.readRequest().line == "HEAD /ping HTTP/1.1")
      try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
      return peer
    }
    while try await client.counters.answers < 3 {}
    let counters = try await client.counters
    #expect(counters.warmUps == 2)
    #expect(counters.idleEnds == 1)
    #expect(counters.connectionsOpened == 2)
    #expect(counters.connectionsOpen == 1)
    try await client.loop.call { http.stopWarming(id) }
    second.hangUp()
    while try await client.counters.idleEnds < 2 {}
    #expect(try await client.counters.warmUps == 2)
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a warm-up that fails is tried again`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    let http = client.client
    let url = server.url("/ping")
    async let script: Void = blocking {
      try server.accept().reset()
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    }
    _ = try await client.loop.call { try http.keepWarm(HTTPWarmUp(url)) }
    try await script
    while try await client.counters.answers == 0 {}
    let counters = try await client.counters
    #expect(counters.warmUps == 2)
    #expect(counters.warmUpFailures == 1)
    try await client.stop()
  }

  @Test(arguments: backends)
  func `as many connections are kept warm as are asked for`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try await ServerFixture(backend)
    let client = try await ClientFixture(backend)
    let http = client.client
    let url = "http://127.0.0.1:\(server.port)/echo"
    _ = try await client.loop.call { try http.keepWarm(HTTPWarmUp(url, connectionCount: 4)) }
    while try await client.counters.answers < 4 {}
    #expect(try await client.counters.connectionsOpen == 4)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { _ = await client.send(HTTPClientRequest(.post, url, body: bytes("leg"))) } }
    }
    #expect(try await client.counters.connectionsOpened == 4)
    try await client.stop()
    try await server.stop()
  }

  @Test func `what cannot be asked cannot be kept warm`() async throws {
    let client = try await ClientFixture(.epoll)
    let http = client.client
    await #expect(throws: TransferFailure.self) {
      _ = try await client.loop.call { try http.keepWarm(HTTPWarmUp("http://example.com/")) }
    }
    try await client.stop()
  }
}
