package import OrderDomain

/// What trading costs. Off by default.
package struct ChargeTable: Hashable, Sendable {
  /// Once an order, with its first fill.
  package var perOrder: Money
  /// Of the value of each fill, in millionths (0.1 % is 1000), rounded half up to ₹0.0001.
  package var millionthsOfValue: Int64

  package static let none = ChargeTable(perOrder: .zero, millionthsOfValue: 0)

  package init(perOrder: Money, millionthsOfValue: Int64) {
    self.perOrder = perOrder
    self.millionthsOfValue = millionthsOfValue
  }

  func charge(on value: Money, isFirstFill: Bool) -> Money {
    let share = (value.tenThousandths * Int128(millionthsOfValue) + 500_000) / 1_000_000
    return Money(tenThousandths: share) + (isFirstFill ? perOrder : .zero)
  }
}
