/// An amount of rupees in ten-thousandths (₹0.0001), positive or negative: cash, value, profit and loss.
///
/// 128 bits wide, so that sums over any book that a hostile broker could report stay exact.
public struct Money: Hashable, Comparable, Sendable, AdditiveArithmetic {
  /// Ten-thousandths of a rupee.
  public let tenThousandths: Int128

  public static let zero = Money(tenThousandths: 0)

  public init(tenThousandths: Int128) { self.tenThousandths = tenThousandths }
  public init(rupees: Int64) { self.init(tenThousandths: Int128(rupees) * 10_000) }

  public static func < (left: Money, right: Money) -> Bool { left.tenThousandths < right.tenThousandths }
  public static func + (left: Money, right: Money) -> Money {
    Money(tenThousandths: left.tenThousandths + right.tenThousandths)
  }
  public static func - (left: Money, right: Money) -> Money {
    Money(tenThousandths: left.tenThousandths - right.tenThousandths)
  }
  public static prefix func - (amount: Money) -> Money { Money(tenThousandths: -amount.tenThousandths) }
}

extension Price {
  /// The value of a signed number of units at this price: exact.
  public static func * (price: Price, units: Int64) -> Money {
    Money(tenThousandths: Int128(price.tenThousandths) * Int128(units))
  }
  public static func * (price: Price, quantity: Quantity) -> Money { price * quantity.units }

  /// The average price of `quantity` units bought or sold for `value`, rounded half up to ₹0.0001; `nil` for no units.
  public init?(averageOf value: Money, over quantity: Quantity) {
    guard quantity.units > 0, value.tenThousandths >= 0 else { return nil }
    let units = Int128(quantity.units)
    guard let rounded = Int64(exactly: (value.tenThousandths + units / 2) / units) else { return nil }
    self.init(tenThousandths: rounded)
  }
}

extension Money: CustomStringConvertible {
  public var description: String { RupeeFormat.text(of: tenThousandths) }
}
