package import OrderDomain

/// How much of an instrument the market gives at one price step, to buyers and to sellers separately.
package enum LiquidityModel: Hashable, Sendable {
  /// Whole and at once.
  case plenty
  /// At most this much a step, in whole lots and at least one lot: larger orders fill in parts.
  case perStep(Quantity)
  /// Nothing: orders rest until a script fills them.
  case none

  func units(lot: LotSize) -> Int64 {
    switch self {
    case .plenty: .max
    case .none: 0
    case .perStep(let quantity): max(lot.floor(quantity).units, lot.units)
    }
  }
}
