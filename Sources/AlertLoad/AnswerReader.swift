/// Finds where an answer ends, and its status. Understands what a server sends to a plain HTTP/1.1 POST: a length.
struct AnswerReader {
  enum Progress: Equatable {
    case incomplete
    case complete(status: Int)
    case malformed
  }

  private var bytes: [UInt8] = []
  private static let limit = 1 << 20

  mutating func take(_ received: Span<UInt8>) -> Progress {
    for index in received.indices { bytes.append(received[index]) }
    guard bytes.count <= AnswerReader.limit else { return .malformed }
    guard let headEnd = AnswerReader.headEnd(bytes) else { return .incomplete }
    guard let status = AnswerReader.status(bytes), let length = AnswerReader.length(bytes[..<headEnd]) else {
      return .malformed
    }
    if bytes.count < headEnd + length { return .incomplete }
    // One request is asked at a time, so nothing may follow its answer.
    guard bytes.count == headEnd + length else { return .malformed }
    bytes.removeAll(keepingCapacity: true)
    return .complete(status: status)
  }

  private static func headEnd(_ bytes: [UInt8]) -> Int? {
    var index = 3
    while index < bytes.count {
      if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 { return index + 1 }
      index += 1
    }
    return nil
  }

  private static func status(_ bytes: [UInt8]) -> Int? {
    guard bytes.starts(with: "HTTP/1.".utf8), bytes.count > 12 else { return nil }
    return Int(String(decoding: bytes[9..<12], as: UTF8.self))
  }

  private static func length(_ head: ArraySlice<UInt8>) -> Int? {
    for line in head.split(separator: 10) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      guard name == "content-length" else { continue }
      let value = line[(colon + 1)...].filter { $0 != UInt8(ascii: " ") && $0 != 13 }
      return Int(String(decoding: value, as: UTF8.self))
    }
    return nil
  }
}
