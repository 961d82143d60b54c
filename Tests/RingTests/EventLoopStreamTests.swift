import Ring
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopStreamTests {
  @Test("Bytes come back in order", arguments: LoopBackend.available)
  func echo(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop in
      let server = try await EchoServer.start(loop)
      let address = server.address
      let answer = try await blocking {
        let client = try BlockingSocket(address)
        try client.send("hello ")
        try client.send("world")
        client.finish()
        return try client.receiveAll()
      }
      #expect(String(decoding: answer, as: UTF8.self) == "hello world")
    }
  }

  @Test("Many connections at once each get their own bytes back", arguments: LoopBackend.available)
  func manyConnections(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop in
      let server = try await EchoServer.start(loop)
      let address = server.address
      try await blocking {
        let clients = try (0..<200).map { _ in try BlockingSocket(address) }
        for round in 0..<5 {
          for (index, client) in clients.enumerated() { try client.send("round \(round) client \(index)\n") }
          for (index, client) in clients.enumerated() {
            let expected = Array("round \(round) client \(index)\n".utf8)
            #expect(try client.receive(exactly: expected.count) == expected)
          }
        }
      }
      #expect(try await loop.perform { server.acceptedCount } == 200)
    }
  }
}
