/// Names one request of one connection of one server, to be answered once.
///
/// May be kept and passed between threads; used on the loop's thread only. When the connection has gone or the request was
/// answered in the handler's place (see ``ConnectionLimits/answerLimit``), using it is harmless and counted.
package struct HTTPResponder: Sendable {
  let server: HTTPServer
  let connection: ConnectionID
  /// Counts the requests of the connection.
  let number: UInt32

  /// A number that no other request of this server has, unless 2^32 connections lie between.
  package var requestID: UInt64 { connection.serial &<< 20 | UInt64(number & 0xF_FFFF) }

  /// Answers.
  package func respond(_ response: HTTPResponse) {
    server.respond(response, self)
  }

  /// Writes `bytes` in the answer's place, as they are: the framing is the caller's, and so are its faults. For those who
  /// play a broken server.
  /// - Parameter closes: ends the connection behind them, politely.
  package func respond(raw bytes: [UInt8], closes: Bool) {
    server.respond(raw: bytes, closes: closes, self)
  }

  /// Writes `bytes` ahead of the answer, which stays owed. Nothing is written while earlier requests are unanswered.
  package func write(ahead bytes: [UInt8]) {
    server.write(ahead: bytes, self)
  }

  /// Resets the connection at once, whether or not the request was answered; what was written may be lost.
  package func reset() {
    server.reset(self)
  }

  /// Leaves HTTP: writes `head`, a whole `101 Switching Protocols`, and hands over what comes from then on.
  /// - Parameters:
  ///   - onBytes: called on the loop's thread with each piece, which is valid during the call only.
  ///   - onClose: called on the loop's thread once, when the connection has ended for whatever reason but
  ///     ``HTTPTunnel/end()``; not at all if nil is returned.
  /// - Returns: nil if nobody is there, or earlier requests are unanswered.
  package func startTunnel(
    head: [UInt8], onBytes: @escaping (Span<UInt8>) -> Void, onClose: @escaping () -> Void
  ) -> HTTPTunnel? {
    server.startTunnel(head, onBytes, onClose, self)
  }

  /// Answers piece by piece, as server-sent events are. No further request is read from the connection.
  /// - Parameter onClose: called on the loop's thread once, when the stream has ended for whatever reason but
  ///   ``HTTPStream/end()``; not at all if nil is returned.
  /// - Returns: nil if nobody is there to read it.
  package func startStream(
    _ status: HTTPStatus = .ok, fields: HTTPFields, onClose: @escaping () -> Void
  ) -> HTTPStream? {
    server.startStream(status, fields, onClose, self)
  }
}

/// Where a connection stands in its server's table. Stays harmless when the connection is gone.
struct ConnectionID: Sendable, Hashable {
  let slot: UInt32
  /// Counts the connections of the server, so that a slot's next tenant is another.
  let serial: UInt64
}
