internal import COpenSSL

/// What a client needs to take up a session again without a whole handshake. TLS 1.3 wants each used once.
@safe package final class TLSTicket {
  let handle: OpaquePointer

  /// Takes the reference over.
  init(_ handle: OpaquePointer) { unsafe self.handle = handle }

  deinit { unsafe SSL_SESSION_free(handle) }
}
