/// Cuts a leg's quantity into orders that the exchange takes.
public enum SlicePlan {
  /// Quantities in whole lots, each at most the freeze quantity, the largest first, summing to `quantity`.
  ///
  /// - Parameters:
  ///   - quantity: a positive multiple of `lot`.
  ///   - freeze: made for the same lot; one of another is read as the whole lots in it.
  /// - Returns: `nil` when more than ``CorrelationID/sliceLimit`` orders would be needed, or none could be legal.
  public static func quantities(of quantity: Quantity, lot: LotSize, freeze: FreezeQuantity?) -> [Quantity]? {
    precondition(quantity > .zero && lot.divides(quantity), "a leg is whole lots")
    guard let freeze, quantity > freeze.quantity else { return [quantity] }
    let most = lot.floor(freeze.quantity)
    guard most > .zero else { return nil }
    let count = (quantity.units + most.units - 1) / most.units
    guard count <= Int64(CorrelationID.sliceLimit) else { return nil }
    var slices: [Quantity] = []
    slices.reserveCapacity(Int(count))
    var rest = quantity
    while rest > most, let after = rest.subtracting(most) {
      slices.append(most)
      rest = after
    }
    slices.append(rest)
    return slices
  }
}
