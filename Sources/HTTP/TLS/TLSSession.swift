internal import COpenSSL
package import Ring

/// One connection's TLS: ciphertext in, plaintext out, and the other way round. It knows no socket and no clock; a client
/// and a server session in one process can be fed with what the other has written.
///
/// Used by one thread at a time, which is the event loop's.
@safe package final class TLSSession {
  /// Bytes of plaintext in one record, at most (RFC 8446 5.1).
  package static let recordLimit = 16_384

  private let handle: OpaquePointer
  /// Its ticket keys are asked for from within a session's calls.
  private let context: TLSContext
  /// What came in and OpenSSL has not taken; the caller's memory, and there during ``receive(_:through:_:)`` only.
  private var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  private var output = IOBuffer()
  /// Whether the handshake is done, so that ``write(_:)`` may be called.
  package private(set) var isEstablished = false
  /// Nothing can be said any more: we have said that we end, or the session broke.
  private var isMute = false

  /// - Parameter host: whom a client wants to speak with; nil for a server.
  init(_ context: TLSContext, host: String?, resuming ticket: TLSTicket?) throws(TLSFailure) {
    self.context = context
    OpenSSLErrors.clear()
    guard let handle = unsafe SSL_new(context.handle) else { throw .libraryFailed(OpenSSLErrors.drain()) }
    unsafe self.handle = handle
    guard let wire = unsafe TLSWire.make(for: self) else { throw .libraryFailed(OpenSSLErrors.drain()) }
    // It belongs to the session from here, in both directions.
    unsafe SSL_set_bio(handle, wire, wire)
    if let host { try begin(with: host, ticket) } else { unsafe SSL_set_accept_state(handle) }
  }

  private func begin(with host: String, _ ticket: TLSTicket?) throws(TLSFailure) {
    unsafe SSL_set_connect_state(handle)
    // An address is verified as one, and never sent as a name (RFC 6066 3).
    if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host) != 1 {
      OpenSSLErrors.clear()
      guard unsafe SSL_set1_host(handle, host) == 1, unsafe copenssl_set_server_name(handle, host) == 1 else {
        throw .libraryFailed(OpenSSLErrors.drain())
      }
    }
    if let ticket, unsafe SSL_set_session(handle, ticket.handle) != 1 { throw .libraryFailed(OpenSSLErrors.drain()) }
    let result = unsafe SSL_do_handshake(handle)
    guard unsafe SSL_get_error(handle, result) == SSL_ERROR_WANT_READ else {
      throw .handshakeFailed(OpenSSLErrors.drain())
    }
  }

  deinit { unsafe SSL_free(handle) }

  // MARK: In

  /// How a stretch of input ended.
  package enum Reception: Equatable, Sendable {
    /// More may come.
    case open
    /// The peer has said that it will send nothing more (`close_notify`); we may go on.
    case finished
    /// The session is over. What tells the peer so is in the output.
    case failed(TLSFailure)
    /// `take` wanted no more; what was left is lost.
    case abandoned
  }

  /// Takes ciphertext, any number of bytes of it.
  /// - Parameters:
  ///   - plaintext: where records are opened; what is in it is overwritten. Of ``recordLimit`` bytes it never grows.
  ///   - take: called with what was opened, piece by piece, for the time of the call. It may call ``write(_:)`` and
  ///     ``close()``, and ends the reception by returning false.
  package func receive(
    _ ciphertext: Span<UInt8>, through plaintext: IOBuffer, _ take: (Span<UInt8>) -> Bool
  ) -> Reception {
    unsafe ciphertext.withUnsafeBytes { bytes in
      unsafe input = bytes
      defer { unsafe input = UnsafeRawBufferPointer(start: nil, count: 0) }
      while true {
        plaintext.removeAll()
        if let end = openRecord(into: plaintext) { return end }
        if !take(plaintext.bytes) { return .abandoned }
      }
    }
  }

  /// Opens one record, going through the handshake first. Nil if there was one.
  private func openRecord(into plaintext: IOBuffer) -> Reception? {
    OpenSSLErrors.clear()
    var result: Int32 = 0
    plaintext.append(capacity: TLSSession.recordLimit) { output in
      unsafe output.withUnsafeMutableBufferPointer { room, count in
        unsafe result = SSL_read_ex(handle, room.baseAddress, room.count, &count)
      }
    }
    let wasEstablished = isEstablished
    if !isEstablished { isEstablished = unsafe SSL_is_init_finished(handle) == 1 }
    if result == 1 { return nil }
    switch unsafe SSL_get_error(handle, result) {
    case SSL_ERROR_WANT_READ: return .open
    case SSL_ERROR_ZERO_RETURN: return .finished
    default:
      isMute = true
      let words = OpenSSLErrors.drain()
      return .failed(wasEstablished ? .recordRefused(words) : .handshakeFailed(words))
    }
  }

  /// OpenSSL asks for what came in.
  func takeInput(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let count = unsafe min(room.count, input.count)
    if count == 0 { return 0 }
    unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
    unsafe input = UnsafeRawBufferPointer(rebasing: input[count...])
    return count
  }

  // MARK: Out

  /// Seals plaintext; the handshake must be done. All of it, whatever its size: the caller bounds it.
  package func write(_ plaintext: Span<UInt8>) throws(TLSFailure) {
    precondition(isEstablished, "nothing is written before the handshake is done")
    if plaintext.isEmpty || isMute { return }
    OpenSSLErrors.clear()
    var count = 0
    // Whole: the output takes whatever is written to it.
    let result = unsafe plaintext.withUnsafeBytes { unsafe SSL_write_ex(handle, $0.baseAddress, $0.count, &count) }
    if result == 1, count == plaintext.count { return }
    isMute = true
    throw .recordRefused(OpenSSLErrors.drain())
  }

  /// Says that nothing more will be sent (`close_notify`, RFC 8446 6.1); receiving goes on. Without effect before the
  /// handshake is done, and the second time.
  package func close() {
    if !isEstablished || isMute { return }
    isMute = true
    OpenSSLErrors.clear()
    // It waits for nothing: 0 says that the peer has not said the same.
    if unsafe SSL_shutdown(handle) < 0 { OpenSSLErrors.clear() }
  }

  /// Ciphertext that waits to be sent.
  package var outputByteCount: Int { output.count }

  /// Hands over what is to be sent; what comes next is gathered in `spare`, which is empty.
  package func takeOutput(leaving spare: IOBuffer) -> IOBuffer {
    precondition(spare.isEmpty, "what was not sent would be sent twice")
    let full = output
    output = spare
    return full
  }

  /// OpenSSL has something to send.
  func gather(_ bytes: UnsafeRawBufferPointer) {
    unsafe output.append(Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
  }

  // MARK: What was agreed

  /// Whether an earlier session went on, without a certificate being shown.
  package var isResumed: Bool { unsafe SSL_session_reused(handle) == 1 }

  /// Nil before it is agreed on.
  package var version: TLSVersion? {
    isEstablished ? unsafe TLSVersion(rawValue: String(cString: SSL_get_version(handle))) : nil
  }

  /// OpenSSL's name of it; nil before it is agreed on.
  package var cipher: String? { unsafe copenssl_cipher_name(handle).map { unsafe String(cString: $0) } }

  /// By ALPN; nil if the client offered nothing.
  package var applicationProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(handle, &name, &count)
    // The session's memory, read at once.
    return unsafe name.map { unsafe String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self) }
  }

  /// What the newest ticket of the server gives a later session of a client; nil if none has come.
  package var ticket: TLSTicket? {
    guard let session = unsafe SSL_get_session(handle), unsafe SSL_SESSION_is_resumable(session) == 1,
      // A copy: OpenSSL spoils the session's own when its connection breaks.
      let copy = unsafe SSL_SESSION_dup(session)
    else { return nil }
    return unsafe TLSTicket(copy)
  }
}
