import Glibc
import HTTP
import Ring
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(1))) struct HTTPClientNameTests {
  @Test(arguments: backends)
  func `a name is looked up for IPv4 alone, and once for a while`(_ backend: EventLoopConfiguration.Backend)
    async throws
  {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend) { $0.plainText = .anywhere }
    NameLookup.askedFamilies.withLock { $0 = [] }
    for _ in 0..<2 {
      async let script: Void = blocking {
        let peer = try server.accept()
        _ = try peer.readRequest()
        try peer.answer("found", fields: "Connection: close\r\n")
      }
      let url = "http://here.test:\(server.port)/"
      #expect(await client.ask(HTTPClientRequest(.post, url, body: bytes("order"))) == "200 found")
      try await script
    }
    #expect(NameLookup.askedFamilies.withLock { $0 } == [AF_INET])
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a name that is not found got nothing`(_ backend: EventLoopConfiguration.Backend) async throws {
    let client = try await ClientFixture(backend)
    let request = HTTPClientRequest(.post, "https://gone.test/", body: bytes("order"))
    #expect(await client.ask(request) == "transfer.hostNotFound not sent")
    try await client.stop()
  }

  @Test(arguments: backends)
  func `a slow look-up stops neither the loop nor the end of its transfer`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let hasty = try await ClientFixture(backend) { $0.connectLimit = .milliseconds(100) }
    let request = HTTPClientRequest(.post, "https://slow.test/", body: bytes("order"))
    #expect(await hasty.ask(request) == "transfer.connectTooSlow not sent")
    try await hasty.stop()
    let client = try await ClientFixture(backend)
    var late = request
    late.deadline = .milliseconds(50)
    #expect(await client.ask(late) == "transfer.deadlineExceeded not sent")
    let cancelled = client.task(request)
    while try await client.counters.openTransfers == 0 {}
    cancelled.cancel()
    #expect(await client.summary(cancelled) == "transfer.cancelled not sent")
    let closed = client.task(request)
    while try await client.counters.openTransfers == 0 {}
    try await client.stop()
    #expect(await client.summary(closed) == "transfer.clientClosed not sent")
    // Far below the look-up's three seconds.
    for loop in [hasty.loop, client.loop] { #expect(loop.longestStretchNanoseconds(reset: false) < 1_000_000_000) }
  }
}
