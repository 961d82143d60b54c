internal import Crypto

/// The server's side of RFC 6455, without extensions.
package enum WebSocket {
  /// The answer to a handshake: what proves that its key was read (section 4.2.2).
  package static func accept(key: String) -> String {
    let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    return Base64.text(Array(digest))
  }

  package enum Opcode: UInt8, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10
  }

  /// A frame to a client: whole and unmasked (section 5.1).
  package static func frame(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
    var frame: [UInt8] = [0x80 | opcode.rawValue]
    switch payload.count {
    case 0..<126: frame.append(UInt8(payload.count))
    case 126..<65_536: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default:
      frame.append(127)
      for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 255)) }
    }
    return frame + payload
  }
}

/// What comes from a client, put together from any split of its bytes.
package struct WebSocketReader {
  package enum Message: Equatable, Sendable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong
    case close
  }

  /// A client broke the protocol: an unmasked frame, a reserved bit, an opcode that nobody knows, a message too long.
  package struct Violation: Error, Equatable {
    package init() {}
  }

  /// Far above any subscription.
  package static let messageLimit = 64 * 1024

  private var bytes: [UInt8] = []
  private var parts: (opcode: WebSocket.Opcode, payload: [UInt8])?

  package init() {}

  package mutating func append(_ span: Span<UInt8>) {
    for index in span.indices { bytes.append(span[index]) }
  }

  /// The next whole message; `nil` when more bytes must come.
  package mutating func next() throws(Violation) -> Message? {
    while let (isLast, opcode, payload) = try nextFrame() {
      switch opcode {
      case .ping: return .ping(payload)
      case .pong: return .pong
      case .close: return .close
      case .text, .binary:
        guard parts == nil else { throw Violation() }
        if isLast { return opcode == .text ? .text(payload) : .binary(payload) }
        parts = (opcode, payload)
      case .continuation:
        guard var whole = parts, whole.payload.count + payload.count <= Self.messageLimit else { throw Violation() }
        whole.payload += payload
        parts = isLast ? nil : whole
        if isLast { return whole.opcode == .text ? .text(whole.payload) : .binary(whole.payload) }
      }
    }
    return nil
  }

  private mutating func nextFrame() throws(Violation) -> (isLast: Bool, WebSocket.Opcode, [UInt8])? {
    guard bytes.count >= 2 else { return nil }
    // No extension was agreed on, so no reserved bit may be set; and a client masks (RFC 6455 5.2, 5.1).
    guard bytes[0] & 0x70 == 0, let opcode = WebSocket.Opcode(rawValue: bytes[0] & 15), bytes[1] & 0x80 != 0 else {
      throw Violation()
    }
    let isLast = bytes[0] & 0x80 != 0
    var count = Int(bytes[1] & 127)
    var start = 2
    if opcode.rawValue >= 8, count > 125 || !isLast { throw Violation() }
    if count >= 126 {
      let width = count == 126 ? 2 : 8
      guard bytes.count >= 2 + width else { return nil }
      count = 0
      for index in 2..<(2 + width) {
        guard count <= Self.messageLimit else { throw Violation() }
        count = count << 8 | Int(bytes[index])
      }
      start += width
    }
    guard count <= Self.messageLimit else { throw Violation() }
    guard bytes.count >= start + 4 + count else { return nil }
    var payload: [UInt8] = []
    payload.reserveCapacity(count)
    for index in 0..<count { payload.append(bytes[start + 4 + index] ^ bytes[start + index & 3]) }
    bytes.removeFirst(start + 4 + count)
    return (isLast, opcode, payload)
  }
}
