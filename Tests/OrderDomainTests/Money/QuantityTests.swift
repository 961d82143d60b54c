import OrderDomain
import TestSupport
import Testing

struct QuantityTests {
  @Test func `the limit is in and one more is out`() {
    #expect(Quantity(100_000_000) == .limit)
    #expect(Quantity(100_000_001) == nil)
    #expect(Quantity(-1) == nil)
    #expect(Lots(100_000_000) != nil)
    #expect(Lots(100_000_001) == nil)
    #expect(Lots(-1) == nil)
    #expect(LotSize(1) == .one)
    #expect(LotSize(0) == nil)
    #expect(LotSize(100_000_000) != nil)
    #expect(LotSize(100_000_001) == nil)
  }

  @Test func `sums and differences stay inside the range`() {
    #expect(quantityOf(3).adding(quantityOf(4)) == quantityOf(7))
    #expect(Quantity.limit.adding(quantityOf(1)) == nil)
    #expect(quantityOf(3).subtracting(quantityOf(3)) == .zero)
    #expect(quantityOf(3).subtracting(quantityOf(4)) == nil)
  }

  @Test func `lots become units, or nothing above the limit`() {
    #expect(lot(65).quantity(of: lots(27)) == quantityOf(1755))
    #expect(lot(65).quantity(of: lots(0)) == .zero)
    #expect(lot(65).quantity(of: lots(1_538_461)) == quantityOf(99_999_965))
    #expect(lot(65).quantity(of: lots(1_538_462)) == nil)
    #expect(lot(100_000_000).quantity(of: lots(100_000_000)) == nil)
  }

  @Test(arguments: [(0, 0, 0), (1, 0, 65), (64, 0, 65), (65, 65, 65), (66, 65, 130), (1800, 1755, 1820)])
  func `whole lots below and above`(quantity: Int64, below: Int64, above: Int64) {
    #expect(lot(65).floor(quantityOf(quantity)) == quantityOf(below))
    #expect(lot(65).ceiling(quantityOf(quantity)) == quantityOf(above))
    #expect(lot(65).divides(quantityOf(quantity)) == (below == above))
  }

  @Test func `nothing above the limit is a ceiling`() {
    #expect(lot(65).ceiling(.limit) == nil)
    #expect(LotSize.one.ceiling(.limit) == .limit)
  }

  @Test(arguments: [(1756, 65, 1755), (601, 30, 600), (1755, 65, 1690), (66, 65, 65)])
  func `a freeze quantity published as the first refused figure`(published: Int64, size: Int64, legal: Int64) {
    #expect(FreezeQuantity(firstRefused: quantityOf(published), lot: lot(size))?.quantity == quantityOf(legal))
  }

  @Test(arguments: [(1800, 65, 1755), (600, 30, 600), (1755, 65, 1755), (65, 65, 65)])
  func `a freeze quantity published as the largest figure`(published: Int64, size: Int64, legal: Int64) {
    #expect(FreezeQuantity(largestPublished: quantityOf(published), lot: lot(size))?.quantity == quantityOf(legal))
  }

  @Test func `a freeze quantity below one lot is none`() {
    #expect(FreezeQuantity(firstRefused: quantityOf(65), lot: lot(65)) == nil)
    #expect(FreezeQuantity(firstRefused: .zero, lot: .one) == nil)
    #expect(FreezeQuantity(largestPublished: quantityOf(64), lot: lot(65)) == nil)
  }
}
