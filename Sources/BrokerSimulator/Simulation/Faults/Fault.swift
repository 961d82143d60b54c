package import SimulatedExchange

/// What a script does to one call. Each says whether the broker has taken the call when the client gets to know, or not
/// to know: that is the whole difference between a failure and a double order.
package enum Fault: Hashable, Sendable {
  package enum Moment: String, Sendable, CaseIterable { case before, after }
  package enum Ending: String, Sendable, CaseIterable { case reset, close, silence }

  /// Before: it is taken that much later. After: it is taken at once and answered later.
  case delay(Moment, nanoseconds: Int64)
  /// The answer never comes.
  case silence(Moment)
  /// The connection is reset instead of an answer.
  case reset(Moment)
  /// The connection is closed, politely and without a byte.
  case close(Moment)
  /// Taken; half of the answer's bytes come, then this.
  case cut(Ending)
  case status(UInt16, body: String?, retryAfter: String?, isTaken: Bool)
  /// The broker's own refusal for too many calls; not taken. `retryAfter` as it stands on the wire.
  case tooManyCalls(retryAfter: String?)
  /// The token that the call carries dies first.
  case tokenDeath
  /// The broker's refusal of an address that is not registered; not taken.
  case wrongAddress
  /// A page for people under this status.
  case page(UInt16, isTaken: Bool)
  /// 200 without content.
  case empty(isTaken: Bool)
  /// A whole answer whose JSON ends in the middle.
  case brokenJSON(isTaken: Bool)
  /// 200 with bytes that mean nothing.
  case garbage(isTaken: Bool)
  /// Taken; the answer, then white space up to so many bytes.
  case huge(byteCount: Int)
  /// Taken; the answer comes byte by byte.
  case drip(nanoseconds: Int64)
  /// Taken; the answer comes twice on the same connection.
  case twice
  /// Taken; so many `103 Early Hints` come first.
  case interim(count: Int)
  /// Fyers' 201: sent on, not acknowledged.
  case unacknowledged(isTaken: Bool)
  /// The order that the call places meets this.
  case fate(OrderFate)
  /// After the call, books answer for so long as they did before it.
  case staleBooks(nanoseconds: Int64)
}
