package import OrderDomain

/// Shares taken into the demat account: bought for delivery on an earlier day.
///
/// Settlement is simplified: shares bought today count as sellable today, by their position; they become a holding,
/// free to sell, when the day is rolled.
package struct ExchangeHolding: Hashable, Sendable {
  package let instrument: Instrument
  package let units: Int64
  package let cost: Money
  /// What neither a sale of today nor a live order has claimed.
  package let sellable: Int64
  package let lastPrice: Price

  package var averageCost: Price? { ExchangePosition.average(cost, units) }
}
