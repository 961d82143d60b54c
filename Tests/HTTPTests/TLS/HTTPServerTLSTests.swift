import HTTP
import Ring
import Synchronization
import Testing

/// The server's promises hold behind TLS, and those who cannot or will not speak it harm nobody.
@Suite(.serialized, .timeLimit(.minutes(3))) struct HTTPServerTLSTests {
  private let files: CertificateFiles
  private let context: TLSContext

  init() throws {
    files = try CertificateFiles.shared.get()
    context = try TLSContext(trusting: files.certificate)
  }

  private func serve(
    _ backend: EventLoopConfiguration.Backend, change: (inout HTTPServerConfiguration) -> Void = { _ in }
  ) async throws -> ServerFixture {
    try await ServerFixture(backend, certificate: files.load(), change: change)
  }

  private static func get(_ target: String, _ fields: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
  }

  @Test(arguments: backends, TLSVersion.allCases)
  func `requests are answered over one connection, which ends with a word`(
    _ backend: EventLoopConfiguration.Backend, _ version: TLSVersion
  ) async throws {
    let fixture = try await serve(backend)
    let client = try TLSClient(port: fixture.port, TLSContext(trusting: files.certificate, version: version))
    #expect(client.session.version == version)
    #expect(client.session.applicationProtocol == "http/1.1")
    for number in 0..<3 {
      try client.send(Self.get("/\(number)"))
      #expect(try client.readAnswer().body == "GET /\(number)")
    }
    try client.send(Self.get("/close"))
    #expect(try client.readAnswer().status == 200)
    #expect(try client.readToEnd() == "")
    #expect(client.isFinished)
    try client.finish()
    client.raw.hangUp()
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.requests == 4)
    #expect(counters.handshakes == 1)
    #expect(counters.failedHandshakes == 0)
    #expect(counters.brokenConnections == 0)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `handshake and request may come byte by byte`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend)
    let client = try TLSClient(port: fixture.port, context, shakesHands: false)
    for byte in client.takeOutput() { try client.raw.send([byte]) }
    try client.shakeHands()
    try client.session.write(bytes("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").span)
    for byte in client.takeOutput() { try client.raw.send([byte]) }
    #expect(try client.readAnswer().body == "abc")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a session is taken up again, also after the certificate has changed`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend)
    let client = try TLSClient(port: fixture.port, context)
    try client.send(Self.get("/1"))
    _ = try client.readAnswer()
    let ticket = try #require(client.session.ticket)
    let other = try CertificateFiles(.rsa(2048))
    let (server, certificate) = (fixture.server, try other.load())
    try await fixture.thread.loop.call { try server.adopt(certificate) }
    let again = try TLSClient(port: fixture.port, context, resuming: ticket)
    #expect(again.session.isResumed)
    // Those who come without a ticket see the new one, and the one that was there goes on.
    let new = try TLSClient(port: fixture.port, TLSContext(trusting: other.certificate))
    #expect(!new.session.isResumed)
    for one in [client, again, new] {
      try one.send(Self.get("/2"))
      #expect(try one.readAnswer().body == "GET /2")
    }
    let counters = try await fixture.counters
    #expect(counters.handshakes == 3)
    #expect(counters.resumedHandshakes == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `answers of any size arrive whole, and pipelined ones in order`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend)
    let client = try TLSClient(port: fixture.port, context)
    let sizes = [0, 1, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 300_000, 1_000_000]
    try client.send(sizes.map { Self.get("/big?\($0)") }.joined())
    for size in sizes { #expect(try client.readAnswer().body.utf8.count == size) }
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that pipelines and never reads stops being read, and others are served`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend) { $0.connection.unsentByteLimit = 64 * 1024 }
    let client = try TLSClient(port: fixture.port, context, receiveBuffer: 4096)
    var sent = 0
    var left: [UInt8] = []
    var idleRounds = 0
    while idleRounds < 50, sent < 200_000_000 {
      if left.isEmpty {
        try client.session.write(bytes(String(repeating: Self.get("/big?1000"), count: 100)).span)
        left = client.takeOutput()
      }
      let count = client.raw.sendWithoutWaiting(left)
      left.removeFirst(count)
      sent += count
      idleRounds = count == 0 ? idleRounds + 1 : 0
      if count == 0 { try await Task.sleep(for: .milliseconds(2)) }
    }
    #expect(sent < 200_000_000)
    let counters = try await fixture.counters
    #expect(counters.readPauses >= 1)
    #expect(counters.receivedBytes < 8_000_000)
    let other = try TLSClient(port: fixture.port, context)
    try other.send(Self.get("/x"))
    #expect(try other.readAnswer().body == "GET /x")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a stopped pipeline goes on when its client reads, though that has said its last word`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend) { $0.connection.unsentByteLimit = 4096 }
    let client = try TLSClient(port: fixture.port, context)
    let count = 300
    try client.send(String(repeating: Self.get("/big?5000"), count: count))
    // Its last word comes while the server does not read, and must not cost the requests ahead of it.
    try client.finish()
    for _ in 0..<count { #expect(try client.readAnswer().body.utf8.count == 5000) }
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a client that has said its last word still gets its answer, and hears ours`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend)
    for endsSocket in [false, true] {
      let client = try TLSClient(port: fixture.port, context)
      try client.send(Self.get("/later"))
      try client.finish()
      if endsSocket { client.raw.finish() }
      let handler = fixture.handler
      while try await fixture.thread.loop.call({ handler.waitingCount }) < 1 {}
      try await fixture.thread.loop.call { handler.release() }
      #expect(try client.readToEnd().hasSuffix("later 0"))
      #expect(client.isFinished)
      client.raw.hangUp()
      _ = try await fixture.wait { $0.openConnections == 0 }
    }
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `an idle connection is closed with a word`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend) { $0.connection.idleLimit = .milliseconds(50) }
    let client = try TLSClient(port: fixture.port, context)
    try client.send(Self.get("/"))
    _ = try client.readAnswer()
    #expect(try client.readToEnd() == "")
    #expect(client.isFinished)
    #expect(try await fixture.wait { $0.openConnections == 0 }.idleCloses == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a drain ends idle connections and handshakes, and waits for answers`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend)
    let idle = try TLSClient(port: fixture.port, context)
    try idle.send(Self.get("/"))
    _ = try idle.readAnswer()
    let busy = try TLSClient(port: fixture.port, context)
    try busy.send(Self.get("/later"))
    let silent = try fixture.client()
    let handler = fixture.handler
    while try await fixture.thread.loop.call({ handler.waitingCount }) < 1 {}
    async let drained = fixture.drain()
    #expect(try idle.readToEnd() == "")
    #expect(idle.isFinished)
    #expect(try silent.readToEnd() == "")
    try await fixture.thread.loop.call { handler.release() }
    #expect(try busy.readAnswer().body == "later 0")
    #expect(try busy.readToEnd() == "")
    #expect(busy.isFinished)
    busy.raw.hangUp()
    #expect(try await drained.forcedConnectionCount == 0)
    await fixture.thread.stopAndWait()
  }

  @Test(arguments: backends)
  func `a stream of events goes through, and one that is not read is dropped`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend)
    let client = try TLSClient(port: fixture.port, context, receiveBuffer: 4096)
    try client.send(Self.get("/events"))
    _ = try client.read(until: "\r\n\r\n")
    let handler = fixture.handler
    try await fixture.thread.loop.call { handler.streams.withLock { _ = $0[0].send(bytes("hello").span) } }
    #expect(try client.read(until: "hello\r\n") == "5\r\nhello\r\n")
    let piece = [UInt8](repeating: 0x78, count: 100_000)
    var isTaken = true
    var rounds = 0
    while isTaken, rounds < 10_000 {
      isTaken = try await fixture.thread.loop.call { handler.streams.withLock { $0[0].send(piece.span) } }
      rounds += 1
    }
    #expect(!isTaken)
    #expect(try await fixture.wait { $0.openConnections == 0 }.slowReaders == 1)
    #expect(handler.closedStreamCount.withLock { $0 } == 1)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `one connection too many is told so`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend) { $0.connectionLimit = 1 }
    let first = try TLSClient(port: fixture.port, context)
    try first.send(Self.get("/"))
    _ = try first.readAnswer()
    let second = try TLSClient(port: fixture.port, context)
    #expect(try second.readAnswer().status == 503)
    #expect(try second.readToEnd() == "")
    #expect(second.isFinished)
    try await fixture.stop()
  }

  // MARK: Those who do not speak TLS, or speak it badly

  @Test(arguments: backends)
  func `plain HTTP is told in plain words where it is`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend)
    for request in [
      Self.get("/"), "POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "G",
    ] {
      let client = try fixture.client()
      try client.send(request)
      let answer = try client.readAnswer()
      #expect(answer.status == 400)
      #expect(answer.head.contains("Connection: close\r\n"))
      #expect(answer.body.contains("\"tls.plainRequest\""))
      #expect(answer.body.contains("https://"))
      #expect(try client.readToEnd() == "")
      client.hangUp()
    }
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.plainRequestsToTLS == 4)
    #expect(counters.requests == 0)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `garbage, a vanished client and a half handshake end without a trace`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend) { $0.tls.lingerLimit = .milliseconds(50) }
    var chance = SplitMix(seed: 7)
    for round in 0..<100 {
      let client = try fixture.client()
      var garbage = (0..<Int.random(in: 1...3000, using: &chance)).map { _ in
        UInt8.random(in: 0 ... .max, using: &chance)
      }
      garbage[0] |= 0x80
      try client.send(garbage)
      if round % 2 == 0 { client.reset() } else { client.finish() }
    }
    for share in [1, 50, 100] {
      let client = try TLSClient(port: fixture.port, context, shakesHands: false)
      let hello = client.takeOutput()
      try client.raw.send(Array(hello[..<(hello.count * share / 100)]))
      if share == 100 { _ = try client.raw.readSome() }
      client.raw.reset()
    }
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.handshakes == 0)
    // One that was reset may be gone before it is accepted.
    #expect(counters.failedHandshakes == counters.acceptedConnections)
    let other = try TLSClient(port: fixture.port, context)
    try other.send(Self.get("/x"))
    #expect(try other.readAnswer().body == "GET /x")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a record that was changed ends its connection alone, and says so`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let fixture = try await serve(backend)
    let other = try TLSClient(port: fixture.port, context)
    let client = try TLSClient(port: fixture.port, context)
    try client.send(Self.get("/later"))
    let handler = fixture.handler
    while try await fixture.thread.loop.call({ handler.waitingCount }) < 1 {}
    try client.session.write(bytes(Self.get("/")).span)
    var wire = client.takeOutput()
    wire[wire.count - 1] ^= 1
    try client.raw.send(wire)
    #expect(throws: TLSFailure.self) { try client.readToEnd() }
    client.raw.hangUp()
    try await fixture.thread.loop.call { handler.release() }
    let counters = try await fixture.wait { $0.openConnections == 1 }
    #expect(counters.brokenConnections == 1)
    #expect(counters.ignoredAnswers == 1)
    try other.send(Self.get("/x"))
    #expect(try other.readAnswer().body == "GET /x")
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a handshake has a deadline, however its bytes come`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend) { $0.tls.handshakeLimit = .milliseconds(100) }
    let silent = try fixture.client()
    let half = try TLSClient(port: fixture.port, context, shakesHands: false)
    try half.raw.send(Array(half.takeOutput()[..<100]))
    #expect(try silent.readToEnd() == "")
    #expect(try half.raw.readToEnd() == "")
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.failedHandshakes == 2)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `those who say nothing give way to those who come`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend) { $0.tls.handshakesUnderWayLimit = 4 }
    let settled = try TLSClient(port: fixture.port, context)
    let silent = try (0..<4).map { _ in try fixture.client() }
    _ = try await fixture.wait { $0.openConnections == 5 }
    let late = try TLSClient(port: fixture.port, context)
    #expect(try silent[0].readToEnd() == "")
    for client in [settled, late] {
      try client.send(Self.get("/x"))
      #expect(try client.readAnswer().body == "GET /x")
    }
    let counters = try await fixture.wait { $0.openConnections == 5 }
    #expect(counters.crowdedOutHandshakes == 1)
    #expect(counters.handshakes == 2)
    try await fixture.stop()
  }

  @Test(arguments: backends)
  func `a handshake that never ends is cut by its length`(_ backend: EventLoopConfiguration.Backend) async throws {
    let fixture = try await serve(backend)
    let client = try fixture.client()
    // A first message of 100,000 bytes, in records of 1000: nothing is wrong with it but its size.
    var message: [UInt8] = [1, 0x01, 0x86, 0xA0]
    message += [UInt8](repeating: 3, count: 100_000)
    var sent = 0
    for offset in stride(from: 0, to: message.count, by: 1000) {
      let piece = message[offset..<min(message.count, offset + 1000)]
      sent += client.sendWithoutWaiting([22, 3, 1, UInt8(piece.count >> 8), UInt8(piece.count & 0xFF)] + piece)
    }
    // Its rest is unread, which the kernel answers with a reset.
    _ = try client.readToEnd()
    let counters = try await fixture.wait { $0.openConnections == 0 }
    #expect(counters.failedHandshakes == 1)
    try await fixture.stop()
  }
}
