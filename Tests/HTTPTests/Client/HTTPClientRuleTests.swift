import Glibc
import HTTP
import Ring
import Testing

/// What the client refuses to do, and what it does not let others decide.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientRuleTests {
  static let badURLs = [
    "", "/", "*", "example.com", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///path",
    "https://user@example.com/", "https://user:secret@example.com/", "https://example.com/#part",
    "https://exa mple.com/",
    "https://example.com/a b", "https://example.com/ä", "https://example.com:99999/", "https://example.com\r\nX: y/",
    "https://example.com/a\\b", "gopher://example.com/", "http://[::1/",
  ]

  @Test(arguments: badURLs)
  func `an address that is not plainly one is refused`(_ url: String) async throws {
    let client = try await ClientFixture(.epoll)
    #expect(await client.ask(HTTPClientRequest(.get, url)) == "transfer.requestInvalid not sent")
    try await client.stop()
  }

  @Test func `a request beyond its limits is refused`() async throws {
    let client = try await ClientFixture(.epoll)
    let url = "http://127.0.0.1:1/"
    var fields = HTTPFields()
    try fields.append("Host", "elsewhere")
    let requests = [
      HTTPClientRequest(.get, url, deadline: .zero), HTTPClientRequest(.get, url, deadline: .seconds(86_401)),
      HTTPClientRequest(.get, url, bodyLimit: -1), HTTPClientRequest(.get, url, bodyLimit: 1 << 30 + 1),
      HTTPClientRequest(.get, url, body: [1]), HTTPClientRequest(.head, url, body: [1]),
      HTTPClientRequest(.trace, url), HTTPClientRequest(.get, url, fields: fields),
    ]
    for request in requests { #expect(await client.ask(request) == "transfer.requestInvalid not sent") }
    #expect(try await client.counters.refusals == 8)
    try await client.stop()
  }

  @Test func `plain text is spoken to this machine only`() async throws {
    let client = try await ClientFixture(.epoll)
    for host in ["example.com", "10.0.0.1", "127.0.0.1.example.com", "1270.0.0.1", "localhost.example.com"] {
      #expect(
        await client.ask(HTTPClientRequest(.get, "http://\(host)/")) == "transfer.plainTextRefused not sent", "\(host)")
    }
    for host in ["127.0.0.1:1", "127.9.9.9:1", "localhost:1", "LOCALHOST:1"] {
      #expect(
        await client.ask(HTTPClientRequest(.get, "http://\(host)/")) == "transfer.connectFailed not sent", "\(host)")
    }
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a redirect is an answer`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      for status in ["301 Moved", "307 Again", "308 Again"] {
        _ = try peer.readRequest()
        try peer.answer(status: status, fields: "Location: \(server.url("/elsewhere"))\r\n")
      }
    }
    for status in [301, 307, 308] {
      let response = try await client.send(HTTPClientRequest(.post, server.url("/"), body: bytes("order"))).get()
      #expect(Int(response.status.code) == status)
      #expect(response.fields["Location"] == server.url("/elsewhere"))
    }
    try await script
    #expect(!server.isAsked())
    try await client.stop()
  }

  @Test(arguments: backends)
  func `the environment's proxy is not asked`(_ backend: EventLoopConfiguration.Backend) async throws {
    let proxy = try ScriptedServer()
    let server = try ScriptedServer()
    for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] { setenv(name, proxy.url(""), 1) }
    defer { for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] { unsetenv(name) } }
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.answer("direct")
    }
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/"))) == "200 direct")
    try await script
    #expect(!proxy.isAsked())
    try await client.stop()
  }

  @Test(arguments: backends)
  func `connections leave by the chosen address`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.sourceAddress = .v4(0x7F00_0002) }
    async let address = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.answer()
      return peer.peerAddress
    }
    #expect(await client.ask(HTTPClientRequest(.get, server.url("/"))) == "200 ")
    #expect(try await address == "127.0.0.2")
    try await client.stop()
    // From the block for documentation (RFC 5737): no machine has it.
    let lost = try await ClientFixture(backend) { $0.sourceAddress = .v4(0xC000_0201) }
    #expect(await lost.ask(HTTPClientRequest(.get, server.url("/"))) == "transfer.sourceAddressUnusable not sent")
    try await lost.stop()
  }

  @Test func `a configuration out of range is refused by name`() async throws {
    let changes: [(String, @Sendable (inout HTTPClientConfiguration) -> Void)] = [
      ("connectLimit", { $0.connectLimit = .zero }), ("connectionLimit", { $0.connectionLimit = 0 }),
      ("connectionsPerHostLimit", { $0.connectionsPerHostLimit = 65 }), ("idleLimit", { $0.idleLimit = .zero }),
      ("transferLimit", { $0.transferLimit = 0 }), ("headLimit", { $0.headLimit = 1023 }),
      ("fieldLimit", { $0.fieldLimit = 0 }), ("userAgent", { $0.userAgent = "a\r\nb" }),
    ]
    for (name, change) in changes {
      await #expect(throws: HTTPClientError.invalidConfiguration(name)) {
        _ = try await ClientFixture(.epoll, change: change)
      }
    }
    await #expect(throws: HTTPClientError.authoritiesUnreadable("/nowhere.pem")) {
      _ = try await ClientFixture(.epoll) { $0.extraAuthorities = "/nowhere.pem" }
    }
  }
}
