import HTTP
import Ring
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTPClientDownloadTests {
  /// Counts what it is given, and takes nothing while its gate is shut.
  actor Sink {
    private(set) var byteCount = 0
    private(set) var largest = 0
    private(set) var checksum: UInt64 = 0
    private var isOpen: Bool
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(isOpen: Bool = true) { self.isOpen = isOpen }

    func open() {
      isOpen = true
      for waiter in waiters { waiter.resume() }
      waiters = []
    }

    func take(_ piece: [UInt8]) async -> Bool {
      if !isOpen { await withCheckedContinuation { waiters.append($0) } }
      // Every 4096th byte.
      for index in stride(from: (4096 - byteCount % 4096) % 4096, to: piece.count, by: 4096) {
        checksum = checksum &* 31 &+ UInt64(piece[index])
      }
      byteCount += piece.count
      largest = max(largest, piece.count)
      return true
    }
  }

  private static let size = 40 << 20

  private static func serve(_ server: ScriptedServer, _ progress: Progress) throws -> UInt64 {
    let peer = try server.accept()
    _ = try peer.readRequest()
    try peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
    var random = SplitMix(seed: 1)
    var checksum: UInt64 = 0
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    for _ in 0..<size >> 16 {
      for index in stride(from: 0, to: piece.count, by: 4096) {
        piece[index] = UInt8(truncatingIfNeeded: random.next())
        checksum = checksum &* 31 &+ UInt64(piece[index])
      }
      try peer.send(piece)
      progress.sent.withLock { $0 += piece.count }
    }
    return checksum
  }

  final class Progress: Sendable { let sent = Mutex(0) }

  @Test(arguments: backends)
  func `a large file comes whole, and no faster than it is taken`(
    _ backend: EventLoopConfiguration.Backend
  ) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    let sink = Sink(isOpen: false)
    let progress = Progress()
    async let checksum = blocking { try Self.serve(server, progress) }
    let request = HTTPClientRequest(.get, server.url("/symbols"), deadline: .seconds(60), bodyLimit: Self.size)
    let http = client.client
    let task = Task(executorPreference: client.loop) {
      do throws(TransferFailure) {
        let response = try await http.download(request) { await sink.take($0) }
        return "\(response.status.code) \(response.body.count)"
      } catch { return error.code.rawValue }
    }
    // Wait until the server cannot go on: what it has sent is in two sockets' buffers and in ours.
    var before = -1
    while progress.sent.withLock({ $0 }) != before || before == 0 {
      before = progress.sent.withLock { $0 }
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(before < Self.size / 2)
    #expect(await sink.byteCount == 0)
    await sink.open()
    #expect(await task.value == "200 0")
    #expect(await sink.byteCount == Self.size)
    #expect(await sink.largest <= 272 * 1024)
    #expect(try await checksum == sink.checksum)
    #expect(try await client.counters.receivedBytes > Self.size)
    try await client.stop()
  }

  private func download(
    _ backend: EventLoopConfiguration.Backend, _ answer: String, limit: Int = 1 << 20, takes: Bool = true
  ) async throws -> (outcome: String, given: Int) {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.send(answer)
      peer.finish()
      _ = try peer.readToEnd()
    }
    let given = Progress()
    var outcome: String
    do throws(TransferFailure) {
      let response = try await client.client.download(HTTPClientRequest(.get, server.url("/"), bodyLimit: limit)) {
        piece in
        given.sent.withLock { $0 += piece.count }
        return takes
      }
      outcome = "\(response.status.code) \(text(response.body))"
    } catch { outcome = "\(error.code.rawValue)" }
    try await script
    #expect(try await client.counters.openTransfers == 0)
    try await client.stop()
    return (outcome, given.sent.withLock { $0 })
  }

  private static func success(_ count: Int) -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n" + String(repeating: "x", count: count)
  }

  @Test(arguments: backends)
  func `a stream ends as its answer does`(_ backend: EventLoopConfiguration.Backend) async throws {
    #expect(try await download(backend, Self.success(0)) == ("200 ", 0))
    #expect(try await download(backend, Self.success(1)) == ("200 ", 1))
    #expect(try await download(backend, Self.success(1000), limit: 1000) == ("200 ", 1000))
    #expect(try await download(backend, Self.success(1001), limit: 1000).outcome == "transfer.answerTooLarge")
    #expect(
      try await download(backend, "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nnone") == ("404 none", 0))
    #expect(
      try await download(
        backend, "HTTP/1.1 500 No\r\nContent-Length: 65537\r\n\r\n" + String(repeating: "x", count: 65_537))
        == ("transfer.answerTooLarge", 0))
    #expect(
      try await download(backend, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").outcome == "transfer.answerCut")
    #expect(try await download(backend, Self.success(500_000), takes: false).outcome == "transfer.stopped")
  }

  @Test(arguments: backends)
  func `a cancelled stream ends`(_ backend: EventLoopConfiguration.Backend) async throws {
    let server = try ScriptedServer()
    let client = try await ClientFixture(backend)
    async let script: Void = blocking {
      let peer = try server.accept()
      _ = try peer.readRequest()
      try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
      _ = try peer.readToEnd()
    }
    let http = client.client
    let url = server.url("/")
    let task = Task(executorPreference: client.loop) {
      do throws(TransferFailure) {
        _ = try await http.download(HTTPClientRequest(.get, url)) { _ in true }
        return "whole"
      } catch { return error.code.rawValue }
    }
    while try await client.counters.openTransfers == 0 {}
    task.cancel()
    #expect(await task.value == "transfer.cancelled")
    try await script
    try await client.stop()
  }
}
