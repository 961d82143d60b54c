package import OrderDomain

/// One row of the order book.
package struct ExchangeOrder: Hashable, Sendable {
  package let id: BrokerOrderID
  /// The exchange's own number; `nil` until it has acknowledged.
  package let exchangeOrderID: String?
  package let account: AccountID
  package let tag: String?
  package let instrument: Instrument
  package let side: Side
  package let type: OrderType
  package let quantity: Quantity
  package let product: ProductType
  package let validity: Validity
  package let isAfterMarket: Bool
  package let state: ExchangeOrderState
  package let isTriggered: Bool
  package let filled: Quantity
  /// The sum of price times quantity over its trades: exact, unlike the average.
  package let tradedValue: Money
  package let rejection: ExchangeRejection?
  package let cancelCause: CancelCause?
  package let modificationCount: Int
  package let createdAt: Timestamp
  /// When the exchange acknowledged.
  package let acceptedAt: Timestamp?
  package let updatedAt: Timestamp
  /// The day whose order book it belongs to.
  package let tradingDay: CalendarDate

  /// What becomes of an order, without what it is.
  package struct Standing: Sendable {
    package let id: BrokerOrderID
    package let state: ExchangeOrderState
    package let filled: Quantity
    package let tradedValue: Money
    package let rejection: ExchangeRejection?
  }

  package var standing: Standing {
    Standing(id: id, state: state, filled: filled, tradedValue: tradedValue, rejection: rejection)
  }

  /// What has not filled, whether or not it still can.
  package var remaining: Quantity { quantity.subtracting(filled) ?? .zero }
  /// Rounded half up to ₹0.0001; `nil` before the first fill.
  package var averagePrice: Price? { Price(averageOf: tradedValue, over: filled) }
}
