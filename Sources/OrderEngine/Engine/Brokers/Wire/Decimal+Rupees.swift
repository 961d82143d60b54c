internal import OrderDomain

extension Decimal {
  /// Rounded half away from zero to ₹0.0001.
  var money: Money { scaled(by: 1) }

  /// This many rupees a unit, times `quantity`, rounded half away from zero to ₹0.0001 once, at the end.
  func times(_ quantity: Quantity) -> Money { scaled(by: quantity.units) }

  private func scaled(by count: Int64) -> Money {
    var value = Int128(significand) * Int128(count)
    if scale <= 4 {
      for _ in 0..<(4 - scale) { value *= 10 }
      return Money(tenThousandths: value)
    }
    var divisor: Int128 = 1
    for _ in 0..<(scale - 4) { divisor *= 10 }
    let half = value < 0 ? -(divisor / 2) : divisor / 2
    return Money(tenThousandths: (value + half) / divisor)
  }

  /// Rounded to ₹0.0001; `nil` outside the range of prices.
  var price: Price? { Int64(exactly: money.tenThousandths).flatMap { Price(tenThousandths: $0) } }

  /// The same, where 0 stands for none.
  var positivePrice: Price? { price.flatMap { $0 > .zero ? $0 : nil } }
}
