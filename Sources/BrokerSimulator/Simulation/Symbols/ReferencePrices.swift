import OrderDomain

/// Where the best-known prices start, in rupees; all others start at a price of the exchange's own making.
enum ReferencePrices {
  private static let shares: [String: Int64] = [
    "RELIANCE": 2_520, "TCS": 3_400, "HDFCBANK": 1_650, "INFY": 1_500, "SBIN": 820, "IDEA": 8, "M&M": 3_100,
    "BAJAJ-AUTO": 8_900,
  ]

  private static let indices: [String: Int64] = [
    "NIFTY": 26_000, "BANKNIFTY": 58_500, "FINNIFTY": 27_500, "MIDCPNIFTY": 13_500, "SENSEX": 85_500, "INDIA VIX": 14,
    "GOLD": 125_000, "CRUDEOIL": 5_300,
  ]

  /// `nil` for options, which stand at a share of their strike.
  static func price(_ instrument: Instrument) -> Price? {
    let rupees: Int64? =
      switch instrument.contract {
      case .equity: shares[instrument.underlying]
      case .index: indices[instrument.underlying]
      case .future: indices[instrument.underlying] ?? shares[instrument.underlying]
      case .option: nil
      }
    return rupees.flatMap { Price(rupees: $0) }
  }
}
