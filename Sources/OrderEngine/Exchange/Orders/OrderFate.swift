package import OrderDomain

/// What becomes of an order by a script instead of by the market: for tests of those who send orders.
package enum OrderFate: Hashable, Sendable {
  /// The market decides.
  case market
  /// It stays in transit until the day ends.
  case stuckInTransit
  /// The exchange refuses it on arrival, in these words.
  case rejected(String)
  /// At most this much fills on arrival, then the exchange refuses the rest in these words.
  case partlyFilledThenRejected(Quantity, String)
}
