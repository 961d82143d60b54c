internal import CCurl

/// What libcurl's numbers mean. `docs/http-client.md` shows the table, and a test compares them.
package enum CurlError {
  /// When a failure can come about.
  package enum Moment: String, Sendable, Hashable {
    /// Only while a connection is sought or made, or before: with no attempt begun, nothing was sent.
    case beforeRequest
    /// Before or after: what the transfer has noted decides.
    case either
    /// Only with a request under way; seen without one, it is not understood, and nothing is certain.
    case afterRequest
  }

  package struct Meaning: Sendable, Hashable {
    /// libcurl's `CURLcode`.
    package let number: UInt32
    package let code: TransferFailure.Code
    package let moment: Moment

    init(_ number: CURLcode, _ code: TransferFailure.Code, _ moment: Moment) {
      self.number = number.rawValue
      self.code = code
      self.moment = moment
    }
  }

  /// What each number means for a transfer of ours. A number that is not listed proves nothing.
  ///
  /// The number alone never proves that nothing was sent: a second attempt's failure to connect hides a first attempt that
  /// left, and a garbled answer is told by the number of a wrong scheme. So both must agree: the transfer's own note that no
  /// attempt was begun, and this table.
  package static let meanings: [Meaning] = [
    // Made before a connection is sought, or while it is made.
    Meaning(CURLE_URL_MALFORMAT, .requestInvalid, .beforeRequest),
    Meaning(CURLE_COULDNT_RESOLVE_HOST, .hostNotFound, .beforeRequest),
    Meaning(CURLE_COULDNT_RESOLVE_PROXY, .hostNotFound, .beforeRequest),
    Meaning(CURLE_COULDNT_CONNECT, .connectFailed, .beforeRequest),
    Meaning(CURLE_INTERFACE_FAILED, .sourceAddressUnusable, .beforeRequest),
    Meaning(CURLE_SSL_CONNECT_ERROR, .tlsFailed, .beforeRequest),
    Meaning(CURLE_PEER_FAILED_VERIFICATION, .peerNotVerified, .beforeRequest),
    Meaning(CURLE_SSL_ISSUER_ERROR, .peerNotVerified, .beforeRequest),
    Meaning(CURLE_SSL_INVALIDCERTSTATUS, .peerNotVerified, .beforeRequest),
    Meaning(CURLE_SSL_PINNEDPUBKEYNOTMATCH, .peerNotVerified, .beforeRequest),
    Meaning(CURLE_SSL_CACERT_BADFILE, .authoritiesUnreadable, .beforeRequest),
    Meaning(CURLE_SSL_CRL_BADFILE, .authoritiesUnreadable, .beforeRequest),
    Meaning(CURLE_SSL_CERTPROBLEM, .tlsFailed, .beforeRequest),
    Meaning(CURLE_SSL_CIPHER, .tlsFailed, .beforeRequest),
    Meaning(CURLE_SSL_ENGINE_INITFAILED, .tlsFailed, .beforeRequest),
    Meaning(CURLE_NO_CONNECTION_AVAILABLE, .connectFailed, .beforeRequest),
    Meaning(CURLE_FAILED_INIT, .outOfMemory, .beforeRequest),
    // A wrong scheme before, an answer that is no HTTP (or HTTP/0.9) after.
    Meaning(CURLE_UNSUPPORTED_PROTOCOL, .answerMalformed, .either),
    // The connect limit before; the deadline is ours, not libcurl's.
    Meaning(CURLE_OPERATION_TIMEDOUT, .connectTooSlow, .either),
    Meaning(CURLE_ABORTED_BY_CALLBACK, .connectionLost, .either),
    // In the handshake, too.
    Meaning(CURLE_SEND_ERROR, .connectionLost, .either),
    Meaning(CURLE_RECV_ERROR, .connectionLost, .either),
    Meaning(CURLE_HTTP2, .connectionLost, .either),
    Meaning(CURLE_OUT_OF_MEMORY, .outOfMemory, .either),
    // TLS 1.3 lets a server ask for a client's certificate after the request.
    Meaning(CURLE_SSL_CLIENTCERT, .tlsFailed, .either),
    // With a request under way.
    Meaning(CURLE_HTTP2_STREAM, .connectionLost, .afterRequest),
    Meaning(CURLE_GOT_NOTHING, .connectionLost, .afterRequest),
    Meaning(CURLE_SEND_FAIL_REWIND, .connectionLost, .afterRequest),
    Meaning(CURLE_READ_ERROR, .failed, .afterRequest),
    Meaning(CURLE_PARTIAL_FILE, .answerCut, .afterRequest),
    Meaning(CURLE_SSL_SHUTDOWN_FAILED, .answerCut, .afterRequest),
    Meaning(CURLE_WEIRD_SERVER_REPLY, .answerMalformed, .afterRequest),
    Meaning(CURLE_BAD_CONTENT_ENCODING, .answerMalformed, .afterRequest),
    Meaning(CURLE_FILESIZE_EXCEEDED, .answerTooLarge, .afterRequest),
    Meaning(CURLE_WRITE_ERROR, .failed, .afterRequest),
  ]

  static func meaning(of number: UInt32) -> Meaning? { meanings.first { $0.number == number } }
}

extension TransferFailure {
  /// - Parameters:
  ///   - number: libcurl's.
  ///   - attemptCount: how often the request was begun.
  package init(curl number: UInt32, attemptCount: Int, detail: String) {
    let meaning = CurlError.meaning(of: number)
    let isCertain = attemptCount == 0 && meaning.map { $0.moment != .afterRequest } == true
    var code = meaning?.code ?? .failed
    // Without an attempt there was no answer to be malformed.
    if code == .answerMalformed, isCertain { code = .requestInvalid }
    // A broken handshake is told by the number of a broken connection.
    if code == .connectionLost, isCertain { code = .connectFailed }
    self.init(code, isCertain ? .certainlyNotSent : .perhapsSent, detail: detail, curlCode: number)
  }
}
