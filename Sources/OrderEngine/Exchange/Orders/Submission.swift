package import OrderDomain

/// The immediate answer to an order.
package enum Submission: Hashable, Sendable {
  /// Received, in transit: what becomes of it, a rejection included, comes as events.
  case acknowledged(BrokerOrderID)
  /// Refused; there is no such order.
  case refused(ExchangeRejection)
}

/// The immediate answer to a wish to change or to cancel an order.
package enum RequestAnswer: Hashable, Sendable {
  /// Received; a fill may still come first.
  case acknowledged
  case refused(RequestRefusal)
}
