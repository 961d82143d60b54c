package import OrderDomain

/// One row of the trade book.
package struct ExchangeTrade: Hashable, Sendable {
  package let id: TradeID
  package let orderID: BrokerOrderID
  package let exchangeOrderID: String
  package let account: AccountID
  package let tag: String?
  package let instrument: Instrument
  package let side: Side
  package let orderType: OrderType
  package let product: ProductType
  package let price: Price
  package let quantity: Quantity
  package let time: Timestamp
  package let tradingDay: CalendarDate

  package var value: Money { price * quantity }
}
