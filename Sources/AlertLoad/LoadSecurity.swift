import HTTP
import Ring

/// What the connections of a run speak TLS by. Loop's thread only, once the run has begun.
@safe final class LoadSecurity: @unchecked Sendable {
  // @unchecked: made before the loop has it, and touched by the loop's thread alone from then on.
  private let context: TLSContext
  /// The name or address that the server's certificate must be for.
  private let host: String
  /// Where records are opened: of one connection at a time.
  let plaintext = IOBuffer(capacity: TLSSession.recordLimit)

  /// Blocks: reads the file.
  ///
  /// - Parameter authorities: a PEM file of those whose certificates are taken; a certificate that signs itself is its own.
  init(trusting authorities: String, host: String) throws(TLSFailure) {
    context = try TLSContext(trusting: authorities)
    self.host = host
  }

  func session() throws(TLSFailure) -> TLSSession { try context.clientSession(host: host) }

  /// `127.0.0.1` of `127.0.0.1:8080`, `::1` of `[::1]:8080`.
  static func host(of server: String) -> String {
    guard let colon = server.lastIndex(of: ":") else { return server }
    return server[..<colon].filter { $0 != "[" && $0 != "]" }
  }
}
