/// A price per unit in ten-thousandths of a rupee (₹0.0001): the finest tick that Indian exchanges quote is ₹0.0025.
///
/// Always within `0 … Price.limit`, so that a price times a ``Quantity`` fits 64 bits. A price times a price has no
/// meaning here and no operator.
public struct Price: Hashable, Comparable, Sendable {
  /// Ten-thousandths of a rupee.
  public let tenThousandths: Int64

  /// ₹9,000,000: sixty times the dearest share ever listed in India.
  public static let limit = Price(unchecked: 90_000_000_000)
  public static let zero = Price(unchecked: 0)

  /// Returns `nil` outside `0 … limit`.
  public init?(tenThousandths: Int64) {
    guard tenThousandths >= 0, tenThousandths <= Price.limit.tenThousandths else { return nil }
    self.tenThousandths = tenThousandths
  }

  /// Whole rupees, for tables and tests; returns `nil` outside `0 … limit`.
  public init?(rupees: Int64) {
    guard rupees >= 0, rupees <= 9_000_000 else { return nil }
    self.init(unchecked: rupees * 10_000)
  }

  /// Whole paise (₹0.01), the unit of Dhan's tick column; returns `nil` outside `0 … limit`.
  public init?(paise: Int64) {
    guard paise >= 0, paise <= 900_000_000 else { return nil }
    self.init(unchecked: paise * 100)
  }

  private init(unchecked tenThousandths: Int64) { self.tenThousandths = tenThousandths }

  public static func < (left: Price, right: Price) -> Bool { left.tenThousandths < right.tenThousandths }

  /// The price moved up by `distance`, or `nil` past the limit.
  public func raised(by distance: Price) -> Price? { Price(tenThousandths: tenThousandths + distance.tenThousandths) }

  /// The price moved down by `distance`, or `nil` below zero.
  public func lowered(by distance: Price) -> Price? { Price(tenThousandths: tenThousandths - distance.tenThousandths) }

  /// `hundredthsOfPercent` of this price (15 % is 1500), rounded down to ₹0.0001; `nil` past the limit.
  public func fraction(hundredthsOfPercent: Int64) -> Price? {
    let (product, overflow) = tenThousandths.multipliedReportingOverflow(by: hundredthsOfPercent)
    return overflow ? nil : Price(tenThousandths: product / 10_000)
  }
}

extension Price: CustomStringConvertible {
  /// Rupees with two to four decimals, as brokers print them: `2450.00`, `0.0025`.
  public var description: String { RupeeFormat.text(of: Int128(tenThousandths)) }
}
