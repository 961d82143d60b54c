internal import Ring

/// The limits of a server and of its connections.
package struct HTTPServerConfiguration: Sendable {
  package var message = HTTPLimits()
  package var connection = ConnectionLimits()
  /// Where it speaks TLS.
  package var tls = TLSLimits()
  /// Connections in all; more are answered 503 (see ``refusalLimit``).
  package var connectionLimit = 10_000
  /// Connections of one address, of one /64 for IPv6; more are answered 503.
  package var connectionsPerAddressLimit = 256
  /// The same for 127.0.0.0/8 and ::1, where a proxy brings everybody's connections from one address.
  package var connectionsPerLoopbackAddressLimit = 10_000
  /// Connections beyond the limits that are told so at one time; those beyond this are closed at once.
  package var refusalLimit = 64
  /// Bytes of a stream that its client has not taken; beyond it the connection is dropped.
  package var streamBacklogLimit = 256 * 1024
  /// The answer in the server's own name: a refused message, an overload, an overdue handler. It must be cheap.
  package var refusal: @Sendable (HTTPRefusal) -> HTTPResponse = HTTPRefusal.response
  /// Seconds since 1970 by the wall clock, for Date. Asked at most once a turn of the loop.
  package var wallClock: @Sendable () -> Int64

  /// - Parameter wallClock: seconds since 1970.
  package init(wallClock: @escaping @Sendable () -> Int64) {
    self.wallClock = wallClock
  }
}
