/// A leg while the planner is still finding out what it is for.
struct LegDraft {
  let number: Int
  let account: AccountID
  let instrument: Instrument
  let side: Side
  let pricing: LegPricing
  let quantity: Quantity
  let product: ProductType
  let validity: Validity
  let isAfterMarket: Bool
  var role: LegRole
  let isRoleGiven: Bool
  var rank: Int
  /// The entry that this exit belongs to.
  var entryNumber: Int?
  let stopLossDistance: Price?
  let targetDistance: Price?

  /// Whether this leg can only be meant to close `entry`: same account, instrument and product, other side, no larger, and
  /// not a market order (that would close the entry at once).
  func isExit(of entry: LegDraft) -> Bool {
    account == entry.account && instrument == entry.instrument && product == entry.product
      && side == entry.side.opposite && quantity <= entry.quantity && bracketRole != nil
  }

  /// The price that the leg itself names, if any.
  var referencePrice: Price? {
    switch pricing {
    case .fixed(let type): type.limitPrice ?? type.triggerPrice
    case .stop, .target: nil
    }
  }

  /// A stop order guards, a limit order takes the profit.
  var bracketRole: LegRole? {
    switch pricing {
    case .stop, .fixed(.stopMarket), .fixed(.stopLimit): .stop
    case .target, .fixed(.limit): .target
    case .fixed(.market): nil
    }
  }

  /// An exit of this whole leg at a distance from its fill.
  func exit(number: Int, role: LegRole, pricing: LegPricing) -> LegDraft {
    LegDraft(
      number: number, account: account, instrument: instrument, side: side.opposite, pricing: pricing,
      quantity: quantity, product: product, validity: .day, isAfterMarket: false, role: role, isRoleGiven: true,
      rank: rank + 1, entryNumber: self.number, stopLossDistance: nil, targetDistance: nil)
  }

  func leg(rank: Int, slices: [Slice]) -> Leg {
    Leg(
      number: number, account: account, instrument: instrument, side: side, pricing: pricing, quantity: quantity,
      product: product, validity: validity, isAfterMarket: isAfterMarket, role: role, rank: rank, slices: slices,
      entryNumber: entryNumber)
  }
}
