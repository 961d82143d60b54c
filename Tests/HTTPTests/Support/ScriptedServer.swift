import Glibc

/// A listening socket on 127.0.0.1 whose connections a test's script plays, byte by byte, on a thread of its own.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let descriptor: Int32

  /// - Parameter backlog: connections that the kernel completes unasked.
  init(backlog: Int32 = 16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw RawClient.Failure("socket", errno) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    // For accept.
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard result == 0, listen(descriptor, backlog) == 0 else {
      let code = errno
      close(descriptor)
      throw RawClient.Failure("bind", code)
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// The next connection; waits up to ten seconds.
  func accept() throws -> RawClient {
    let accepted = Glibc.accept(descriptor, nil, nil)
    guard accepted >= 0 else { throw RawClient.Failure("accept", errno) }
    return RawClient(descriptor: accepted)
  }

  /// Refuses further connections.
  func stopListening() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Whether a connection waits to be accepted.
  func isAsked(within milliseconds: Int32 = 0) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, milliseconds) > 0
  }
}

extension RawClient {
  struct Request: Equatable {
    var line: String
    var head: String
    var body: String
  }

  /// One request with a Content-Length, or without content.
  func readRequest() throws -> Request {
    let head = try read(until: "\r\n\r\n")
    var length = 0
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      length = Int(line.split(separator: " ")[1]) ?? 0
    }
    return Request(
      line: String(head.split(separator: "\r\n")[0]), head: head, body: try read(count: length))
  }

  /// As `readRequest`; nil if the connection ends without one.
  func readRequestIfAny() throws -> Request? {
    do { return try readRequest() } catch let failure as Failure {
      if failure.description == "the stream ended before \"\\r\\n\\r\\n\": " { return nil }
      throw failure
    }
  }

  func answer(_ body: String = "", status: String = "200 OK", fields: String = "") throws {
    try send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
  }

  /// The peer's address, as `address:port`.
  var peerAddress: String {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getpeername(descriptor, $0, &length) }
    }
    let host = UInt32(bigEndian: address.sin_addr.s_addr)
    return "\(host >> 24).\(host >> 16 & 255).\(host >> 8 & 255).\(host & 255)"
  }
}

/// Runs blocking work on a thread of its own: the cooperative pool has too few to block them.
func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    let work = Unmanaged.passRetained(BlockingWork { continuation.resume(with: Result { try body() }) })
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<BlockingWork>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    precondition(result == 0)
    pthread_detach(thread)
  }
}

private final class BlockingWork {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
