package import OrderDomain

/// What a market shows at one moment.
package struct MarketQuote: Hashable, Sendable {
  package let lastPrice: Price
  package let bid: Price
  package let ask: Price
  /// The last price when the previous trading day was rolled, or the reference price.
  package let close: Price
  package let band: ClosedRange<Price>?
  /// Units that one step still offers to each side; `nil` for as many as are wanted.
  package let offered: Quantity?
}
