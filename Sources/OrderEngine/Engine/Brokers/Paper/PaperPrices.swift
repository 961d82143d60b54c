import OrderDomain

/// Where the paper market's best-known prices start, in rupees, by the exchange's security id: near what the sample alerts
/// expect, so that a first bracket neither fires at once nor is refused. All others start at a price of their own making.
enum PaperPrices {
  private static let rupees: [(segment: ExchangeSegment, id: UInt64, price: Int64)] = [
    (.nseEquity, 2885, 2_520),  // RELIANCE: the sample bracket has its stop at 2450 and its target at 2600
    (.bseEquity, 500_325, 2_520),
    (.nseEquity, 11_536, 3_400),  // TCS
    (.nseEquity, 1_333, 1_650),  // HDFCBANK
    (.nseEquity, 1_594, 1_500),  // INFY
    (.nseEquity, 3_045, 820),  // SBIN
  ]

  static let reference: [InstrumentKey: Price] = {
    var prices: [InstrumentKey: Price] = [:]
    for row in rupees {
      if let price = Price(rupees: row.price) {
        prices[InstrumentKey(segment: row.segment, securityID: SecurityID(row.id))] = price
      }
    }
    return prices
  }()
}
