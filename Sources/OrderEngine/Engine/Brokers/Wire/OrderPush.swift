package import OrderDomain

/// One message of a broker's order socket, read. Pushes are hints: they come late, twice and out of order, and none is
/// repeated after a broken connection, so the books are read again then.
package enum OrderPush: Hashable, Sendable {
  case order(BrokerOrder)
  case trade(BrokerTrade)
  /// The broker confirms a subscription.
  case subscribed
  /// Of no interest: an answer to a ping, a position, another kind of alert.
  case other
  /// Not what any document describes; worth counting.
  case unreadable
}
