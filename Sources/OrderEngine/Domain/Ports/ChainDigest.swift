/// The running SHA-256 over everything that was ever committed to the journal: change one byte of the past and no later
/// value fits.
public struct ChainValue: Hashable, Sendable {
  /// 32 bytes.
  public let bytes: [UInt8]

  /// `nil` unless there are 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  private init(zeros: Void) { bytes = [UInt8](repeating: 0, count: 32) }

  /// What the first commit of a new journal is chained to.
  public static let origin = ChainValue(zeros: ())
}

/// SHA-256, which the domain asks the world for.
public protocol ChainDigest: Sendable {
  /// SHA-256 of `previous` followed by `bytes`.
  func extending(_ previous: ChainValue, with bytes: Span<UInt8>) -> ChainValue
}
