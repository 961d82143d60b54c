package import HTTP

/// How an answer goes out, or does not.
package enum Delivery: Equatable, Sendable {
  case answer(HTTPResponse)
  case answerLater(HTTPResponse, nanoseconds: Int64)
  /// The call is to be made again after that long, and not held up again.
  case postpone(nanoseconds: Int64)
  case silence
  case reset
  /// Without a byte.
  case close
  /// The first half of the answer's bytes, then this.
  case half(HTTPResponse, Fault.Ending)
  case drip(HTTPResponse, nanoseconds: Int64)
  case twice(HTTPResponse)
  case interim(HTTPResponse, count: Int)
}
