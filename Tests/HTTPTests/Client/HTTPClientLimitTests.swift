import Glibc
import HTTP
import Ring
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientLimitTests {
  /// What a server sends before it goes on with a byte at a time, for ever.
  static let drips = ["HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"]

  @Test(arguments: backends, drips)
  func `the deadline holds against an answer that drips in`(
    _ backend: EventLoopConfiguration.Backend, _ beginning: String
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.send(beginning)
      // Until the client hangs up.
      while peer.sendWithoutWaiting(bytes("H")) == 1 { usleep(10_000) }
    }
    let request = HTTPClientRequest(.post, server.url("/"), body: bytes("order"), deadline: .milliseconds(300))
    #expect(await client.ask(request) == "transfer.deadlineExceeded perhaps sent")
    try await script
    try await client.stop()
  }

  @Test(arguments: backends)
  func `the deadline holds for a request that waits for a connection`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.connectionsPerHostLimit = 1 }
    let first = client.task(HTTPClientRequest(.get, server.url("/first")))
    let peer = try await blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      return peer
    }
    let late = HTTPClientRequest(.post, server.url("/late"), body: bytes("order"), deadline: .milliseconds(100))
    #expect(await client.ask(late) == "transfer.deadlineExceeded not sent")
    let second = client.task(HTTPClientRequest(.get, server.url("/second")))
    try peer.answer("1")
    #expect(await client.summary(first) == "200 1")
    let line = try await blocking {
      let request = try peer.readRequest()
      try peer.answer("2")
      return request.line
    }
    #expect(line == "GET /second HTTP/1.1")
    #expect(await client.summary(second) == "200 2")
    #expect(try await client.counters.connectionsOpened == 1)
    try await client.stop()
  }

  @Test(arguments: backends)
  func `those that wait for a connection leave as they came, and one that was cancelled does not`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.connectionsPerHostLimit = 1 }
    func post(_ number: Int) async throws -> Task<Result<HTTPClientResponse, TransferFailure>, Never> {
      let before = try await client.counters.openTransfers
      let task = client.task(HTTPClientRequest(.post, server.url("/\(number)"), body: bytes("order")))
      while try await client.counters.openTransfers == before { try await Task.sleep(for: .milliseconds(1)) }
      return task
    }
    var tasks: [Task<Result<HTTPClientResponse, TransferFailure>, Never>] = []
    for number in 0..<5 { tasks.append(try await post(number)) }
    tasks[2].cancel()
    #expect(await client.summary(tasks[2]) == "transfer.cancelled not sent")
    let lines = try await blocking {
      let peer = try server.accept()
      return try (0..<4).map { _ in
        let request = try peer.readRequest()
        try peer.answer("done")
        return request.line
      }
    }
    #expect(lines == [0, 1, 3, 4].map { "POST /\($0) HTTP/1.1" })
    for number in [0, 1, 3, 4] { #expect(await client.summary(tasks[number]) == "200 done") }
    #expect(try await client.counters.connectionsOpened == 1)
    try await client.stop()
  }

  @Test(arguments: backends)
  func `an order leaves in one piece, head and content`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    for method in [HTTPMethod.post, .put, .patch, .delete] {
      let task = client.task(HTTPClientRequest(method, server.url("/orders"), body: bytes("{\"quantity\":1}")))
      let piece = try await blocking {
        let peer = try server.accept()
        let piece = try peer.readSome()
        try peer.answer("done", fields: "Connection: close\r\n")
        return piece
      }
      #expect(piece.map { text($0).hasSuffix("\r\n\r\n{\"quantity\":1}") } == true, "\(method)")
      #expect(await client.summary(task) == "200 done")
    }
    try await client.stop()
  }

  @Test(arguments: backends)
  func `many requests share the connections that are allowed`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try await ServerFixture(backend)
    let client = try await ClientFixture(backend) { $0.connectionsPerHostLimit = 4 }
    let url = "http://127.0.0.1:\(server.port)/echo"
    let answers = await withTaskGroup(of: String.self) { group in
      for number in 0..<200 {
        group.addTask { await client.ask(HTTPClientRequest(.post, url, body: bytes("\(number)"))) }
      }
      return await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(answers == Set((0..<200).map { "200 \($0)" }))
    #expect(try await client.counters.connectionsOpened == 4)
    #expect(try await client.counters.connectionsOpen == 4)
    try await client.stop()
    #expect(try await server.wait { $0.openConnections == 0 }.requests == 200)
    try await server.stop()
  }

  @Test(arguments: backends)
  func `a peer that cannot be reached got nothing`(_ backend: EventLoopConfiguration.Backend) async throws {
    let client = try await ClientFixture(backend) { $0.connectLimit = .milliseconds(500) }
    let gone = try ScriptedServer().url("/")
    #expect(
      await client.ask(HTTPClientRequest(.post, gone, body: bytes("order"))) == "transfer.connectFailed not sent")
    // A queue of one that is full: the kernel drops what else wants in, as a firewall would.
    let full = try ScriptedServer(backlog: 0)
    let waiting = try RawClient(port: full.port)
    #expect(
      await client.ask(HTTPClientRequest(.post, full.url("/"), body: bytes("order")))
        == "transfer.connectTooSlow not sent")
    waiting.hangUp()
    let nowhere = await client.ask(HTTPClientRequest(.get, "https://no-such-host.invalid/"))
    // The second, where this machine's name servers do not answer at all.
    #expect(["transfer.hostNotFound not sent", "transfer.connectTooSlow not sent"].contains(nowhere))
    try await client.stop()
  }

  struct BadAnswer: Sendable, CustomTestStringConvertible {
    var bytes: String
    var outcome: String
    var testDescription: String { bytes.prefix(40).debugDescription }

    init(_ bytes: String, _ outcome: String) {
      self.bytes = bytes
      self.outcome = outcome
    }
  }

  static let badAnswers: [BadAnswer] = [
    BadAnswer("", "transfer.connectionLost perhaps sent"),
    BadAnswer("HTTP/1.1 2", "transfer.connectionLost perhaps sent"),
    BadAnswer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "transfer.answerCut perhaps sent"),
    BadAnswer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "transfer.answerCut perhaps sent"),
    BadAnswer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "transfer.connectionLost perhaps sent"),
    BadAnswer("SSH-2.0-OpenSSH_9.2\r\n", "transfer.answerMalformed perhaps sent"),
    BadAnswer("<html>hello</html>", "transfer.answerMalformed perhaps sent"),
    BadAnswer("HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", "transfer.answerMalformed perhaps sent"),
    BadAnswer("HTTP/1.1 103 Early\r\nLink: a\r\n\r\n", "transfer.connectionLost perhaps sent"),
    BadAnswer(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
      "transfer.answerMalformed perhaps sent"),
    BadAnswer("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "transfer.answerTooLarge perhaps sent"),
    BadAnswer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + String(repeating: "x", count: 1001),
      "transfer.answerTooLarge perhaps sent"),
    BadAnswer(
      "HTTP/1.1 200 OK\r\nX: " + String(repeating: "y", count: 3000) + "\r\n", "transfer.answerTooLarge perhaps sent"),
    BadAnswer(
      "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 21) + "Content-Length: 0\r\n\r\n",
      "transfer.answerTooLarge perhaps sent"),
    BadAnswer(
      String(repeating: "HTTP/1.1 103 Early\r\nLink: a\r\n\r\n", count: 100), "transfer.answerTooLarge perhaps sent"),
    BadAnswer("HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n", "transfer.answerMalformed perhaps sent"),
  ]

  @Test(arguments: backends)
  func `an answer that is broken or too large proves nothing`(_ backend: EventLoopConfiguration.Backend) async throws {
    let client = try await ClientFixture(backend) {
      $0.headLimit = 2048
      $0.fieldLimit = 20
    }
    for bad in Self.badAnswers {
      let server = try ScriptedServer()
      async let script: Void = blocking {
        let peer = try server.accept()
        _ = try peer.readRequest()
        _ = peer.sendWithoutWaiting(bytes(bad.bytes))
        peer.finish()
        _ = try peer.readToEnd()
      }
      let request = HTTPClientRequest(
        .post, server.url("/"), body: bytes("order"), deadline: .seconds(5), bodyLimit: 1000,
        acceptsCompression: true)
      let outcome = await client.ask(request)
      #expect(outcome == bad.outcome, "\(bad.testDescription)")
      try await script
    }
    try await client.stop()
  }

  @Test(arguments: backends)
  func `an answer at its limits is taken`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) {
      $0.fieldLimit = 20
      $0.headLimit = 1024
    }
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      // The status line, 18 fields of 6 bytes, padding, the length, and the empty line.
      let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n" + String(repeating: "a: b\r\n", count: 18)
      let padding = String(repeating: "p", count: 1024 - head.utf8.count - 4 - "Pad: ".utf8.count)
      try peer.send(head + "Pad: " + padding + "\r\n\r\n" + String(repeating: "x", count: 1000))
    }
    let response = try await client.send(HTTPClientRequest(.get, server.url("/"), bodyLimit: 1000)).get()
    #expect(response.body.count == 1000)
    #expect(response.fields.count == 20)
    try await script
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a cancelled task ends its transfer and says whether anything left`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.connectionsPerHostLimit = 1 }
    let sent = client.task(HTTPClientRequest(.post, server.url("/sent"), body: bytes("order")))
    let peer = try await blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      return peer
    }
    let waiting = client.task(HTTPClientRequest(.post, server.url("/waiting"), body: bytes("order")))
    while try await client.counters.openTransfers < 2 {}
    waiting.cancel()
    #expect(await client.summary(waiting) == "transfer.cancelled not sent")
    sent.cancel()
    #expect(await client.summary(sent) == "transfer.cancelled perhaps sent")
    #expect(try await blocking { try peer.readToEnd() } == "")
    // Cancelled before it could begin.
    let early = Task(executorPreference: client.loop) { [client] in
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(TransferFailure) {
        _ = try await client.client.send(HTTPClientRequest(.get, server.url("/early")))
        return "answered"
      } catch { return "\(error.code.rawValue) \(error.isCertainlyNotSent)" }
    }
    #expect(await early.value == "transfer.cancelled true")
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a cancellation at any moment leaves nothing behind`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try await ServerFixture(backend)
    let client = try await ClientFixture(backend)
    let url = "http://127.0.0.1:\(server.port)/echo"
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<300 {
        let task = client.task(HTTPClientRequest(.post, url, body: bytes("x")))
        group.addTask {
          for _ in 0..<number % 7 { await Task.yield() }
          task.cancel()
          _ = await task.value
        }
      }
    }
    #expect(try await client.counters.openTransfers == 0)
    #expect(await client.ask(HTTPClientRequest(.post, url, body: bytes("still here"))) == "200 still here")
    try await client.stop()
    _ = try await server.wait { $0.openConnections == 0 }
    try await server.stop()
  }

  @Test(arguments: backends)
  func `a closed client ends what is open and refuses the rest`(_ backend: EventLoopConfiguration.Backend) async throws
  {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    let task = client.task(HTTPClientRequest(.post, server.url("/"), body: bytes("order")))
    let peer = try await blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      return peer
    }
    let http = client.client
    try await client.loop.call {
      http.close()
      http.close()
    }
    #expect(await client.summary(task) == "transfer.clientClosed perhaps sent")
    #expect(try await blocking { try peer.readToEnd() } == "")
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/"))) == "transfer.clientClosed not sent")
    #expect(try await client.counters.connectionsOpen == 0)
    try await client.stop()
  }

  @Test(arguments: backends)
  func `one transfer more than the limit is refused`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.transferLimit = 1 }
    let first = client.task(HTTPClientRequest(.get, server.url("/")))
    while try await client.counters.openTransfers < 1 {}
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/"))) == "transfer.tooMany not sent")
    try await blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.answer()
    }
    #expect(await client.summary(first) == "200 ")
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a loop that stops ends what is open`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    let task = client.task(HTTPClientRequest(.post, server.url("/"), body: bytes("order"), deadline: .seconds(60)))
    let peer = try await blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      return peer
    }
    await client.thread.stopAndWait()
    #expect(try peer.readToEnd() == "")
    let outcome = await client.summary(task)
    #expect(outcome == "transfer.clientClosed perhaps sent")
    let late = await client.ask(HTTPClientRequest(.get, server.url("/")))
    #expect(late == "transfer.clientClosed not sent")
  }

  @Test(arguments: backends)
  func `a transfer whose socket is not watched fails alone`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend, watchLimit: 1)
    let first = client.task(HTTPClientRequest(.get, server.url("/")))
    let peer = try await blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      return peer
    }
    let second = HTTPClientRequest(.post, server.url("/"), body: bytes("order"))
    #expect(await client.ask(second) == "transfer.failed not sent")
    try peer.answer("still here")
    #expect(await client.summary(first) == "200 still here")
    try await client.stop()
  }
}
