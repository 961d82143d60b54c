/// How long, how much and how many: the bounds of one connection.
package struct ConnectionLimits: Sendable, Equatable {
  /// Requests taken and not answered yet; at this number no more is read.
  package var unansweredRequestLimit = 100
  /// Bytes of answers that the kernel has not taken; above it no more is read, until half of it is gone.
  package var unsentByteLimit = 256 * 1024
  /// From accepting to the first byte.
  package var firstByteLimit = Duration.seconds(20)
  /// From the last answer to the next request's first byte.
  package var idleLimit = Duration.seconds(75)
  /// From a message's first byte to the end of its head.
  package var headLimit = Duration.seconds(10)
  /// From a message's first byte to its last: a limit between bytes would never end who drips.
  package var messageLimit = Duration.seconds(20)
  /// From a whole request to its answer.
  package var answerLimit = Duration.seconds(30)
  /// From handing bytes to the kernel until it has taken them all, plus the time of ``minimumSendRate``.
  package var sendLimit = Duration.seconds(20)
  /// Bytes a second that a client must take beyond that: 1 or more.
  package var minimumSendRate = 16 * 1024
  /// From our end of the conversation until we hang up on a client that has not.
  package var lingerLimit = Duration.seconds(2)
  /// Bytes that are read and thrown away behind the last request, so that the client can read its answer: closing
  /// with unread bytes makes the kernel reset the connection, and the answer may be lost (RFC 9112 9.6).
  package var lingerByteLimit = 256 * 1024
  /// Requests on one connection, or nil for no limit.
  package var requestLimit: Int?

  package init() {}
}
