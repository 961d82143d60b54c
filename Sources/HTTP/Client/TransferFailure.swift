/// A transfer that gave no whole answer: why, and whether the peer may have the request.
package struct TransferFailure: Error, Hashable, Sendable {
  /// The one bit that decides what may be done next.
  package enum Reach: Sendable, Hashable {
    /// No byte of the request left: it may be sent (again).
    case certainlyNotSent
    /// The peer may have it, and may have acted on it: ask before sending again.
    case perhapsSent
  }

  package enum Code: String, Sendable, Hashable, CaseIterable {
    case requestInvalid = "transfer.requestInvalid"
    case plainTextRefused = "transfer.plainTextRefused"
    case tooMany = "transfer.tooMany"
    case clientClosed = "transfer.clientClosed"
    case cancelled = "transfer.cancelled"
    case deadlineExceeded = "transfer.deadlineExceeded"
    case hostNotFound = "transfer.hostNotFound"
    case connectFailed = "transfer.connectFailed"
    case connectTooSlow = "transfer.connectTooSlow"
    case sourceAddressUnusable = "transfer.sourceAddressUnusable"
    case tlsFailed = "transfer.tlsFailed"
    case peerNotVerified = "transfer.peerNotVerified"
    case authoritiesUnreadable = "transfer.authoritiesUnreadable"
    case connectionLost = "transfer.connectionLost"
    case answerCut = "transfer.answerCut"
    case answerMalformed = "transfer.answerMalformed"
    case answerTooLarge = "transfer.answerTooLarge"
    case stopped = "transfer.stopped"
    case outOfMemory = "transfer.outOfMemory"
    case failed = "transfer.failed"
  }

  package let code: Code
  package let reach: Reach
  /// libcurl's own number for it (`CURLE_…`), nil where we ended the transfer.
  package let curlCode: UInt32?
  /// libcurl's words, or ours; may name the host, never a header or content.
  package let detail: String

  package init(_ code: Code, _ reach: Reach, detail: String, curlCode: UInt32? = nil) {
    self.code = code
    self.reach = reach
    self.curlCode = curlCode
    self.detail = detail
  }

  package var isCertainlyNotSent: Bool { reach == .certainlyNotSent }

  /// What happened, in words.
  package var cause: String {
    let what =
      switch code {
      case .requestInvalid: "the request cannot be sent"
      case .plainTextRefused: "http:// is not spoken to this host"
      case .tooMany: "too many transfers are under way"
      case .clientClosed: "the HTTP client is closed"
      case .cancelled: "the transfer was cancelled"
      case .deadlineExceeded: "no whole answer came before the deadline"
      case .hostNotFound: "the host's address could not be found"
      case .connectFailed: "the host could not be reached"
      case .connectTooSlow: "the connection was not established in time"
      case .sourceAddressUnusable: "the local address cannot be used"
      case .tlsFailed: "TLS could not be established"
      case .peerNotVerified: "the peer could not prove who it is"
      case .authoritiesUnreadable: "the certificate authorities cannot be read"
      case .connectionLost: "the connection broke before an answer"
      case .answerCut: "the answer ended too early"
      case .answerMalformed: "the answer is no sound HTTP"
      case .answerTooLarge: "the answer is larger than its limit"
      case .stopped: "the receiver wanted no more"
      case .outOfMemory: "memory ran out"
      case .failed: "the transfer failed"
      }
    return detail.isEmpty ? what : "\(what): \(detail)"
  }

  /// What to do about it.
  package var fix: String {
    switch code {
    case .requestInvalid: "correct the address, the fields or the limits of the request"
    case .plainTextRefused: "use https://"
    case .tooMany: "send fewer at a time"
    case .clientClosed, .cancelled, .stopped: "none is needed"
    case .deadlineExceeded, .connectTooSlow:
      "check the network and the peer's state; raise the limit if it is too short"
    case .hostNotFound: "check the host's name and this machine's name servers"
    case .connectFailed: "check the network, the firewall and the peer's state"
    case .sourceAddressUnusable: "name an address that this machine has"
    case .tlsFailed: "check that the peer speaks TLS 1.2 or later"
    case .peerNotVerified:
      "check the host's name, this machine's clock, and its certificate authorities (package ca-certificates)"
    case .authoritiesUnreadable: "name a readable PEM file"
    case .connectionLost, .answerCut, .answerMalformed: "ask the peer what became of the request"
    case .answerTooLarge: "raise the limit if such an answer is to be expected"
    case .outOfMemory: "give the process more memory"
    case .failed: "look libcurl's number up"
    }
  }
}
