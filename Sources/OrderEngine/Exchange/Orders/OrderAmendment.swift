package import OrderDomain

/// What an order is to become. What is `nil` stays.
package struct OrderAmendment: Hashable, Sendable {
  package var type: OrderType?
  /// The whole quantity wanted, including what has filled (Dhan's reading).
  package var quantity: Quantity?
  package var validity: Validity?

  package init(type: OrderType? = nil, quantity: Quantity? = nil, validity: Validity? = nil) {
    self.type = type
    self.quantity = quantity
    self.validity = validity
  }
}
