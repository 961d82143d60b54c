/// The bytes of a whole symbol file, wherever they lie: an array now, a mapped file as well.
package protocol SymbolFileContent: Sendable {
  /// Lends the bytes; called once per load, away from the engine's executor.
  func withBytes<Value, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Value) throws(Failure) -> Value
}

extension Array: SymbolFileContent where Element == UInt8 {
  package func withBytes<Value, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try body(span)
  }
}

/// One file of a broker's symbol master; a master may be several (`NSE_CM.csv`, `NSE_FO.csv`, …).
package struct SymbolFile: Sendable {
  /// What reports call it: `NSE_FO.csv`.
  package let name: String
  package let format: SymbolFileFormat
  package let content: any SymbolFileContent

  package init(name: String, format: SymbolFileFormat, content: any SymbolFileContent) {
    self.name = name
    self.format = format
    self.content = content
  }
}
