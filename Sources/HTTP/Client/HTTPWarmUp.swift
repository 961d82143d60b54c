/// A request that keeps a connection open while nothing else uses it.
package struct HTTPWarmUp: Sendable {
  /// Something cheap at the origin that is to be kept warm; its answer's status does not matter.
  package var url: String
  package var method: HTTPMethod
  package var fields: HTTPFields
  /// Connections to keep, by as many requests at a time: 1...16. Over HTTP/2, one carries them all.
  package var connectionCount: Int
  /// Between two answers from the origin, to whatever request; below the time after which the peer hangs up: 1 s...1 day.
  package var interval: Duration
  /// For one try: 1 ms...5 min.
  package var deadline: Duration

  /// - Parameter method: a safe one (RFC 9110 9.2.1).
  package init(
    _ url: String, method: HTTPMethod = .head, fields: HTTPFields = HTTPFields(),
    connectionCount: Int = 1, interval: Duration = .seconds(30), deadline: Duration = .seconds(5)
  ) {
    precondition(method.isSafe, "a warm-up changes nothing")
    precondition((1...16).contains(connectionCount))
    precondition((Duration.seconds(1)...Duration.seconds(86_400)).contains(interval))
    precondition((Duration.milliseconds(1)...Duration.seconds(300)).contains(deadline))
    self.url = url
    self.method = method
    self.fields = fields
    self.connectionCount = connectionCount
    self.interval = interval
    self.deadline = deadline
  }

  var request: HTTPClientRequest {
    HTTPClientRequest(method, url, fields: fields, deadline: deadline, resend: .once, bodyLimit: 1 << 20)
  }
}
