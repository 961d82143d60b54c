package import OrderDomain

/// Something that happened to one order. Carries the running total, so that a consumer that sees an event twice, or
/// late, still counts right.
package struct ExchangeEvent: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// From transit to pending.
    case accepted
    /// A stop has become a limit or a market order.
    case triggered
    case modified(OrderType, Quantity)
    /// A fill that leaves a rest.
    case partiallyFilled(ExchangeFill)
    /// The fill that completes the order.
    case filled(ExchangeFill)
    case rejected(ExchangeRejection)
    case cancelled(CancelCause)
    case expired
  }

  /// Counted from 1 without gaps over the exchange's life.
  package let sequence: UInt64
  package let time: Timestamp
  package let account: AccountID
  package let orderID: BrokerOrderID
  package let tag: String?
  package let kind: Kind
  package let cumulativeFilled: Quantity
}

package struct ExchangeFill: Hashable, Sendable {
  package let tradeID: TradeID
  package let price: Price
  package let quantity: Quantity
}
