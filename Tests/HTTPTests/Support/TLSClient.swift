import HTTP
import Ring

/// A client of a TLS server over a blocking socket, in the test's own thread.
/// @unchecked: one task at a time uses it.
final class TLSClient: @unchecked Sendable {
  let raw: RawClient
  let session: TLSSession
  private var buffer: [UInt8] = []
  /// The server has said that it ends, by `close_notify`.
  private(set) var isFinished = false
  private let scratch = IOBuffer(capacity: TLSSession.recordLimit)

  /// Connects, and shakes hands unless told otherwise.
  init(
    port: UInt16, _ context: TLSContext, resuming ticket: TLSTicket? = nil, receiveBuffer: Int32? = nil,
    shakesHands: Bool = true
  ) throws {
    raw = try RawClient(port: port, receiveBuffer: receiveBuffer)
    session = try context.clientSession(host: "127.0.0.1", resuming: ticket)
    if shakesHands { try shakeHands() }
  }

  func shakeHands() throws {
    try flush()
    while !session.isEstablished {
      guard try fill() else { throw RawClient.Failure("the server hung up in the handshake") }
    }
  }

  /// Ciphertext that waits to be sent.
  func takeOutput() -> [UInt8] { TLSPair.take(session) }

  func flush() throws {
    let bytes = takeOutput()
    if !bytes.isEmpty { try raw.send(bytes) }
  }

  func send(_ text: String) throws {
    try session.write(bytes(text).span)
    try flush()
  }

  /// Says that nothing more will be sent; the socket stays open.
  func finish() throws {
    session.close()
    try flush()
  }

  /// False at the end of the stream.
  private func fill() throws -> Bool {
    guard let bytes = try raw.readSome() else { return false }
    switch session.receive(
      bytes.span, through: scratch,
      {
        buffer.append($0); return true
      })
    {
    case .open: break
    case .finished: isFinished = true
    case .failed(let failure): throw failure
    case .abandoned: break
    }
    try flush()
    return true
  }

  func read(count: Int) throws -> String {
    while buffer.count < count {
      guard try !isFinished && fill() else { throw RawClient.Failure("the stream ended early: \(text(buffer))") }
    }
    let taken = Array(buffer[..<count])
    buffer.removeFirst(count)
    return text(taken)
  }

  func read(until end: String) throws -> String {
    let wanted = bytes(end)
    while true {
      if let range = buffer.firstRange(of: wanted) { return try read(count: range.upperBound) }
      guard try !isFinished && fill() else { throw RawClient.Failure("the stream ended early: \(text(buffer))") }
    }
  }

  /// Everything until the socket's end.
  func readToEnd() throws -> String {
    while try fill() {}
    let taken = buffer
    buffer = []
    return text(taken)
  }

  func readAnswer() throws -> RawClient.Answer {
    let head = try read(until: "\r\n\r\n")
    guard let status = Int(head.split(separator: " ")[1]) else { throw RawClient.Failure("no status: \(head)") }
    var length = 0
    for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      length = Int(line.split(separator: " ")[1]) ?? 0
    }
    return RawClient.Answer(status: status, head: head, body: try read(count: length))
  }
}
