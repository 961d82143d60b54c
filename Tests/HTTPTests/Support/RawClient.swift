import Glibc

/// A blocking socket to 127.0.0.1: what it sends is exactly what a test wrote.
/// @unchecked: one task at a time reads, and one writes, which the kernel allows.
final class RawClient: @unchecked Sendable {
  private(set) var descriptor: Int32
  /// Bytes received and not asked for yet.
  private var buffer: [UInt8] = []

  /// - Parameter receiveBuffer: bytes that the kernel may hold for this side, to play a slow reader.
  init(port: UInt16, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("socket", errno) }
    if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        var result: Int32
        // A signal that comes in between leaves the connecting to go on: asked again, it says how far it is.
        repeat {
          result = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        } while result != 0 && (errno == EINTR || errno == EALREADY)
        return result != 0 && errno == EISCONN ? 0 : result
      }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      descriptor = -1
      throw Failure("connect", code)
    }
  }

  /// Takes over a connection that a server accepted.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { hangUp() }

  struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ call: String, _ code: Int32) { description = "\(call): \(String(cString: strerror(code)))" }
    init(_ text: String) { description = text }
  }

  func send(_ text: String) throws { try send(bytes(text)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure("send", errno) }
      sent += count
    }
  }

  /// Sends what the kernel takes at once; returns how many bytes that were.
  func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes {
      max(0, Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
    }
  }

  /// Tells the server that nothing more will come.
  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Closes so that the server sees a reset.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    hangUp()
  }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Waits for more bytes. False at the end of the stream, also by a reset.
  private func fill() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var count = 0
    repeat { count = recv(descriptor, &chunk, chunk.count, 0) } while count < 0 && errno == EINTR
    if count < 0, errno == EAGAIN { throw Failure("nothing came for ten seconds; so far: \(text(buffer))") }
    if count < 0, errno != ECONNRESET { throw Failure("recv", errno) }
    guard count > 0 else { return false }
    buffer.append(contentsOf: chunk[..<count])
    return true
  }

  /// What has come, or comes next; nil at the end of the stream.
  func readSome() throws -> [UInt8]? {
    if buffer.isEmpty, try !fill() { return nil }
    let taken = buffer
    buffer = []
    return taken
  }

  /// All bytes until `end` inclusive.
  func read(until end: String) throws -> String {
    let wanted = bytes(end)
    while true {
      if let range = buffer.firstRange(of: wanted) {
        let taken = Array(buffer[..<range.upperBound])
        buffer.removeFirst(range.upperBound)
        return text(taken)
      }
      guard try fill() else { throw Failure("the stream ended before \(end.debugDescription): \(text(buffer))") }
    }
  }

  func read(count: Int) throws -> String {
    while buffer.count < count {
      guard try fill() else { throw Failure("the stream ended early: \(text(buffer))") }
    }
    let taken = Array(buffer[..<count])
    buffer.removeFirst(count)
    return text(taken)
  }

  /// All bytes until the server ends the stream.
  func readToEnd() throws -> String {
    while try fill() {}
    let taken = buffer
    buffer = []
    return text(taken)
  }

  struct Answer: Equatable {
    var status: Int
    var head: String
    var body: String
  }

  /// One answer with a Content-Length, or without content.
  func readAnswer(toHead: Bool = false) throws -> Answer {
    let head = try read(until: "\r\n\r\n")
    guard let status = Int(head.split(separator: " ")[1]) else { throw Failure("no status: \(head)") }
    var length = 0
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      length = Int(line.split(separator: " ")[1]) ?? 0
    }
    return Answer(status: status, head: head, body: toHead ? "" : try read(count: length))
  }
}
