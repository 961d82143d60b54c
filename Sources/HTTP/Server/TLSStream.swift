internal import Ring

/// TLS between a stream and its connection: opens what comes in, seals what goes out, and ends politely.
///
/// The loop calls it in the connection's place, and it calls the connection as the loop would. Owner: the loop, until
/// `closed`; the connection knows it for as long. Loop's thread only.
final class TLSStream: StreamHandler {
  private enum Phase {
    /// Leads to `open`, to `plain` at the first byte, to `ending` if they cannot agree, or to `closed`.
    case handshaking
    /// Leads to `ending`, or to `closed`.
    case open
    /// The peer speaks HTTP without TLS, and the connection tells it so: all passes as it is. Leads to `closed`.
    case plain
    /// Nothing more is taken from the peer or the connection; our last words leave. Leads to `closed`.
    case ending
    /// Leads nowhere.
    case closed
  }

  /// Plaintext that is sealed for one send: the engine's thread is not held up for longer, and there is never more
  /// ciphertext than this.
  private static let pieceLimit = 64 * 1024
  /// Memory that an idle connection may keep in a buffer.
  private static let keptCapacity = 4096
  /// Bytes that are read and thrown away from a peer that goes on sending behind its own mistake.
  private static let lingerByteLimit = 256 * 1024

  private let server: HTTPServer
  private let door: TLSDoor
  private let loop: EventLoop
  private let connection: HTTPConnection
  private let id: ConnectionID
  private let stream: StreamID
  private let session: TLSSession
  private var phase = Phase.handshaking
  private var timer: TimerID?
  /// Bytes that came in the handshake, or behind the end.
  private var uselessByteCount = 0
  /// The connection's, until the kernel has taken all of it; and how much of it has been sealed.
  private var plain: IOBuffer?
  private var sealedCount = 0
  /// Ciphertext that the loop has.
  private var isSending = false
  private var spare: IOBuffer?
  /// Our side is to be shut behind what is sealed.
  private var owesShutdown = false
  private var hasShutDown = false
  private var hasPeerFinished = false
  /// In the end phase: whether to wait for the peer's end, so that it can read our last words.
  private var lingers = false

  init(server: HTTPServer, door: TLSDoor, connection: HTTPConnection, session: TLSSession) {
    self.server = server
    self.door = door
    self.loop = server.loop
    self.connection = connection
    self.id = connection.id
    self.stream = connection.stream
    self.session = session
  }

  /// Accepted: from here the handshake's deadline runs.
  func begin() { setTimer(server.configuration.tls.handshakeLimit) }

  /// Too many are in their handshake, and this one has been for longest.
  func giveWay() {
    server.counters.crowdedOutHandshakes &+= 1
    loop.close(stream)
  }

  // MARK: The connection's side

  /// Seals and sends all of `buffer`, which is lent until `sendFinished`; waits for the handshake if that is not done.
  func send(_ buffer: IOBuffer) -> Bool {
    guard phase == .handshaking || phase == .open, loop.isOpen(stream) else { return false }
    precondition(plain == nil, "one send at a time")
    plain = buffer
    sealedCount = 0
    seal()
    flush()
    return true
  }

  /// Says that nothing more will be sent, and then shuts our side. All that the connection had to send has been taken.
  func shutdownWrite() {
    session.close()
    owesShutdown = true
    flush()
  }

  /// Closes; politely, if that costs no waiting.
  func close() {
    switch phase {
    case .open where plain == nil:
      session.close()
      end(lingering: false)
    case .ending: break
    case .handshaking, .open, .plain, .closed: loop.close(stream)
    }
  }

  // MARK: StreamHandler

  func received(_ bytes: Span<UInt8>, on stream: StreamID) {
    switch phase {
    case .plain: connection.received(bytes, on: stream)
    case .handshaking:
      if uselessByteCount == 0, TLSStream.isPlainHTTP(bytes[0]) { return passThrough(bytes) }
      uselessByteCount += bytes.count
      if uselessByteCount > server.configuration.tls.handshakeByteLimit {
        server.counters.failedHandshakes &+= 1
        return loop.close(stream)
      }
      open(bytes)
    case .open: open(bytes)
    case .ending:
      uselessByteCount += bytes.count
      if uselessByteCount > TLSStream.lingerByteLimit { loop.close(stream) }
    case .closed: break
    }
  }

  func peerFinished(_ stream: StreamID) {
    switch phase {
    case .plain: connection.peerFinished(stream)
    case .handshaking:
      server.counters.failedHandshakes &+= 1
      loop.close(stream)
    case .open: finishPeer()
    case .ending:
      lingers = false
      if !isSending { loop.close(stream) }
    case .closed: break
    }
  }

