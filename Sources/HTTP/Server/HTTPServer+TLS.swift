package import Ring

extension HTTPServer {
  /// From now on connections speak TLS. Called before ``listen(on:options:)``.
  /// - Parameter now: the loop's time.
  package func secure(with certificate: TLSCertificate, at now: LoopClock.Instant) throws(TLSFailure) {
    precondition(!isListening, "a port speaks TLS from its first connection, or never")
    door = TLSDoor(try TLSContext(serving: certificate, at: now))
  }

  /// Shows another certificate from now on; what is open goes on. If it throws, nothing has changed.
  package func adopt(_ certificate: TLSCertificate) throws(TLSFailure) {
    guard let door else { preconditionFailure("a server without TLS shows no certificate") }
    try door.context.adopt(certificate)
  }

  /// What is shown; nil without TLS.
  package var certificate: TLSCertificate? { door?.context.certificate }

  /// Puts TLS between a connection that has just come in and its stream.
  func cover(_ connection: HTTPConnection, _ session: TLSSession, at door: TLSDoor) -> TLSStream {
    let tls = TLSStream(server: self, door: door, connection: connection, session: session)
    connection.tls = tls
    if let oldest = door.began(connection.id, limit: configuration.tls.handshakesUnderWayLimit) {
      self.connection(oldest)?.tls?.giveWay()
    }
    tls.begin()
    return tls
  }
}
