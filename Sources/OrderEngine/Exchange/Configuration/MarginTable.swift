package import OrderDomain

/// What share of a position's value is blocked, in hundredths of a percent (20 % is 2000), by segment.
///
/// Bought options and deliveries are paid in full, whatever the table says. A sold option blocks its share of strike
/// times quantity, the strike standing in for the underlying. Spreads get no benefit: this is no SPAN.
package struct MarginTable: Hashable, Sendable {
  package struct Shares: Hashable, Sendable {
    package var intradayEquity: Int64
    package var futures: Int64
    package var soldOptions: Int64

    package init(intradayEquity: Int64 = 2_000, futures: Int64 = 1_500, soldOptions: Int64 = 1_500) {
      self.intradayEquity = intradayEquity
      self.futures = futures
      self.soldOptions = soldOptions
    }
  }

  /// By the segment's raw value.
  private var shares = [Shares](repeating: Shares(), count: ExchangeSegment.allCases.count)

  package init() {}

  package subscript(segment: ExchangeSegment) -> Shares {
    get { shares[Int(segment.rawValue)] }
    set { shares[Int(segment.rawValue)] = newValue }
  }

  /// What `units` on `side`, worth `value`, block.
  func margin(for instrument: Instrument, _ product: ProductType, _ side: Side, units: Int64, value: Money) -> Money {
    switch (product, instrument.contract, side) {
    case (.delivery, _, .buy), (_, .option, .buy): value
    // Covered by the holding that it sells.
    case (.delivery, _, .sell): .zero
    case (_, .option(_, let strike, _), .sell):
      MarginTable.share(self[instrument.key.segment].soldOptions, of: strike * units)
    case (_, .future, _): MarginTable.share(self[instrument.key.segment].futures, of: value)
    case (_, .equity, _), (_, .index, _): MarginTable.share(self[instrument.key.segment].intradayEquity, of: value)
    }
  }

  /// Rounded up: a margin is never short by a fraction.
  private static func share(_ hundredthsOfPercent: Int64, of value: Money) -> Money {
    Money(tenThousandths: (value.tenThousandths * Int128(hundredthsOfPercent) + 9_999) / 10_000)
  }
}
