/// The bounds of connections that have not spoken TLS to the end of their handshake, and of the ends of those that did.
package struct TLSLimits: Sendable, Equatable {
  /// From accepting to the end of the handshake.
  package var handshakeLimit = Duration.seconds(10)
  /// Bytes of a handshake; a browser's have less than 2 KiB, and larger ones are told from mischief here.
  package var handshakeByteLimit = 64 * 1024
  /// Handshakes under way at one time; for one more the oldest gives way. Who finishes takes a round trip or two, so that it
  /// is those who say nothing that go.
  package var handshakesUnderWayLimit = 1_024
  /// From our telling a peer that its TLS is broken until we hang up.
  package var lingerLimit = Duration.seconds(2)

  package init() {}
}
