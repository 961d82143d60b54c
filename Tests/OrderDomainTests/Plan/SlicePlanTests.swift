import OrderDomain
import TestSupport
import Testing

struct SlicePlanTests {
  private let nifty = lot(65)
  private let freeze = FreezeQuantity(firstRefused: quantityOf(1756), lot: lot(65))

  private func slices(_ quantity: Int64) -> [Int64]? {
    SlicePlan.quantities(of: quantityOf(quantity), lot: nifty, freeze: freeze)?.map(\.units)
  }

  @Test func `a leg up to the freeze quantity is one order, and above it several`() {
    #expect(slices(65) == [65])
    #expect(slices(1755) == [1755])
    #expect(slices(1820) == [1755, 65])
    #expect(slices(3510) == [1755, 1755])
    #expect(slices(3575) == [1755, 1755, 65])
  }

  @Test func `without a freeze quantity nothing is cut`() {
    #expect(SlicePlan.quantities(of: .limit, lot: .one, freeze: nil) == [.limit])
  }

  @Test func `as many slices as a tag can number, and not one more`() {
    #expect(slices(1755 * 1023)?.count == 1023)
    #expect(slices(1755 * 1023 + 65) == nil)
  }

  @Test func `a freeze quantity of another lot still cuts whole lots`() {
    let other = FreezeQuantity(largestPublished: quantityOf(100), lot: .one)
    #expect(
      SlicePlan.quantities(of: quantityOf(195), lot: nifty, freeze: other) == [
        quantityOf(65), quantityOf(65), quantityOf(65),
      ])
    #expect(
      SlicePlan.quantities(
        of: quantityOf(195), lot: nifty, freeze: FreezeQuantity(largestPublished: quantityOf(64), lot: .one))
        == nil)
  }

  @Test func `slices sum to the leg, each of whole lots and at most the freeze quantity`() {
    var random = SeededGenerator(seed: 6)
    for _ in 0..<3_000 {
      let lot = lot(.random(in: 1...500, using: &random))
      let published = quantityOf(.random(in: 1...20_000, using: &random))
      let freeze = FreezeQuantity(largestPublished: published, lot: lot)
      let quantity = quantityOf(lot.units * .random(in: 1...2_000, using: &random))
      guard let slices = SlicePlan.quantities(of: quantity, lot: lot, freeze: freeze) else {
        let most = certain(freeze).quantity.units
        #expect((quantity.units + most - 1) / most > 1023)
        continue
      }
      #expect(slices.reduce(0) { $0 + $1.units } == quantity.units)
      #expect(slices.allSatisfy { $0 > .zero && lot.divides($0) })
      #expect(slices.allSatisfy { slice in freeze.map { slice <= $0.quantity } ?? true })
      #expect(slices == slices.sorted(by: >))
    }
  }

  @Test func `a leg of broken lots is a bug of ours`() async {
    await #expect(processExitsWith: .failure) {
      _ = SlicePlan.quantities(of: quantityOf(64), lot: lot(65), freeze: nil)
    }
    await #expect(processExitsWith: .failure) {
      _ = SlicePlan.quantities(of: .zero, lot: lot(65), freeze: nil)
    }
  }
}
