/// An answer that is written piece by piece. Used on the loop's thread only; keep-alive comments are its owner's.
///
/// Holds its server, as a responder does: a handler that keeps streams lets go of each when it is told that it closed.
package struct HTTPStream: Sendable {
  let responder: HTTPResponder

  /// Sends one piece.
  /// - Returns: false if the stream is over, also because this piece was too much: a client that leaves more than
  ///   ``HTTPServerConfiguration/streamBacklogLimit`` bytes unread is dropped.
  @discardableResult
  package func send(_ bytes: Span<UInt8>) -> Bool {
    responder.server.sendPiece(bytes, responder)
  }

  /// Ends the answer; the connection ends behind it.
  package func end() {
    responder.server.endStream(responder)
  }

  /// Bytes that the client has not taken; 0 if the stream is over.
  package var backlogByteCount: Int { responder.server.backlogByteCount(responder) }
}
