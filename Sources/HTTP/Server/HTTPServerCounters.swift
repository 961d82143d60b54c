/// What a server has counted since it was made.
package struct HTTPServerCounters: Sendable, Equatable {
  package var acceptedConnections: UInt64 = 0
  /// Beyond a limit: answered 503 or closed at once.
  package var refusedConnections: UInt64 = 0
  /// Open at this moment, refused ones that are being told included.
  package var openConnections: UInt64 = 0
  package var requests: UInt64 = 0
  /// Final answers by the first digit of their status.
  package var informationalOrSuccessAnswers: UInt64 = 0
  package var redirectAnswers: UInt64 = 0
  package var clientErrorAnswers: UInt64 = 0
  package var serverErrorAnswers: UInt64 = 0
  /// Messages refused by the parser; their answers are counted above as well.
  package var refusedMessages: UInt64 = 0
  /// Messages that did not come in time.
  package var slowMessages: UInt64 = 0
  /// Connections dropped because their client did not read.
  package var slowReaders: UInt64 = 0
  /// Connections closed because nothing was asked, or because the client did not hang up.
  package var idleCloses: UInt64 = 0
  /// Requests that the handler did not answer in time.
  package var overdueAnswers: UInt64 = 0
  /// Answers given to nobody: the connection was gone, or the request answered before.
  package var ignoredAnswers: UInt64 = 0
  /// Connections that broke.
  package var brokenConnections: UInt64 = 0
  /// Times that reading paused because too much was unanswered or unsent.
  package var readPauses: UInt64 = 0
  package var streams: UInt64 = 0
  /// TLS handshakes that came to their end, and of them those that took an earlier session up.
  package var handshakes: UInt64 = 0
  package var resumedHandshakes: UInt64 = 0
  /// Handshakes that failed, broke off or took too long.
  package var failedHandshakes: UInt64 = 0
  /// Handshakes that gave way to newer ones.
  package var crowdedOutHandshakes: UInt64 = 0
  /// Connections that spoke HTTP where TLS is spoken.
  package var plainRequestsToTLS: UInt64 = 0
  package var receivedBytes: UInt64 = 0
  package var sentBytes: UInt64 = 0

  mutating func count(_ status: HTTPStatus) {
    switch status.code {
    case ..<300: informationalOrSuccessAnswers += 1
    case ..<400: redirectAnswers += 1
    case ..<500: clientErrorAnswers += 1
    default: serverErrorAnswers += 1
    }
  }
}
