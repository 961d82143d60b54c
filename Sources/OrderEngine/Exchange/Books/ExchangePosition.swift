package import OrderDomain

/// One row of the positions. A position closed today stays listed, with a net of nought, until the day is rolled.
package struct ExchangePosition: Hashable, Sendable {
  package let instrument: Instrument
  package let product: ProductType
  /// Units, negative when short.
  package let net: Int64
  /// Paid for the open long units, or received for the open short ones; exact.
  package let openCost: Money
  package let boughtToday: Int64
  package let boughtValueToday: Money
  package let soldToday: Int64
  package let soldValueToday: Money
  /// Carried into the day, signed, at its cost.
  package let carried: Int64
  package let carriedCost: Money
  /// Today, by average cost.
  package let realised: Money
  package let lastPrice: Price
  package let margin: Money

  package var unrealised: Money {
    net >= 0 ? lastPrice * net - openCost : openCost - lastPrice * (-net)
  }

  /// Carried and today's together.
  package var bought: Int64 { boughtToday + max(carried, 0) }
  package var boughtValue: Money { boughtValueToday + (carried > 0 ? carriedCost : .zero) }
  package var sold: Int64 { soldToday + max(-carried, 0) }
  package var soldValue: Money { soldValueToday + (carried < 0 ? carriedCost : .zero) }

  /// Averages are rounded half up to ₹0.0001, `nil` over no units.
  package var averageBought: Price? { ExchangePosition.average(boughtValue, bought) }
  package var averageSold: Price? { ExchangePosition.average(soldValue, sold) }
  package var averageOpen: Price? { ExchangePosition.average(openCost, abs(net)) }

  static func average(_ value: Money, _ units: Int64) -> Price? {
    guard units > 0 else { return nil }
    let rounded = (value.tenThousandths + Int128(units) / 2) / Int128(units)
    return Int64(exactly: rounded).flatMap { Price(tenThousandths: $0) }
  }
}
