import HTTP
import Ring
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPServerTests {
  private static func get(_ target: String, _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
  }

  @Test(arguments: backends)
  func `a request is answered with a date and the connection lives on`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    for _ in 0..<3 {
      try client.send(Self.get("/a?b"))
      let answer = try client.readAnswer()
      #expect(
        answer
          == .init(
            status: 200, head: "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 8\r\n\r\n",
            body: "GET /a?b"))
    }
    #expect(fixture.handler.peers.withLock { $0.map(\.description) } == ["127.0.0.1", "127.0.0.1", "127.0.0.1"])
    client.hangUp()
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.requests == 3)
    #expect(counters.acceptedConnections == 1)
    #expect(counters.informationalOrSuccessAnswers == 3)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `the corpus gives the same requests and refusals over a socket`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    for example in RequestCorpus.all where example.raw.count < 3000 {
      let client = try fixture.client()
      try client.send(bytes(example.raw))
      client.finish()
      let answers = try client.readToEnd()
      let expected = example.expected.filter { $0 != "…" }.map { line in
        line.first?.isNumber == true ? String(line.prefix(3)) : "200"
      }
      let statuses = answers.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst().map {
        String($0.prefix(3))
      }
      // A message that asks for the connection's end ends what its expectation lists.
      #expect(statuses == expected, "\(example.raw.debugDescription) → \(answers)")
    }
    _ = try await fixture.wait { $0.openConnections == 0 }
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a request that drips in byte by byte is answered`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    for byte in bytes("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") {
      try client.send([byte])
    }
    #expect(try client.readAnswer().body == "abc")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `pipelined requests are answered in order though answered in another`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(Self.get("/later") + Self.get("/1") + Self.get("/later") + Self.get("/2"))
    let handler = fixture.handler
    while try await fixture.thread.loop.call({ handler.waitingCount }) < 2 {}
    try await fixture.thread.loop.call { handler.release() }
    #expect(try (0..<4).map { _ in try client.readAnswer().body } == ["later 0", "GET /1", "later 1", "GET /2"])
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that pipelines and never reads stops being read`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend) { $0.connection.unsentByteLimit = 64 * 1024 }
    let client = try fixture.client(receiveBuffer: 4096)
    let batch = bytes(String(repeating: Self.get("/big?1000"), count: 100))
    // Until the kernel's buffers on both sides are full; without a stop that would be never.
    var sent = 0
    var idleRounds = 0
    while idleRounds < 50, sent < 200_000_000 {
      let count = client.sendWithoutWaiting(batch)
      sent += count
      idleRounds = count == 0 ? idleRounds + 1 : 0
      if count == 0 { try await Task.sleep(for: .milliseconds(2)) }
    }
    #expect(sent < 200_000_000)
    let counters = try await fixture.counters
    #expect(counters.readPauses >= 1)
    // What the server took in is not far beyond what it could send: answers are 25 times as large as requests.
    #expect(counters.receivedBytes < 8_000_000)
    // Another client is served meanwhile.
    let other = try fixture.client()
    try other.send(Self.get("/x"))
    #expect(try other.readAnswer().body == "GET /x")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a stopped pipeline goes on when its client reads`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend) { $0.connection.unsentByteLimit = 4096 }
    let client = try fixture.client()
    let count = 500
    let writer = Task.detached { try client.send(String(repeating: Self.get("/big?5000"), count: count)) }
    for _ in 0..<count { #expect(try client.readAnswer().body.utf8.count == 5000) }
    try await writer.value
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `with 100 unanswered requests the next waits for an answer`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(String(repeating: Self.get("/later"), count: 100) + Self.get("/last"))
    var counters = try await fixture.wait { $0.requests == 100 }
    #expect(counters.readPauses == 1)
    let handler = fixture.handler
    try await fixture.thread.loop.call { handler.release() }
    for index in 0..<100 { #expect(try client.readAnswer().body == "later \(index)") }
    #expect(try client.readAnswer().body == "GET /last")
    counters = try await fixture.counters
    #expect(counters.requests == 101)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `HEAD gets the length of GET's content and no content`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get("/b"))
    #expect(try client.readAnswer(toHead: true).head.contains("Content-Length: 7\r\n"))
    #expect(try client.readAnswer().body == "GET /b")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that expects 100 Continue gets it before it sends`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    #expect(try client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
    try client.send("ok")
    #expect(try client.readAnswer().body == "ok")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a body that is too large is refused before it is sent`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n")
    let answer = try client.readAnswer()
    #expect(answer.status == 413)
    #expect(answer.head.contains("Connection: close\r\n"))
    #expect(answer.body.contains("\"http.bodyTooLarge\""))
    #expect(try client.readToEnd() == "")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a refusal can be read although the client goes on sending`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    for _ in 0..<20 {
      let client = try fixture.client()
      try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
      try client.send([UInt8](repeating: 0x78, count: 100_000))
      #expect(try client.readAnswer().status == 413)
      #expect(try client.readToEnd() == "")
    }
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that shuts its side still gets its answers`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(Self.get("/later"))
    client.finish()
    let handler = fixture.handler
    while try await fixture.thread.loop.call({ handler.waitingCount }) < 1 {}
    try await fixture.thread.loop.call { handler.release() }
    #expect(try client.readToEnd().hasSuffix("later 0"))
    _ = try await fixture.wait { $0.openConnections == 0 }
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that resets in the middle of a request leaves nothing`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    for text in ["GET / HT", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", Self.get("/later")] {
      let client = try fixture.client()
      try client.send(text)
      _ = try await fixture.wait { $0.openConnections == 1 }
      client.reset()
      _ = try await fixture.wait { $0.openConnections == 0 }
    }
    let handler = fixture.handler
    try await fixture.thread.loop.call { handler.release() }
    #expect(try await fixture.counters.ignoredAnswers == 1, "the answer to the one that had left")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `slow clients are cut by the first byte's clock and others are served`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend) {
      $0.connection.headLimit = .milliseconds(100)
      $0.connection.messageLimit = .milliseconds(200)
      $0.connection.firstByteLimit = .milliseconds(300)
    }
    let inHead = try fixture.client()
    let inBody = try fixture.client()
    let silent = try fixture.client()
    try inHead.send("GET / HTTP/1.1\r\nHo")
    try inBody.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
    let quick = try fixture.client()
    try quick.send(Self.get("/x"))
    #expect(try quick.readAnswer().status == 200)
    #expect(try inHead.readAnswer().status == 408)
    #expect(try inBody.readAnswer().status == 408)
    #expect(try silent.readToEnd() == "")
    #expect(try inHead.readToEnd() == "")
    let counters = try await fixture.counters
    #expect(counters.slowMessages == 2)
    #expect(counters.idleCloses >= 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `an idle connection is closed`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend) { $0.connection.idleLimit = .milliseconds(50) }
    let client = try fixture.client()
    try client.send(Self.get("/x"))
    #expect(try client.readAnswer().status == 200)
    #expect(try client.readToEnd() == "")
    #expect(try await fixture.counters.idleCloses == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a handler that never answers is answered for`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend) { $0.connection.answerLimit = .milliseconds(50) }
    let client = try fixture.client()
    try client.send(Self.get("/never") + Self.get("/x"))
    let answer = try client.readAnswer()
    #expect(answer.status == 503)
    #expect(answer.body.contains("http.answerOverdue"))
    #expect(try client.readAnswer().body == "GET /x")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that does not read is dropped`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend) {
      $0.connection.sendLimit = .milliseconds(100)
      $0.connection.minimumSendRate = 1 << 40
    }
    let client = try fixture.client(receiveBuffer: 4096)
    try client.send(Self.get("/big?20000000"))
    let counters = try await fixture.wait { $0.openConnections == 0 && $0.requests == 1 }
    #expect(counters.slowReaders == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `connections beyond the limit are told so, and a closed one makes room`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await ServerFixture(backend) { $0.connectionLimit = 3 }
    let clients = try (0..<3).map { _ in try fixture.client() }
    _ = try await fixture.wait { $0.openConnections == 3 }
    let fourth = try fixture.client()
    let answer = try fourth.readAnswer()
    #expect(answer.status == 503)
    #expect(answer.head.contains("Retry-After: 1\r\n"))
    #expect(answer.head.contains("Connection: close\r\n"))
    #expect(try fourth.readToEnd() == "")
    fourth.hangUp()
    clients[0].hangUp()
    _ = try await fixture.wait { $0.openConnections == 2 }
    let fifth = try fixture.client()
    try fifth.send(Self.get("/x"))
    #expect(try fifth.readAnswer().status == 200)
    #expect(try await fixture.counters.refusedConnections == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `connections of one address beyond its limit are told so`(_ backend: EventLoopConfiguration.Backend) async throws
  {
    let fixture = try await ServerFixture(backend) { $0.connectionsPerLoopbackAddressLimit = 2 }
    let clients = try (0..<2).map { _ in try fixture.client() }
    _ = try await fixture.wait { $0.openConnections == 2 }
    #expect(try fixture.client().readAnswer().status == 503)
    clients[1].hangUp()
    _ = try await fixture.wait { $0.openConnections <= 1 }
    let next = try fixture.client()
    try next.send(Self.get("/x"))
    #expect(try next.readAnswer().status == 200)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `more refusals at once than may be told are closed without a word`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend) {
      $0.connectionLimit = 1
      $0.refusalLimit = 1
    }
    let clients = try (0..<3).map { _ in try fixture.client() }
    _ = try await fixture.wait { $0.refusedConnections == 2 }
    #expect(try clients[1].readAnswer().status == 503)
    #expect(try clients[2].readToEnd() == "")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `draining finishes what has begun and closes what is idle`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend)
    let idle = try fixture.client()
    let busy = try fixture.client()
    let halfway = try fixture.client()
    try idle.send(Self.get("/x"))
    _ = try idle.readAnswer()
    try busy.send(Self.get("/later"))
    try halfway.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
    let handler = fixture.handler
    while try await fixture.thread.loop.call({ handler.waitingCount }) < 1 {}
    _ = try await fixture.wait { $0.openConnections == 3 && $0.receivedBytes > 90 }
    async let report = fixture.drain()
    #expect(try idle.readToEnd() == "")
    // The listener leaves the kernel a turn later.
    #expect(throws: RawClient.Failure.self) {
      for _ in 0..<1000 { try fixture.client().send("x") }
    }
    try halfway.send("b")
    let second = try halfway.readAnswer()
    #expect(second.body == "ab")
    #expect(second.head.contains("Connection: close"))
    #expect(try halfway.readToEnd() == "")
    halfway.hangUp()
    try await fixture.thread.loop.call { handler.release() }
    #expect(try busy.readAnswer().head.contains("Connection: close"))
    #expect(try busy.readToEnd() == "")
    busy.hangUp()
    #expect(try await report == HTTPServer.DrainReport(forcedConnectionCount: 0))
    await fixture.thread.stopAndWait()
  }

  @Test(arguments: backends)
  func `draining cuts off at its deadline what does not end`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(Self.get("/never"))
    _ = try await fixture.wait { $0.requests == 1 }
    #expect(try await fixture.drain(within: .milliseconds(50)) == HTTPServer.DrainReport(forcedConnectionCount: 1))
    #expect(try client.readToEnd() == "")
    await fixture.thread.stopAndWait()
  }

  @Test(arguments: backends)
  func `a stream flows piece by piece and ends`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(Self.get("/events"))
    #expect(try client.read(until: "\r\n\r\n").contains("Transfer-Encoding: chunked\r\nConnection: close\r\n"))
    let stream = try #require(fixture.handler.streams.withLock { $0.first })
    let loop = fixture.thread.loop
    #expect(try await loop.call { stream.send(bytes("data: 1\n\n").span) })
    #expect(try client.read(until: "\n\n\r\n") == "9\r\ndata: 1\n\n\r\n")
    try await loop.call { stream.end() }
    #expect(try client.readToEnd() == "0\r\n\r\n")
    #expect(try await loop.call { stream.send(bytes("x").span) } == false)
    #expect(fixture.handler.closedStreamCount.withLock { $0 } == 0)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a stream to an old client ends with the connection`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send("GET /events HTTP/1.0\r\n\r\n")
    _ = try client.read(until: "\r\n\r\n")
    let stream = try #require(fixture.handler.streams.withLock { $0.first })
    try await fixture.thread.loop.call {
      _ = stream.send(bytes("data: 1\n\n").span)
      stream.end()
    }
    #expect(try client.readToEnd() == "data: 1\n\n")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a stream whose client leaves is told so`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(Self.get("/events"))
    _ = try client.read(until: "\r\n\r\n")
    client.hangUp()
    _ = try await fixture.wait { $0.openConnections == 0 }
    #expect(fixture.handler.closedStreamCount.withLock { $0 } == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a stream whose client does not read is dropped, and others flow on`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let fixture = try await ServerFixture(backend) { $0.streamBacklogLimit = 100_000 }
    let slow = try fixture.client(receiveBuffer: 4096)
    try slow.send(Self.get("/events"))
    _ = try await fixture.wait { $0.streams == 1 }
    let stream = try #require(fixture.handler.streams.withLock { $0.first })
    var pieces = 0
    while try await fixture.thread.loop.call({ stream.send([UInt8](repeating: 0x79, count: 10_000).span) }) {
      pieces += 1
      if pieces > 5000 { break }
    }
    #expect(pieces < 5000)
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.slowReaders == 1)
    #expect(fixture.handler.closedStreamCount.withLock { $0 } == 1)
    let other = try fixture.client()
    try other.send(Self.get("/x"))
    #expect(try other.readAnswer().status == 200)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a stream behind unanswered requests waits its turn`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    let client = try fixture.client()
    try client.send(Self.get("/later") + Self.get("/events"))
    _ = try await fixture.wait { $0.streams == 1 }
    let stream = try #require(fixture.handler.streams.withLock { $0.first })
    let handler = fixture.handler
    try await fixture.thread.loop.call {
      _ = stream.send(bytes("one").span)
      handler.release()
      _ = stream.send(bytes("two").span)
      stream.end()
    }
    #expect(try client.readAnswer().body == "later 0")
    #expect(try client.readToEnd().hasSuffix("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"))
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `many clients at once are all served, again and again`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await ServerFixture(backend)
    for _ in 0..<3 {
      let clients = try (0..<200).map { _ in try fixture.client() }
      for (index, client) in clients.enumerated() { try client.send(Self.get("/\(index)")) }
      for (index, client) in clients.enumerated() { #expect(try client.readAnswer().body == "GET /\(index)") }
      for client in clients { client.hangUp() }
      _ = try await fixture.wait { $0.openConnections == 0 }
    }
    #expect(try await fixture.counters.requests == 600)
    try await fixture.stop()
  }
}
