/// What a call to a broker says about the broker's health, which is another question than what became of the order.
package enum CallOutcome: Hashable, Sendable, CaseIterable {
  case success
  /// A time-out, a 5xx, a lost connection, an answer that nobody can read.
  case failure
  /// The broker answered and said no: it is well, and the breaker takes it for a success.
  case businessRejection
  /// Nothing left, so nothing was learned.
  case notSent
}
