/// A stock exchange whose instruments the engine can name.
public enum Exchange: UInt8, Hashable, Sendable, CaseIterable {
  case nse, bse, mcx

  /// As TradingView and both brokers print it before the colon: `NSE:RELIANCE`.
  public var code: String {
    switch self {
    case .nse: "NSE"
    case .bse: "BSE"
    case .mcx: "MCX"
    }
  }
}

/// Where an instrument trades: the exchange's own division, within which a ``SecurityID`` is unique.
public enum ExchangeSegment: UInt8, Hashable, Sendable, CaseIterable {
  case nseEquity, nseDerivatives, nseCurrency, nseCommodity, nseIndex
  case bseEquity, bseDerivatives, bseCurrency, bseIndex
  case mcxCommodity, mcxIndex

  public var exchange: Exchange {
    switch self {
    case .nseEquity, .nseDerivatives, .nseCurrency, .nseCommodity, .nseIndex: .nse
    case .bseEquity, .bseDerivatives, .bseCurrency, .bseIndex: .bse
    case .mcxCommodity, .mcxIndex: .mcx
    }
  }

  /// An index has a value but takes no orders.
  public var isTradable: Bool {
    switch self {
    case .nseIndex, .bseIndex, .mcxIndex: false
    case .nseEquity, .nseDerivatives, .nseCurrency, .nseCommodity, .bseEquity, .bseDerivatives, .bseCurrency,
      .mcxCommodity:
      true
    }
  }

  /// Our name for it, in answers and records.
  public var code: String {
    switch self {
    case .nseEquity: "nse_equity"
    case .nseDerivatives: "nse_derivatives"
    case .nseCurrency: "nse_currency"
    case .nseCommodity: "nse_commodity"
    case .nseIndex: "nse_index"
    case .bseEquity: "bse_equity"
    case .bseDerivatives: "bse_derivatives"
    case .bseCurrency: "bse_currency"
    case .bseIndex: "bse_index"
    case .mcxCommodity: "mcx_commodity"
    case .mcxIndex: "mcx_index"
    }
  }
}
