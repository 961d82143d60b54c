package import OrderDomain

/// What an account owns, in plain values: enough to open it again in another exchange, after a restart.
///
/// Orders, trades and the day's counts are not part of it. What is open is carried at its cost, so that the account's
/// worth is the same to the last ₹0.0001.
package struct ExchangeAccountState: Hashable, Sendable {
  package struct Position: Hashable, Sendable {
    package var instrument: Instrument
    package var product: ProductType
    /// Units, negative when short; not nought.
    package var net: Int64
    /// Paid for the open long units, or received for the open short ones; not negative.
    package var openCost: Money

    package init(instrument: Instrument, product: ProductType, net: Int64, openCost: Money) {
      self.instrument = instrument
      self.product = product
      self.net = net
      self.openCost = openCost
    }
  }

  package struct Holding: Hashable, Sendable {
    package var instrument: Instrument
    /// Above nought.
    package var units: Int64
    package var cost: Money

    package init(instrument: Instrument, units: Int64, cost: Money) {
      self.instrument = instrument
      self.units = units
      self.cost = cost
    }
  }

  /// What is free and what positions block together; holdings have been paid from it.
  package var cash: Money
  package var positions: [Position]
  package var holdings: [Holding]

  package init(cash: Money, positions: [Position] = [], holdings: [Holding] = []) {
    self.cash = cash
    self.positions = positions
    self.holdings = holdings
  }
}
