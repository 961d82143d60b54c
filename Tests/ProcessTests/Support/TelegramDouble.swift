import Foundation
import Glibc

/// The Bot API's `sendMessage` on a loopback port: keeps what it is told, and answers as Telegram does.
final class TelegramDouble: @unchecked Sendable {
  static let token = "123456789:CANARY-of-a-bot-token_0123456789"
  static let chat = "-1001234567890"

  private let condition = NSCondition()
  private var kept: [String] = []
  private var answers: [String] = []
  private let socket: Int32
  let port: UInt16

  init() throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, length) == 0 && listen(socket, 16) == 0 && getsockname(socket, pointer, &length) == 0
      }
    }
    guard result else { throw RawClient.Closed() }
    port = UInt16(bigEndian: address.sin_port)
    self.socket = socket
    Thread { [self] in
      while true {
        let connection = accept(socket, nil, nil)
        if connection < 0 { return }
        Thread { [self] in serve(connection) }.start()
      }
    }.start()
  }

  /// Ends the wait for further connections.
  func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

  /// An engine's settings that lead here.
  var settings: [String: String] {
    [
      "TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_CHAT_ID": Self.chat,
      "TELEGRAM_API_URL": "http://127.0.0.1:\(port)",
    ]
  }

  /// Texts, in order.
  var texts: [String] { condition.withLock { kept } }

  /// The next message is answered so.
  func answer(_ body: String) { condition.withLock { answers.append(body) } }

  /// Until a text begins so; all texts then.
  func wait(for start: String, seconds: Double = 30) -> [String] {
    let limit = Date(timeIntervalSinceNow: seconds)
    return condition.withLock {
      while !kept.contains(where: { $0.hasPrefix(start) }), condition.wait(until: limit) {}
      return kept
    }
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var pending = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      while let end = pending.range(of: Data("\r\n\r\n".utf8)) {
        let head = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
        let line = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
        guard pending.endIndex - end.upperBound >= length else { break }
        let body = pending[end.upperBound..<(end.upperBound + length)]
        let answer = take(head, Data(body))
        pending = Data(pending[(end.upperBound + length)...])
        let status = answer.contains("\"error_code\":429") ? "429 Too Many Requests" : "200 OK"
        let text =
          "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(answer.utf8.count)\r\n\r\n"
        let bytes = Array((text + answer).utf8)
        if send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) != bytes.count { return }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return }
      pending.append(contentsOf: buffer[..<count])
    }
  }

  private func take(_ head: String, _ body: Data) -> String {
    let json = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    guard head.hasPrefix("POST /bot\(Self.token)/sendMessage "), json["chat_id"] as? String == Self.chat,
      let text = json["text"] as? String
    else { return #"{"ok":false,"error_code":404,"description":"Not Found"}"# }
    return condition.withLock {
      if !answers.isEmpty { return answers.removeFirst() }
      kept.append(text)
      condition.broadcast()
      return #"{"ok":true,"result":{"message_id":\#(kept.count)}}"#
    }
  }
}
