import Glibc
import HTTP
import Ring
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct HTTPClientTLSTests {
  private static let order = bytes("order")

  @Test(arguments: backends)
  func `a peer that nobody vouches for gets nothing`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try TLSServer()
    let client = try await ClientFixture(backend)
    let failure = await client.send(HTTPClientRequest(.post, server.url("/order"), body: Self.order)).failure
    #expect(failure?.code == .peerNotVerified)
    #expect(failure?.isCertainlyNotSent == true)
    #expect(failure?.detail.contains("self-signed certificate") == true, "\(failure?.detail ?? "")")
    try await client.stop()
    #expect(!(try server.stop()).contains("order"))
  }

  static let identities: [(String, TLSServer.Identity)] = [
    ("another host's", TLSServer.Identity(name: "DNS:elsewhere.example")),
    ("another address's", TLSServer.Identity(name: "IP:127.0.0.2")),
    ("one that has expired", TLSServer.Identity(days: -1)),
  ]

  @Test(arguments: backends)
  func `a trusted certificate of the wrong name or time is refused`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    for (what, identity) in Self.identities {
      let server = try TLSServer(identity)
      let client = try await ClientFixture(backend) { $0.extraAuthorities = server.certificatePath }
      let outcome = await client.ask(HTTPClientRequest(.post, server.url("/order"), body: Self.order))
      #expect(outcome == "transfer.peerNotVerified not sent", "\(what)")
      try await client.stop()
    }
  }

  @Test(arguments: backends)
  func `a peer that an extra authority vouches for is served over one connection`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try TLSServer()
    let client = try await ClientFixture(backend) { $0.extraAuthorities = server.certificatePath }
    async let script: Void = blocking {
      for number in 0..<3 {
        _ = try server.wire.read(until: "\r\n\r\norder")
        try server.wire.answer("\(number)")
      }
    }
    for number in 0..<3 {
      let response = try await client.send(HTTPClientRequest(.post, server.url("/order"), body: Self.order)).get()
      #expect(text(response.body) == "\(number)")
      #expect(response.timing.isNewConnection == (number == 0))
      #expect((response.timing.secured > .zero) == (number == 0))
    }
    try await script
    #expect(try await client.counters.connectionsOpened == 1)
    let client2 = client.client
    let timings = try await client.loop.call { client2.timings["https://127.0.0.1:\(server.port)"] }
    #expect(timings?.answers == 3)
    #expect(timings?.secure.count == 1)
    #expect(timings?.firstByte.count == 3)
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a peer without TLS and one that never finishes the handshake got nothing`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.connectLimit = .seconds(1) }
    let url = "https://127.0.0.1:\(server.port)/"
    async let plain: Void = blocking { try server.accept().answer("no TLS here") }
    #expect(
      await client.ask(HTTPClientRequest(.post, url, body: Self.order)) == "transfer.tlsFailed not sent")
    try await plain
    async let hangUp: Void = blocking { try server.accept().hangUp() }
    let lost = await client.ask(HTTPClientRequest(.post, url, body: Self.order))
    #expect(lost.hasSuffix(" not sent"), "\(lost)")
    try await hangUp
    #expect(
      await client.ask(HTTPClientRequest(.post, url, body: Self.order)) == "transfer.connectTooSlow not sent")
    try await client.stop()
  }

  @Test(arguments: backends)
  func `what is said unasked over TLS is never read as an answer`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try TLSServer()
    let client = try await ClientFixture(backend) { $0.extraAuthorities = server.certificatePath }
    async let first: Void = blocking {
      _ = try server.wire.read(until: "\r\n\r\norder")
      try server.wire.answer("1")
    }
    #expect(await client.ask(HTTPClientRequest(.post, server.url("/"), body: Self.order)) == "200 1")
    try await first
    try server.wire.answer("stray", status: "408 Request Timeout")
    // On its way through the child process.
    while try await client.counters.idleEnds == 0 { try await Task.sleep(for: .milliseconds(1)) }
    async let second: Void = blocking {
      _ = try server.wire.read(until: "\r\n\r\norder")
      try server.wire.answer("2")
    }
    #expect(await client.ask(HTTPClientRequest(.post, server.url("/"), body: Self.order)) == "200 2")
    try await second
    try await client.stop()
  }

  // MARK: HTTP/2

  /// Frames (RFC 9113 4.1): SETTINGS, its acknowledgement, and HEADERS with the static table's `:status: 200`, which ends
  /// the stream.
  private static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 0, 4, 1, 0, 0, 0, 0]
  private static func answer(stream: UInt8) -> [UInt8] { [0, 0, 1, 1, 5, 0, 0, 0, stream, 0x88] }
  /// The connection preface (RFC 9113 3.4).
  private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  @Test(arguments: backends)
  func `HTTP 2 is spoken where it is offered`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try TLSServer(protocols: "h2,http/1.1")
    let client = try await ClientFixture(backend) { $0.extraAuthorities = server.certificatePath }
    async let script: Void = blocking {
      _ = try server.wire.read(until: Self.preface)
      try server.wire.send(Self.settings)
      for stream: UInt8 in [1, 3] {
        _ = try server.wire.read(until: "order")
        try server.wire.send(Self.answer(stream: stream))
      }
    }
    for number in 0..<2 {
      let response = try await client.send(HTTPClientRequest(.post, server.url("/"), body: Self.order)).get()
      #expect(response.status == .ok)
      #expect(response.timing.isHTTP2)
      #expect(response.timing.isNewConnection == (number == 0))
    }
    try await script
    try await client.stop()
  }

  @Test(arguments: backends)
  func `HTTP 2 is not spoken where it is not wanted`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try TLSServer(protocols: "h2,http/1.1")
    let client = try await ClientFixture(backend) {
      $0.extraAuthorities = server.certificatePath
      $0.offersHTTP2 = false
    }
    async let script: Void = blocking {
      _ = try server.wire.read(until: "\r\n\r\norder")
      try server.wire.answer("1.1")
    }
    #expect(await client.ask(HTTPClientRequest(.post, server.url("/"), body: Self.order)) == "200 1.1")
    try await script
    try await client.stop()
  }

  /// Frames that turn a request down or end the connection: RST_STREAM with REFUSED_STREAM, HTTP_1_1_REQUIRED, and GOAWAY
  /// that names no stream as taken.
  static let refusals: [[UInt8]] = [
    [0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 7], [0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0xD],
    [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
  ]

  @Test(arguments: backends, refusals)
  func `a request that HTTP 2 turns down is not sent again`(
    _ backend: EventLoopConfiguration.Backend, _ refusal: [UInt8]
  ) async throws {
    let server = try TLSServer(protocols: "h2,http/1.1")
    let client = try await ClientFixture(backend) { $0.extraAuthorities = server.certificatePath }
    async let script: Void = blocking {
      _ = try server.wire.read(until: Self.preface)
      try server.wire.send(Self.settings)
      _ = try server.wire.read(until: "order")
      try server.wire.send(Self.answer(stream: 1))
      _ = try server.wire.read(until: "order")
      try server.wire.send(refusal)
    }
    #expect(await client.ask(HTTPClientRequest(.post, server.url("/"), body: Self.order)) == "200 ")
    let second = HTTPClientRequest(.post, server.url("/"), body: Self.order, deadline: .milliseconds(1500))
    let outcome = await client.ask(second)
    #expect(outcome.hasSuffix(" perhaps sent"), "\(outcome)")
    try await script
    try await client.stop()
    #expect(!(try server.stop()).contains("order"))
  }
}

extension Result {
  var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
