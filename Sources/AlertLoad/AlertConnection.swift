import HTTP
import Ring

/// One kept-alive connection with at most one request under way, in plain or over TLS. The handshake comes before the first
/// request, and is no part of any.
final class AlertConnection: StreamHandler {
  private let run: LoadRun
  private let loop: EventLoop
  private let security: LoadSecurity?
  private var session: TLSSession?
  private var stream: StreamID?
  /// Whether requests can be sent: connected, and shaken hands.
  private var isReady = false
  /// What is not with the loop.
  private var buffer: IOBuffer? = IOBuffer(capacity: 4_096)
  private var reader = AnswerReader()
  private var current: (alert: Int, sentAt: Int64)?
  /// The status of an answer that overtook the news that its request has left.
  private var early: Int?

  init(_ run: LoadRun, _ loop: EventLoop, _ security: LoadSecurity?) {
    self.run = run
    self.loop = loop
    self.security = security
  }

  /// Connected. Tells the run when requests can be sent, or that they never can.
  func opened(_ stream: StreamID) {
    self.stream = stream
    guard let security else { return becomeReady() }
    do throws(TLSFailure) {
      session = try security.session()
      flush()
    } catch {
      loop.close(stream)
    }
  }

  private func becomeReady() {
    isReady = true
    run.ready(self, session)
  }

  func close() {
    if let stream { loop.close(stream) }
  }

  func send(_ alert: Int, _ request: [UInt8], at time: Int64) {
    guard let stream, isReady else { preconditionFailure("a connection sends when it is open") }
    current = (alert, time)
    let bytes = request.span
    guard let session else {
      guard let buffer = buffer.take() else { preconditionFailure("one request at a time") }
      buffer.append(bytes)
      loop.send(buffer, on: stream)
      return
    }
    do throws(TLSFailure) {
      try session.write(bytes)
      flush()
    } catch {
      loop.close(stream)
    }
  }

  /// Hands what the session has written to the loop, unless it is still sending.
  private func flush() {
    guard let stream, let session, session.outputByteCount > 0, let spare = buffer.take() else { return }
    loop.send(session.takeOutput(leaving: spare), on: stream)
  }

  func received(_ bytes: Span<UInt8>, on stream: StreamID) {
    guard let session, let security else { return take(bytes, on: stream) }
    let reception = session.receive(bytes, through: security.plaintext) { plaintext in
      take(plaintext, on: stream)
      return loop.isOpen(stream)
    }
    flush()
    switch reception {
    case .open: if session.isEstablished, !isReady { becomeReady() }
    case .finished, .failed, .abandoned: loop.close(stream)
    }
  }

  private func take(_ bytes: Span<UInt8>, on stream: StreamID) {
    switch reader.take(bytes) {
    case .incomplete: return
    case .malformed: loop.close(stream)
    case .complete(let status): if buffer == nil { early = status } else { end(status, on: stream) }
    }
  }

  private func end(_ status: Int, on stream: StreamID) {
    guard let (alert, sentAt) = current.take() else { return loop.close(stream) }
    run.answered(alert, sentAt: sentAt, status: status, on: self)
  }

  func peerFinished(_ stream: StreamID) { loop.close(stream) }

  func sendFinished(_ buffer: IOBuffer, on stream: StreamID) {
    buffer.removeAll()
    self.buffer = buffer
    flush()
    if self.buffer != nil, let status = early.take() { end(status, on: stream) }
  }

  func failed(_ error: RingError, on stream: StreamID) {}

  func closed(_ stream: StreamID) {
    self.stream = nil
    isReady ? run.broke(current.take()?.alert) : run.openFailed()
  }
}
