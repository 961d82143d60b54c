import HTTP
import Ring

/// A client and a server in memory: what one has written, the other is fed with, in pieces of any size.
final class TLSPair {
  let client: TLSSession
  let server: TLSSession
  var heardByClient: [UInt8] = []
  var heardByServer: [UInt8] = []
  var clientEnd = TLSSession.Reception.open
  var serverEnd = TLSSession.Reception.open
  private let scratch = IOBuffer(capacity: TLSSession.recordLimit)

  init(_ client: TLSContext, _ server: TLSContext, resuming ticket: TLSTicket? = nil, at now: LoopClock.Instant = start)
    throws
  {
    self.server = try server.serverSession(at: now)
    self.client = try client.clientSession(host: "localhost", resuming: ticket)
  }

  /// Carries everything over until nobody has anything to say.
  func pump(by size: Int = .max) {
    while client.outputByteCount + server.outputByteCount > 0 {
      for piece in TLSPair.pieces(client, size) { give(server: piece) }
      for piece in TLSPair.pieces(server, size) { give(client: piece) }
    }
  }

  func give(server piece: [UInt8]) {
    let end = server.receive(piece.span, through: scratch) { bytes in
      heardByServer.append(bytes)
      return true
    }
    if serverEnd == .open { serverEnd = end }
  }

  func give(client piece: [UInt8]) {
    let end = client.receive(piece.span, through: scratch) { bytes in
      heardByClient.append(bytes)
      return true
    }
    if clientEnd == .open { clientEnd = end }
  }

  /// What a session wants to send.
  static func take(_ session: TLSSession) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(session.takeOutput(leaving: IOBuffer()).bytes)
    return bytes
  }

  private static func pieces(_ session: TLSSession, _ size: Int) -> [[UInt8]] {
    let bytes = take(session)
    return stride(from: 0, to: bytes.count, by: min(size, max(bytes.count, 1))).map {
      Array(bytes[$0..<min(bytes.count, $0 + min(size, bytes.count))])
    }
  }
}

let start = LoopClock.Instant(nanoseconds: 0)

extension TLSFailure {
  /// Whether its words say so.
  func mentions(_ text: String) -> Bool { cause.contains(text) }
}
