import Foundation
import Glibc

/// A blocking socket that says exactly what it is told to, and reads answers.
final class RawClient {
  struct Answer {
    let status: Int
    let fields: [String: String]
    let body: String

    /// The body as JSON.
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
    }

    var legs: [[String: Any]] { json["legs"] as? [[String: Any]] ?? [] }
    var error: [String: Any] { json["error"] as? [String: Any] ?? [:] }
    var errorCodes: [String] {
      let all = (json["errors"] as? [[String: Any]]) ?? [error]
      return all.compactMap { $0["code"] as? String }
    }
  }

  struct Closed: Error {}

  private let socket: Int32
  private var pending = Data()

  /// - Parameters:
  ///   - host: the last number of the loopback address that it comes from.
  ///   - seconds: how long an answer may take.
  init(port: UInt16, host: UInt8 = 1, seconds: Int = 20) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if host != 1 {
      var own = sockaddr_in()
      own.sin_family = sa_family_t(AF_INET)
      own.sin_addr.s_addr = (UInt32(0x7F00_0000) + UInt32(host)).bigEndian
      let result = withUnsafePointer(to: &own) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else { throw Closed() }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        var result: Int32
        // A signal that comes in between leaves the connecting to go on: asked again, it says how far it is.
        repeat {
          result = connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        } while result != 0 && (errno == EINTR || errno == EALREADY)
        return result != 0 && errno == EISCONN ? 0 : result
      }
    }
    guard result == 0 else { throw Closed() }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(socket) }

  func send(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Closed() }
      bytes = bytes.dropFirst(count)
    }
  }

  /// One whole answer with a Content-Length.
  func answer(isHead: Bool = false) throws -> Answer {
    let head = try read(until: Data("\r\n\r\n".utf8))
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      if pair.count == 2 { fields[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces) }
    }
    let length = isHead ? 0 : Int(fields["content-length"] ?? "0") ?? 0
    while pending.count < length { try receive() }
    let body = pending.prefix(length)
    pending = Data(pending.dropFirst(length))
    return Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
  }

  /// What arrives up to and including `mark`.
  func read(until mark: Data) throws -> Data {
    while true {
      if let range = pending.range(of: mark) {
        let head = pending[..<range.upperBound]
        pending = Data(pending[range.upperBound...])
        return Data(head)
      }
      try receive()
    }
  }

  /// Whether the server has closed, after whatever else it sent.
  func isClosedByPeer() -> Bool {
    do { while true { try receive() } } catch { return true }
  }

  private func receive() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { throw Closed() }
    pending.append(contentsOf: buffer[..<count])
  }

  func post(_ path: String, _ body: String, fields: [String: String] = [:]) throws -> Answer {
    let extra = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    try send(
      "POST \(path) HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n\(extra)"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    return try answer()
  }

  func get(_ path: String, token: String? = nil) throws -> Answer {
    let authorization = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
    try send("GET \(path) HTTP/1.1\r\nHost: engine\r\n\(authorization)\r\n")
    return try answer()
  }
}
