internal import OrderDomain

/// A price in 32 bits that sorts like the price: ten-thousandths of a rupee up to ₹214,748, whole paise above.
///
/// Exact for every price that trades in India: whatever quotes finer than a paisa is far below that line. Half of a
/// `Price`'s size, three times in each of 218,000 rows.
struct PackedPrice: Hashable, Comparable {
  let bits: UInt32

  static let zero = PackedPrice(bits: 0)
  private static let paiseFlag: UInt32 = 1 << 31

  init(bits: UInt32) { self.bits = bits }

  /// `nil` outside `0 … Price.limit`, and for a fraction of a paisa above ₹214,748.
  init?(tenThousandths: Int64) {
    guard tenThousandths >= 0, tenThousandths <= Price.limit.tenThousandths else { return nil }
    if tenThousandths < Int64(PackedPrice.paiseFlag) {
      bits = UInt32(tenThousandths)
    } else {
      guard tenThousandths % 100 == 0 else { return nil }
      bits = UInt32(tenThousandths / 100) | PackedPrice.paiseFlag
    }
  }

  init?(_ price: Price) { self.init(tenThousandths: price.tenThousandths) }

  var price: Price {
    let value = Int64(bits & ~PackedPrice.paiseFlag)
    return Price(tenThousandths: bits & PackedPrice.paiseFlag == 0 ? value : value * 100) ?? .zero
  }

  static func < (left: PackedPrice, right: PackedPrice) -> Bool { left.bits < right.bits }
}
