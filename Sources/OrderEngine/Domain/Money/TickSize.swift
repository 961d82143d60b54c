/// The price step of an instrument: every order price is a whole multiple of it. Comes from the symbol master, per
/// instrument and day (0.05 is common, 0.01 and 0.0025 exist); never a constant.
public struct TickSize: Hashable, Sendable {
  public let price: Price

  public enum Rounding: Sendable, CaseIterable { case down, up, nearest }

  /// `nil` for a step of zero.
  public init?(_ price: Price) {
    guard price > .zero else { return nil }
    self.price = price
  }

  public func divides(_ price: Price) -> Bool { price.tenThousandths % self.price.tenThousandths == 0 }

  /// The nearest multiple in the given direction; `nil` when that lies above ``Price/limit``. A tie goes up.
  public func round(_ price: Price, _ rounding: Rounding) -> Price? {
    let step = self.price.tenThousandths
    let below = price.tenThousandths / step * step
    let remainder = price.tenThousandths - below
    if remainder == 0 { return price }
    let goesUp =
      switch rounding {
      case .down: false
      case .up: true
      case .nearest: remainder * 2 >= step
      }
    return Price(tenThousandths: goesUp ? below + step : below)
  }
}
