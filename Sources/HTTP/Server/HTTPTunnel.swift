/// A connection that has left HTTP behind (RFC 9110 7.8), for whoever speaks the protocol that it was upgraded to. Used on
/// the loop's thread only.
package struct HTTPTunnel: Sendable {
  let responder: HTTPResponder

  /// Sends bytes.
  /// - Returns: false if the tunnel is over, also because these bytes were too much: a client that leaves more than
  ///   ``HTTPServerConfiguration/streamBacklogLimit`` bytes unread is dropped.
  @discardableResult
  package func send(_ bytes: Span<UInt8>) -> Bool {
    responder.server.sendPiece(bytes, responder)
  }

  /// Ends our side; the connection ends behind it.
  package func end() {
    responder.server.endStream(responder)
  }

  /// Resets the connection at once.
  package func reset() {
    responder.reset()
  }
}
