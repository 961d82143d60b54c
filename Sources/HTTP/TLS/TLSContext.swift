internal import COpenSSL
package import Ring

/// What all TLS connections of one server, or of one client, have in common: versions, ciphers, certificate, ticket keys.
///
/// TLS 1.2 and 1.3 alone (RFC 8996), ciphers with forward secrecy and authentication alone, no compression, no
/// renegotiation. No early data either: what a client says before the handshake is done can be recorded and played again
/// by anybody (RFC 8446 8), and an alert that is played again is an order.
///
/// Used by one thread at a time, which is the event loop's.
@safe package final class TLSContext {
  /// Sessions take references of their own, so an earlier one lives as long as its last session.
  private(set) var handle: OpaquePointer
  /// What a server shows; nil for a client.
  package private(set) var certificate: TLSCertificate?
  private var ticketKeys: TicketKeys?

  private enum Role { case server, client }

  /// For a server.
  package init(serving certificate: TLSCertificate, at now: LoopClock.Instant) throws(TLSFailure) {
    unsafe handle = try TLSContext.make(.server)
    var generator = SystemRandomNumberGenerator()
    ticketKeys = TicketKeys(at: now, using: &generator)
    try unsafe furnish(handle, with: certificate)
    self.certificate = certificate
  }

  /// For a client.
  /// - Parameters:
  ///   - authorities: a PEM file of those whose certificates it takes. Read here, which blocks.
  ///   - version: the only one that it speaks; nil for both.
  package init(trusting authorities: String, version: TLSVersion? = nil) throws(TLSFailure) {
    unsafe handle = try TLSContext.make(.client)
    if let version { try TLSContext.check(unsafe copenssl_set_versions(handle, version.number, version.number)) }
    unsafe SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
    try TLSContext.check(unsafe SSL_CTX_load_verify_file(handle, authorities))
    try TLSContext.check(unsafe copenssl_offer_protocol(handle))
  }

  deinit { unsafe SSL_CTX_free(handle) }

  private static func make(_ role: Role) throws(TLSFailure) -> OpaquePointer {
    OpenSSLErrors.clear()
    let method = unsafe role == .server ? TLS_server_method() : TLS_client_method()
    guard let handle = unsafe SSL_CTX_new(method) else { throw .libraryFailed(OpenSSLErrors.drain()) }
    do throws(TLSFailure) {
      try unsafe setChoices(handle, role)
    } catch {
      unsafe SSL_CTX_free(handle)
      throw error
    }
    return unsafe handle
  }

  private static func setChoices(_ handle: OpaquePointer, _ role: Role) throws(TLSFailure) {
    try check(unsafe copenssl_set_versions(handle, TLS1_2_VERSION, TLS1_3_VERSION))
    // 112 bits: RSA with 2048 bits, SHA-256. Set here, because a system's configuration may say less.
    unsafe SSL_CTX_set_security_level(handle, 2)
    // Forward secrecy and authenticated encryption (RFC 9325 4.2). AES-128 first: it is the cheapest where the processor
    // knows it, and ChaCha20 is put first for those who have it first.
    try check(
      unsafe SSL_CTX_set_cipher_list(
        handle,
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
          + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"))
    try check(
      unsafe SSL_CTX_set_ciphersuites(
        handle, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"))
    try check(unsafe copenssl_set_groups(handle, "X25519:P-256:P-384"))
    // An idle connection keeps no buffers: 34 kilobytes less of each.
    unsafe copenssl_set_mode(handle, Int(SSL_MODE_RELEASE_BUFFERS))
    // Tickets hold the sessions; nothing is remembered here.
    unsafe copenssl_set_cache_mode(handle, Int(SSL_SESS_CACHE_OFF))
    switch role {
    case .server: unsafe copenssl_set_server_options(handle)
    case .client: unsafe copenssl_set_client_options(handle)
    }
  }

  private static func check(_ result: Int32) throws(TLSFailure) {
    if result != 1 { throw .libraryFailed(OpenSSLErrors.drain()) }
  }

  /// Shows another certificate from now on. Connections that are there go on with what they began with, and tickets stay
  /// good. If it throws, the certificate before stays in force.
  package func adopt(_ certificate: TLSCertificate) throws(TLSFailure) {
    // All anew: a context keeps one certificate for each kind of key, and would go on showing one of another kind.
    let fresh = try unsafe TLSContext.make(.server)
    do throws(TLSFailure) {
      try unsafe furnish(fresh, with: certificate)
    } catch {
      unsafe SSL_CTX_free(fresh)
      throw error
    }
    unsafe SSL_CTX_free(handle)
    unsafe handle = fresh
    self.certificate = certificate
  }

  /// What a server's context has and a client's has not.
  private func furnish(_ handle: OpaquePointer, with certificate: TLSCertificate) throws(TLSFailure) {
    // Unretained: sessions hold their context, and OpenSSL calls back from within a session's calls alone.
    unsafe copenssl_set_owner(handle, Unmanaged.passUnretained(self).toOpaque())
    try TLSContext.check(unsafe copenssl_set_ticket_function(handle, TLSContext.ticketKey))
    unsafe SSL_CTX_set_alpn_select_cb(handle, copenssl_select_protocol, nil)
    unsafe SSL_CTX_set_timeout(handle, Int(TicketKeys.lifetime.components.seconds))
    // OpenSSL takes references of its own.
    let result = unsafe SSL_CTX_use_cert_and_key(
      handle, certificate.chain.leaf, certificate.key.handle, certificate.chain.issuers, 1)
    guard result == 1 else { throw .certificateTooWeak(OpenSSLErrors.drain()) }
  }

  /// A server's side of a connection that has just come in.
  package func serverSession(at now: LoopClock.Instant) throws(TLSFailure) -> TLSSession {
    precondition(certificate != nil, "a client's context serves nobody")
    var generator = SystemRandomNumberGenerator()
    ticketKeys?.rotate(at: now, using: &generator)
    return try TLSSession(self, host: nil, resuming: nil)
  }

  /// A client's side; its first bytes are there to be sent.
  /// - Parameters:
  ///   - host: the name or address that the server's certificate must be for.
  ///   - ticket: of an earlier session with the same server.
  package func clientSession(host: String, resuming ticket: TLSTicket? = nil) throws(TLSFailure) -> TLSSession {
    precondition(certificate == nil, "a server's context connects to nobody")
    return try TLSSession(self, host: host, resuming: ticket)
  }

  // MARK: Tickets

  /// OpenSSL asks for the key that seals a ticket, or for the one that opens it.
  private static let ticketKey: copenssl_ticket_function = { session, name, iv, cipher, mac, seals in
    guard let session = unsafe session, let owner = unsafe copenssl_owner(session), let name = unsafe name,
      let iv = unsafe iv
    else { return -1 }
    let context = unsafe Unmanaged<TLSContext>.fromOpaque(owner).takeUnretainedValue()
    // By its documentation the name has 16 bytes and the vector EVP_MAX_IV_LENGTH, which is 16.
    return unsafe context.useTicketKey(name, iv, cipher, mac, seals: seals == 1)
  }

  /// - Returns: as OpenSSL wants it: 1 for done, 2 for done and a new ticket is due, 0 for a key that is not there (the
  ///   handshake goes on as if no ticket had come), -1 for a failure.
  private func useTicketKey(
    _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer?,
    _ mac: OpaquePointer?, seals: Bool
  ) -> Int32 {
    guard let keys = ticketKeys else { return -1 }
    if seals {
      guard unsafe RAND_bytes(iv, Int32(TicketKeys.Key.nameCount)) == 1 else { return -1 }
      for index in 0..<TicketKeys.Key.nameCount { unsafe name[index] = keys.current.name[index] }
      return unsafe TLSContext.use(keys.current, iv, cipher, mac, seals: 1)
    }
    let given = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: name, count: TicketKeys.Key.nameCount))
    guard let key = keys.key(named: given) else { return 0 }
    let result = unsafe TLSContext.use(key, iv, cipher, mac, seals: 0)
    return result == 1 && key != keys.current ? 2 : result
  }

  private static func use(
    _ key: TicketKeys.Key, _ iv: UnsafePointer<UInt8>, _ cipher: OpaquePointer?, _ mac: OpaquePointer?, seals: Int32
  ) -> Int32 {
    // OpenSSL reads it within the call, and wants it as if it might be changed.
    var macKey = key.mac
    return unsafe copenssl_use_ticket_key(cipher, mac, key.cipher, &macKey, iv, seals) == 1 ? 1 : -1
  }
}
