package import OrderDomain

/// An order as a broker receives it.
package struct NewOrder: Hashable, Sendable {
  package var instrument: Instrument
  package var side: Side
  package var type: OrderType
  package var quantity: Quantity
  package var product: ProductType
  package var validity: Validity
  /// The sender's name for it. Several orders may share one: brokers do not refuse a repeated tag.
  package var tag: String?
  /// To wait for the next opening when the market is closed. Means nothing around the clock.
  package var isAfterMarket: Bool

  package init(
    instrument: Instrument, side: Side, type: OrderType, quantity: Quantity, product: ProductType,
    validity: Validity = .day, tag: String? = nil, isAfterMarket: Bool = false
  ) {
    self.instrument = instrument
    self.side = side
    self.type = type
    self.quantity = quantity
    self.product = product
    self.validity = validity
    self.tag = tag
    self.isAfterMarket = isAfterMarket
  }
}
