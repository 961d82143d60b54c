/// Cuts a leg's quantity into orders that the exchange takes.
public enum SlicePlan {
  /// Quantities in whole lots, each at most the freeze quantity, the largest first, summing to `quantity`.
  ///
  /// - Parameter quantity: a positive multiple of `lot`.
  /// - Returns: `nil` when more than ``CorrelationID/sliceLimit`` orders would be needed.
  public static func quantities(of quantity: Quantity, lot: LotSize, freeze: FreezeQuantity?) -> [Quantity]? {
    precondition(quantity > .zero && lot.divides(quantity), "a leg is whole lots")
    guard let most = freeze?.quantity, quantity > most else { return [quantity] }
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
