/// How a broker lays out its symbol file.
public enum SymbolFileFormat: UInt8, Hashable, Sendable, CaseIterable {
  /// Dhan's `api-scrip-master.csv`: 16 named columns, no freeze quantities, no price bands.
  case dhanCompact
  /// Dhan's `api-scrip-master-detailed.csv` and its per-segment files: 31 to 39 named columns, by era.
  case dhanDetailed
  /// Fyers' `NSE_CM.csv` and its six sisters: 21 columns without a header.
  case fyers

  /// What orders at this broker are addressed by: Fyers wants `NSE:SBIN-EQ`, Dhan the security id.
  var prefixesBrokerSymbol: Bool {
    switch self {
    case .dhanCompact, .dhanDetailed: false
    case .fyers: true
    }
  }

  var name: String {
    switch self {
    case .dhanCompact: "Dhan compact"
    case .dhanDetailed: "Dhan detailed"
    case .fyers: "Fyers"
    }
  }
}
