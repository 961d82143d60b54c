package import OrderDomain

/// One account's money. Futures are not marked to market daily; a sale of holdings pays when the day is rolled.
package struct ExchangeFunds: Hashable, Sendable {
  /// Cash when the day began.
  package let opening: Money
  /// Opening, plus what was realised today, less today's charges.
  package let cash: Money
  package let blockedByOrders: Money
  package let blockedByPositions: Money
  package let realisedToday: Money
  package let chargesToday: Money
  /// Over the account's life.
  package let realised: Money
  package let charges: Money

  package var used: Money { blockedByOrders + blockedByPositions }
  /// Negative when fills after the check cost more than was blocked for them.
  package var available: Money { cash - used }
}
