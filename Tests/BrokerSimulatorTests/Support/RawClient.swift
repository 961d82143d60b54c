import Glibc

/// A blocking socket to 127.0.0.1 that sees resets as what they are.
final class RawClient {
  enum End: Equatable { case closed, reset, silence }

  struct Failure: Error { let call: String }

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(port: UInt16, seconds: Int = 10) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
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
    guard result == 0 else { throw Failure(call: "connect") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(call: "send") }
      sent += count
    }
  }

  /// One read's worth more, or why there is none.
  private func fill() -> End? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var count = 0
    // The end of a child process of another test interrupts us.
    repeat { count = recv(descriptor, &chunk, chunk.count, 0) } while count < 0 && errno == EINTR
    if count > 0 {
      buffer.append(contentsOf: chunk[..<count])
      return nil
    }
    if count == 0 { return .closed }
    return errno == ECONNRESET ? .reset : .silence
  }

  /// All that comes until the connection ends, or nothing comes for the time limit.
  func readToEnd() -> (text: String, end: End) {
    while true {
      if let end = fill() { return (String(decoding: buffer, as: UTF8.self), end) }
    }
  }

  func read(count: Int) throws -> [UInt8] {
    while buffer.count < count {
      if fill() != nil { throw Failure(call: "read \(count), have \(String(decoding: buffer, as: UTF8.self))") }
    }
    let taken = Array(buffer[..<count])
    buffer.removeFirst(count)
    return taken
  }

  /// Head and body of one answer with a Content-Length.
  func readAnswer() throws -> (status: Int, head: String, body: String) {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let index = buffer.indices.first(where: { buffer[$0...].starts(with: end) }) {
        let head = String(decoding: try read(count: index + 4), as: UTF8.self)
        var length = 0
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
          length = Int(line.split(separator: " ")[1]) ?? 0
        }
        let status = Int(head.split(separator: " ")[1]) ?? 0
        return (status, head, String(decoding: try read(count: length), as: UTF8.self))
      }
      if fill() != nil { throw Failure(call: "answer") }
    }
  }
}
