/// Why TLS cannot be spoken: with a certificate, with a peer, or at all.
package enum TLSFailure: Error, Hashable, Sendable {
  /// The file with the certificates cannot be read; the system's words.
  case certificateUnreadable(path: String, String)
  /// It holds no certificate, or a damaged one.
  case certificateMalformed(path: String, String)
  /// The library takes no key or signature as weak as this certificate's.
  case certificateTooWeak(String)
  case keyUnreadable(path: String, String)
  case keyMalformed(path: String, String)
  /// A passphrase would have to be typed.
  case keyEncrypted(path: String)
  /// Certificate and key are each whole, and not of one pair.
  case keyDoesNotMatch(certificate: String, key: String)
  /// The peer and we could not agree, or it spoke something else than TLS.
  case handshakeFailed(String)
  /// The peer broke the protocol's rules after the handshake.
  case recordRefused(String)
  /// OpenSSL refused to start, to take a choice or to make something.
  case libraryFailed(String)

  /// The stable code.
  package var code: String {
    switch self {
    case .certificateUnreadable: "tls.certificateUnreadable"
    case .certificateMalformed: "tls.certificateMalformed"
    case .certificateTooWeak: "tls.certificateTooWeak"
    case .keyUnreadable: "tls.keyUnreadable"
    case .keyMalformed: "tls.keyMalformed"
    case .keyEncrypted: "tls.keyEncrypted"
    case .keyDoesNotMatch: "tls.keyDoesNotMatch"
    case .handshakeFailed: "tls.handshakeFailed"
    case .recordRefused: "tls.recordRefused"
    case .libraryFailed: "tls.libraryFailed"
    }
  }

  package var cause: String {
    switch self {
    case .certificateUnreadable(let path, let words): "the certificate file \(path) cannot be read: \(words)"
    case .certificateMalformed(let path, let words): "\(path) holds no usable certificate: \(words)"
    case .certificateTooWeak(let words): "the certificate is too weak: \(words)"
    case .keyUnreadable(let path, let words): "the private key's file \(path) cannot be read: \(words)"
    case .keyMalformed(let path, let words): "\(path) holds no usable private key: \(words)"
    case .keyEncrypted(let path): "the private key in \(path) is locked by a passphrase"
    case .keyDoesNotMatch(let certificate, let key):
      "the private key in \(key) is not that of the first certificate in \(certificate)"
    case .handshakeFailed(let words): "the TLS handshake failed: \(words)"
    case .recordRefused(let words): "the peer broke the rules of TLS: \(words)"
    case .libraryFailed(let words): "OpenSSL failed: \(words)"
    }
  }

  package var fix: String {
    switch self {
    case .certificateUnreadable, .keyUnreadable:
      "check the path, and that the engine's user may read the file and enter its folders"
    case .certificateMalformed: "name a PEM file with the certificate first and its issuers' behind it"
    case .certificateTooWeak: "get a certificate with a P-256 key, or one of RSA with 2048 bits or more"
    case .keyMalformed: "name the PEM file with the private key of the certificate"
    case .keyEncrypted: "store the key without a passphrase, readable by the engine's user alone"
    case .keyDoesNotMatch: "name the two files of one certificate, with the server's own certificate first"
    case .handshakeFailed, .recordRefused: "use a client that speaks TLS 1.2 or 1.3"
    case .libraryFailed: "check memory, and the system's OpenSSL configuration"
    }
  }
}
