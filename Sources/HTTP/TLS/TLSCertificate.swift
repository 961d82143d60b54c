internal import COpenSSL

/// A server's certificate with its issuers', and the private key that belongs to it. Unchanging, and known to be a pair.
@safe package final class TLSCertificate: Sendable {
  let chain: CertificateChain
  let key: PrivateKey
  /// DNS names that it is for, as far as they can be printed; at most 100.
  package let names: [String]
  /// Seconds since 1970.
  package let validFrom: Int64
  /// Seconds since 1970.
  package let validUntil: Int64
  /// Whether every user of this machine may read the private key's file.
  package let isKeyOpenToAll: Bool

  /// Reads a pair of PEM files. Blocks; any thread but an event loop's.
  package init(certificatePath: String, keyPath: String) throws(TLSFailure) {
    OpenSSLErrors.clear()
    let chain = try CertificateChain(path: certificatePath)
    let key = try PrivateKey(path: keyPath)
    guard unsafe X509_check_private_key(chain.leaf, key.handle) == 1 else {
      OpenSSLErrors.clear()
      throw .keyDoesNotMatch(certificate: certificatePath, key: keyPath)
    }
    guard let from = unsafe TLSCertificate.seconds(X509_get0_notBefore(chain.leaf)),
      let until = unsafe TLSCertificate.seconds(X509_get0_notAfter(chain.leaf))
    else { throw .certificateMalformed(path: certificatePath, OpenSSLErrors.drain()) }
    names = chain.names()
    validFrom = from
    validUntil = until
    self.chain = chain
    isKeyOpenToAll = key.isOpenToAll
    self.key = key
  }

  /// Whether a client takes it at a moment, in seconds since 1970.
  package func isValid(at now: Int64) -> Bool { validFrom <= now && now < validUntil }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var seconds: Int64 = 0
    return unsafe copenssl_seconds(time, &seconds) == 1 ? seconds : nil
  }
}

/// A server's own certificate and those of its issuers, as they are shown to clients.
@safe struct CertificateChain: ~Copyable, Sendable {
  // Never changed once they are made; OpenSSL counts their references atomically.
  nonisolated(unsafe) let leaf: OpaquePointer
  nonisolated(unsafe) let issuers: OpaquePointer

  init(path: String) throws(TLSFailure) {
    let bytes: WipedBytes
    do throws(WipedBytes.ReadFailure) { bytes = try WipedBytes(path: path) } catch {
      throw .certificateUnreadable(path: path, error.words)
    }
    guard let issuers = unsafe copenssl_new_chain() else { throw .libraryFailed(OpenSSLErrors.drain()) }
    let leaf = unsafe bytes.withReader { reader -> OpaquePointer? in
      guard let leaf = unsafe copenssl_read_certificate(reader) else { return nil }
      while let issuer = unsafe copenssl_read_certificate(reader) { unsafe copenssl_append(issuers, issuer) }
      return unsafe leaf
    }
    // Each read ends with the error that there is no further one; another means that the next is damaged.
    let words = OpenSSLErrors.drain()
    guard let leaf = unsafe leaf.flatMap({ unsafe $0 }), words.hasPrefix("no start line") else {
      unsafe X509_free(leaf.flatMap { unsafe $0 })
      unsafe copenssl_free_chain(issuers)
      throw .certificateMalformed(path: path, words)
    }
    unsafe self.leaf = leaf
    unsafe self.issuers = issuers
  }

  deinit {
    unsafe X509_free(leaf)
    unsafe copenssl_free_chain(issuers)
  }

  /// A name has at most 253 bytes (RFC 1035 2.3.4).
  borrowing func names() -> [String] {
    var names: [String] = []
    var text = [CChar](repeating: 0, count: 254)
    for number in 0..<100 {
      let length = unsafe copenssl_copy_name(leaf, Int32(number), &text, 253)
      if length < 0 { break }
      if length > 0 {
        names.append(String(decoding: text[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
    }
    return names
  }
}

/// A private key, which never leaves OpenSSL's memory.
@safe struct PrivateKey: ~Copyable, Sendable {
  // Never changed once it is made; OpenSSL counts its references atomically.
  nonisolated(unsafe) let handle: OpaquePointer
  /// Whether every user of this machine may read its file.
  let isOpenToAll: Bool

  init(path: String) throws(TLSFailure) {
    let bytes: WipedBytes
    do throws(WipedBytes.ReadFailure) { bytes = try WipedBytes(path: path) } catch {
      throw .keyUnreadable(path: path, error.words)
    }
    let key = unsafe bytes.withReader { unsafe copenssl_read_key($0) }
    let words = OpenSSLErrors.drain()
    guard let key = unsafe key.flatMap({ unsafe $0 }) else {
      // `BEGIN ENCRYPTED PRIVATE KEY` (RFC 7468 11), or the older `Proc-Type: 4,ENCRYPTED` (RFC 1421 4.6.1.1).
      throw bytes.contains("ENCRYPTED") ? .keyEncrypted(path: path) : .keyMalformed(path: path, words)
    }
    unsafe handle = key
    isOpenToAll = bytes.isOpenToAll
  }

  deinit { unsafe EVP_PKEY_free(handle) }
}
