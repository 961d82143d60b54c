/// Whose instruments a table describes.
package enum SymbolSource: UInt8, Hashable, Sendable, CaseIterable {
  /// The made-up instruments of the paper broker.
  case sample
  case dhan
  case fyers

  package var code: String {
    switch self {
    case .sample: "sample"
    case .dhan: "dhan"
    case .fyers: "fyers"
    }
  }
}
