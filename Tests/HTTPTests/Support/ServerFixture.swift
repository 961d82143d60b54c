import HTTP
import Ring
import Synchronization

/// The backends that this kernel has.
let backends: [EventLoopConfiguration.Backend] = [.uring, .epoll].filter {
  (try? EventLoop(configuration: EventLoopConfiguration(backend: $0))) != nil
}

/// A server on a loop of its own.
final class ServerFixture: Sendable {
  let thread: EventLoopThread
  let server: HTTPServer
  let handler: ScriptedHandler
  let port: UInt16

  /// 1994-11-06T08:49:37Z.
  static let wallTime: Int64 = 784_111_777

  init(
    _ backend: EventLoopConfiguration.Backend, certificate: TLSCertificate? = nil,
    change: (inout HTTPServerConfiguration) -> Void = { _ in }
  ) async throws {
    thread = try EventLoop.start(configuration: EventLoopConfiguration(backend: backend))
    var configuration = HTTPServerConfiguration(wallClock: { ServerFixture.wallTime })
    change(&configuration)
    let loop = thread.loop
    let handler = ScriptedHandler()
    let made = HTTPServer(loop: loop, configuration: configuration, handler: handler)
    self.handler = handler
    server = made
    port = try await loop.call {
      if let certificate { try made.secure(with: certificate, at: loop.time) }
      return try made.listen(on: .loopback(port: 0)).port
    }
  }

  func client(receiveBuffer: Int32? = nil) throws -> RawClient {
    try RawClient(port: port, receiveBuffer: receiveBuffer)
  }

  var counters: HTTPServerCounters {
    get async throws {
      let server = server
      return try await thread.loop.call { server.counters }
    }
  }

  /// Waits until the counters are as wished; the loop's turns pass meanwhile.
  func wait(until isDone: (HTTPServerCounters) -> Bool) async throws -> HTTPServerCounters {
    for _ in 0..<10_000 {
      let counters = try await counters
      if isDone(counters) { return counters }
      try await thread.loop.clock.sleep(until: thread.loop.clock.now.advanced(by: .milliseconds(1)))
    }
    throw RawClient.Failure("not reached: \(try await counters)")
  }

  func drain(within duration: Duration = .seconds(5)) async throws -> HTTPServer.DrainReport {
    let server = server
    let loop = thread.loop
    return await withCheckedContinuation { continuation in
      loop.execute {
        server.drain(deadline: loop.time.advanced(by: duration)) { continuation.resume(returning: $0) }
      }
    }
  }

  /// Ends everything; nothing may be left open.
  func stop() async throws {
    _ = try await drain(within: .zero)
    // A stream knows its server, and the server its handler.
    handler.streams.withLock { $0 = [] }
    await thread.stopAndWait()
  }
}

extension EventLoop {
  /// Runs `body` on the loop and waits for it.
  func call<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      execute { continuation.resume(with: Result { try body() }) }
    }
  }
}

/// Answers by path:
/// `/echo` its body; `/big?n` n bytes; `/later` when told to; `/never`; `/close` as its last; `/events` a stream;
/// anything else `method target`.
final class ScriptedHandler: HTTPHandler, @unchecked Sendable {
  // @unchecked: the loop's thread alone, but for the mutexes.
  private var waiting: [HTTPResponder] = []
  let streams = Mutex<[HTTPStream]>([])
  let closedStreamCount = Mutex(0)
  let peers = Mutex<[PeerAddress]>([])

  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let peer = request.peer
    peers.withLock { $0.append(peer) }
    switch text(request.path) {
    case "/echo":
      var body: [UInt8] = []
      body.append(request.body)
      responder.respond(HTTPResponse(.ok, body: body))
    case "/big":
      responder.respond(HTTPResponse(.ok, body: [UInt8](repeating: 0x78, count: Int(text(request.query)) ?? 0)))
    case "/later": waiting.append(responder)
    case "/never": break
    case "/close": responder.respond(HTTPResponse(.ok, closesConnection: true))
    case "/events":
      let stream = responder.startStream(fields: HTTPFields()) { [self] in closedStreamCount.withLock { $0 += 1 } }
      if let stream { streams.withLock { $0.append(stream) } }
    default:
      responder.respond(HTTPResponse(.ok, body: bytes("\(request.method.name) \(text(request.target))")))
    }
  }

  /// Answers the requests to `/later`, the last first.
  func release() {
    let responders = waiting
    waiting = []
    for (index, responder) in responders.enumerated().reversed() {
      responder.respond(HTTPResponse(.ok, body: bytes("later \(index)")))
    }
  }

  var waitingCount: Int { waiting.count }
}
