import HTTP
import Ring
import Testing

/// A kept connection that dies before the first byte of an answer: libcurl would send the request again by itself.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientResendTests {
  /// How a server hangs up.
  enum HangUp: CaseIterable { case reset, finish }

  static let mutating: [HTTPClientRequest] = [
    HTTPClientRequest(.post, "/", body: bytes("order")), HTTPClientRequest(.post, "/"),
    HTTPClientRequest(.put, "/", body: bytes("change")), HTTPClientRequest(.put, "/"),
    HTTPClientRequest(.patch, "/", body: bytes("part")), HTTPClientRequest(.delete, "/"),
    HTTPClientRequest(.delete, "/", body: bytes("why")), HTTPClientRequest(.get, "/"),
    HTTPClientRequest(.post, "/", body: bytes("order"), resend: .once), HTTPClientRequest(.delete, "/", resend: .once),
    HTTPClientRequest(.post, "/", body: [UInt8](repeating: 0x7A, count: 300_000)),
  ]

  /// Answers one request, reads a second one on the same connection, hangs up, and waits for a third on a new one.
  private static func playDyingServer(_ server: ScriptedServer, _ hangUp: HangUp) throws -> [RawClient.Request] {
    let peer = try server.accept()
    var requests = [try peer.readRequest()]
    try peer.answer("first")
    requests.append(try peer.readRequest())
    switch hangUp {
    case .reset: peer.reset()
    case .finish: peer.hangUp()
    }
    if server.isAsked(within: 2000) {
      let second = try server.accept()
      // A second attempt is prevented only when its connection is there.
      if let request = try second.readRequestIfAny() {
        requests.append(request)
        try second.answer("again")
      }
    }
    return requests
  }

  @Test(arguments: backends, HangUp.allCases)
  func `a request is on the wire once when its kept connection dies before the answer`(
    _ backend: EventLoopConfiguration.Backend, _ hangUp: HangUp
  ) async throws {
    for template in Self.mutating {
      let server = try ScriptedServer()
      let client = try await ClientFixture(backend)
      async let seen = blocking { try Self.playDyingServer(server, hangUp) }
      #expect(await client.ask(HTTPClientRequest(.get, server.url("/warm"))) == "200 first")
      var request = template
      request.url = server.url("/order")
      let outcome = await client.ask(request)
      #expect(outcome == "transfer.connectionLost perhaps sent", "\(template.method)")
      let requests = try await seen
      #expect(requests.count == 2, "\(template.method) with \(template.body.count) bytes was sent again")
      #expect(requests.last?.body == text(template.body))
      #expect(try await client.counters.preventedResends <= 1)
      try await client.stop()
    }
  }

  @Test(arguments: backends, HangUp.allCases)
  func `a read that may be sent again is, once`(
    _ backend: EventLoopConfiguration.Backend, _ hangUp: HangUp
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let seen = blocking { try Self.playDyingServer(server, hangUp) }
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/warm"))) == "200 first")
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/orders"), resend: .once)) == "200 again")
    #expect(try await seen.count == 3)
    #expect(try await client.counters.resends == 1)
    try await client.stop()
  }

  @Test(arguments: backends, HangUp.allCases)
  func `a connection that died while idle is not used and nothing is lost`(
    _ backend: EventLoopConfiguration.Backend, _ hangUp: HangUp
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    for (index, request) in Self.mutating.enumerated() {
      var request = request
      request.url = server.url("/order")
      async let script = blocking {
        let peer = try server.accept()
        _ = try peer.readRequest()
        try peer.answer()
        switch hangUp {
        case .reset: peer.reset()
        case .finish: peer.hangUp()
        }
      }
      #expect(await client.ask(HTTPClientRequest(.get, server.url("/warm"))) == "200 ")
      try await script
      // Under load even loopback takes its time.
      while try await client.counters.idleEnds <= index {}
      async let seen = blocking {
        let peer = try server.accept()
        let request = try peer.readRequest()
        try peer.answer("taken", fields: "Connection: close\r\n")
        return request.body
      }
      let outcome = await client.ask(request)
      #expect(outcome == "200 taken", "\(request.method) \(request.body.count) \(request.resend)")
      #expect(try await seen == text(request.body))
    }
    try await client.stop()
  }

  @Test(
    arguments: backends,
    [
      "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", "x",
    ])
  func `what a server says unasked is never read as the answer to the next request`(
    _ backend: EventLoopConfiguration.Backend, _ stray: String
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.answer("first")
      try peer.send(stray)
      return peer
    }
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/warm"))) == "200 first")
    let first = try await script
    async let seen = blocking {
      let peer = try server.accept()
      let request = try peer.readRequest()
      try peer.answer("taken")
      return request.body
    }
    #expect(await client.ask(HTTPClientRequest(.post, server.url("/order"), body: bytes("order"))) == "200 taken")
    #expect(try await seen == "order")
    // Nothing of the order went to the connection that was not sound.
    #expect(try first.readToEnd() == "")
    #expect(try await client.counters.connectionsOpened == 2)
    try await client.stop()
  }

  @Test(arguments: backends, ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", ""])
  func `what comes at the last moment is not read as an answer either`(
    _ backend: EventLoopConfiguration.Backend, _ stray: String
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.answer("first")
      return peer
    }
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/warm"))) == "200 first")
    let first = try await script
    async let seen = blocking {
      let peer = try server.accept()
      let request = try peer.readRequest()
      try peer.answer("taken")
      return request.body
    }
    let http = client.client
    let request = HTTPClientRequest(.post, server.url("/order"), body: bytes("order"))
    // Both on the loop's thread without a pause: the loop cannot have looked at the connection in between.
    let answer = try await Task(executorPreference: client.loop) {
      if stray.isEmpty { first.finish() } else { try first.send(stray) }
      return try await http.send(request)
    }.value
    #expect(text(answer.body) == "taken")
    #expect(try await seen == "order")
    #expect(try first.readToEnd() == "")
    try await client.stop()
  }

  @Test(arguments: backends)
  func `an order is perhaps sent though the last failure is one to connect`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.answer()
      _ = try peer.readRequest()
      server.stopListening()
      peer.reset()
    }
    let request = HTTPClientRequest(.post, server.url("/"), body: bytes("order"))
    #expect(await client.ask(request) == "200 ")
    // libcurl opens another connection to begin again, and is refused by the kernel.
    #expect(await client.ask(request) == "transfer.connectFailed perhaps sent")
    try await script
    try await client.stop()
  }
}