  func sendFinished(_ buffer: IOBuffer, on stream: StreamID) {
    if phase == .plain { return connection.sendFinished(buffer, on: stream) }
    isSending = false
    buffer.removeAll()
    if buffer.capacity <= TLSStream.keptCapacity { spare = buffer }
    if let sent = plain, sealedCount == sent.count {
      plain = nil
      connection.sendFinished(sent, on: stream)
    }
    seal()
    flush()
  }

  func failed(_ error: RingError, on stream: StreamID) {
    if phase == .handshaking { server.counters.failedHandshakes &+= 1 }
    connection.failed(error, on: stream)
  }

  func closed(_ stream: StreamID) {
    phase = .closed
    if let timer = timer.take() { loop.cancel(timer) }
    door.ended(id)
    plain = nil
    connection.closed(stream)
  }

  // MARK: In

  private func open(_ bytes: Span<UInt8>) {
    let reception = session.receive(bytes, through: door.plaintext) { [self] plaintext in
      noticeHandshake()
      connection.received(plaintext, on: stream)
      return phase == .open && loop.isOpen(stream)
    }
    noticeHandshake()
    switch reception {
    case .open: break
    case .finished: finishPeer()
    case .failed: fail()
    case .abandoned: return
    }
    flush()
  }

  private func noticeHandshake() {
    guard phase == .handshaking, session.isEstablished else { return }
    phase = .open
    if let timer = timer.take() { loop.cancel(timer) }
    door.ended(id)
    server.counters.handshakes &+= 1
    if session.isResumed { server.counters.resumedHandshakes &+= 1 }
    seal()
  }

  /// The peer's last word, or its end without one: whether a message was cut off, its own framing says.
  private func finishPeer() {
    // Of a connection that has paused, requests may lie unparsed. It will read to the end of the stream when it goes on,
    // and be told then.
    if hasPeerFinished || loop.isReceivingPaused(stream) { return }
    hasPeerFinished = true
    connection.peerFinished(stream)
  }

  /// They cannot agree, or the peer broke the rules; OpenSSL has put into words for it why.
  private func fail() {
    if phase == .handshaking {
      server.counters.failedHandshakes &+= 1
    } else {
      server.counters.brokenConnections &+= 1
    }
    connection.sever()
    end(lingering: true)
  }

  /// A record begins with its type, 20 to 24 (RFC 8446 5.1); a method with a letter.
  private static func isPlainHTTP(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

  private func passThrough(_ bytes: Span<UInt8>) {
    server.counters.plainRequestsToTLS &+= 1
    phase = .plain
    if let timer = timer.take() { loop.cancel(timer) }
    door.ended(id)
    connection.speakPlainly(bytes)
  }

  // MARK: Out

  /// Seals what is next of the connection's bytes, unless earlier ones are on their way.
  private func seal() {
    guard phase == .open, !isSending, let plain, sealedCount < plain.count else { return }
    let piece = plain.bytes.extracting(sealedCount..<min(plain.count, sealedCount + TLSStream.pieceLimit))
    do throws(TLSFailure) {
      try session.write(piece)
      sealedCount += piece.count
    } catch {
      // Nothing but a lack of memory, or an end of the session that has been told.
      fail()
    }
  }

  /// Sends what the session has to say, and goes on with the end if it was the last.
  private func flush() {
    if isSending {
      // What is said without being asked by the connection is short, unless a peer asks for it and does not read.
      if session.outputByteCount > TLSStream.pieceLimit { loop.close(stream) }
      return
    }
    if session.outputByteCount > 0, !hasShutDown {
      let full = session.takeOutput(leaving: spare.take() ?? IOBuffer())
      isSending = loop.send(full, on: stream)
      return
    }
    if owesShutdown {
      owesShutdown = false
      hasShutDown = true
      loop.shutdownWrite(stream)
    }
    if phase == .ending, !lingers { loop.close(stream) }
  }

  // MARK: Ends

  private func end(lingering: Bool) {
    if phase == .ending { return }
    phase = .ending
    door.ended(id)
    uselessByteCount = 0
    plain = nil
    lingers = lingering
    owesShutdown = lingering && !hasShutDown
    setTimer(server.configuration.tls.lingerLimit)
    flush()
  }

  private func setTimer(_ limit: Duration) {
    let deadline = loop.time.advanced(by: limit)
    if let timer, loop.move(timer, to: deadline) { return }
    // The loop holds this handler for longer than its timer.
    timer = loop.schedule(at: deadline) { [unowned self] in
      timer = nil
      if phase == .handshaking { server.counters.failedHandshakes &+= 1 }
      loop.close(stream)
    }
  }
}
