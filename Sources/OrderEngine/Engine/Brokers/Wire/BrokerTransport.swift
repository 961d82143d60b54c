/// What carries calls to a broker and answers back: HTTP in the engine, a script in tests.
package protocol BrokerTransport: Sendable {
  /// Sends the call once, never again by itself, and gives up `deadline` after it started.
  func send(_ call: BrokerCall, deadline: Duration) async -> BrokerTransportResult
}

package enum BrokerTransportResult: Sendable {
  /// A whole answer of whatever status.
  case answer(BrokerAnswer)
  /// Certainly no byte of the request left. `cause` is fit for people: no secret in it.
  case notSent(cause: String)
  /// Bytes may have left, and no whole answer came.
  case perhapsSent(cause: String)
}

/// A broker's answer, whole by HTTP's rules and nothing more believed of it.
package struct BrokerAnswer: Sendable {
  package let status: Int
  /// The value of `Retry-After`, as it came.
  package let retryAfter: String?
  /// The value of `X-Retry-After-Ms`, as it came: Fyers says the same more exactly there.
  package let retryAfterMilliseconds: String?
  /// The value of `Date`, as it came: what a date in `Retry-After` is to be measured by, because the clock here may be
  /// wrong.
  package let date: String?
  package let body: [UInt8]

  package init(
    status: Int, retryAfter: String? = nil, retryAfterMilliseconds: String? = nil, date: String? = nil, body: [UInt8]
  ) {
    self.status = status
    self.retryAfter = retryAfter
    self.retryAfterMilliseconds = retryAfterMilliseconds
    self.date = date
    self.body = body
  }
}
