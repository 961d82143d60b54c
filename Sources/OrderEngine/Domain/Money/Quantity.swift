/// A number of units (shares, or contract units; at MCX the master counts lots as units). Lots are ``Lots``: two types,
/// so that they cannot be added.
public struct Quantity: Hashable, Comparable, Sendable {
  public let units: Int64

  /// One hundred million units: with ``Price/limit`` a value still fits 64 bits.
  public static let limit = Quantity(unchecked: 100_000_000)
  public static let zero = Quantity(unchecked: 0)

  /// `nil` outside `0 … limit`.
  public init?(_ units: Int64) {
    guard units >= 0, units <= Quantity.limit.units else { return nil }
    self.units = units
  }

  private init(unchecked units: Int64) { self.units = units }

  public static func < (left: Quantity, right: Quantity) -> Bool { left.units < right.units }

  /// The sum, or `nil` above the limit.
  public func adding(_ other: Quantity) -> Quantity? { Quantity(units + other.units) }

  /// The difference, or `nil` below zero.
  public func subtracting(_ other: Quantity) -> Quantity? { Quantity(units - other.units) }
}

extension Quantity: CustomStringConvertible {
  public var description: String { String(units) }
}

/// A number of lots.
public struct Lots: Hashable, Comparable, Sendable {
  public let count: Int64

  public init?(_ count: Int64) {
    guard count >= 0, count <= Quantity.limit.units else { return nil }
    self.count = count
  }

  public static func < (left: Lots, right: Lots) -> Bool { left.count < right.count }
}

/// Units per lot, from the symbol master; at least 1.
public struct LotSize: Hashable, Sendable {
  public let units: Int64

  public static let one = LotSize(unchecked: 1)

  public init?(_ units: Int64) {
    guard units >= 1, units <= Quantity.limit.units else { return nil }
    self.units = units
  }

  private init(unchecked units: Int64) { self.units = units }

  public func divides(_ quantity: Quantity) -> Bool { quantity.units % units == 0 }

  /// The units of `lots` lots, or `nil` above ``Quantity/limit``.
  public func quantity(of lots: Lots) -> Quantity? {
    let (product, overflow) = lots.count.multipliedReportingOverflow(by: units)
    return overflow ? nil : Quantity(product)
  }

  /// The whole lots at or below `quantity`, in units.
  public func floor(_ quantity: Quantity) -> Quantity { Quantity(quantity.units / units * units) ?? .zero }

  /// The whole lots at or above `quantity`, in units; `nil` above the limit.
  public func ceiling(_ quantity: Quantity) -> Quantity? {
    Quantity((quantity.units + units - 1) / units * units)
  }
}

/// The most units that one order may carry: the exchange refuses more, so a leg is sliced. Always whole lots.
public struct FreezeQuantity: Hashable, Sendable {
  public let quantity: Quantity

  /// From the exchange's own file, whose figure is itself legal when it is a lot multiple; `nil` below one lot.
  public init?(largestPublished published: Quantity, lot: LotSize) {
    let floor = lot.floor(published)
    guard floor > .zero else { return nil }
    quantity = floor
  }

  /// From a master that publishes the first refused figure (Dhan: 1756 for a NIFTY lot of 65, legal 1755); `nil` below
  /// one lot.
  public init?(firstRefused published: Quantity, lot: LotSize) {
    guard let largest = Quantity(published.units - 1) else { return nil }
    self.init(largestPublished: largest, lot: lot)
  }
}
