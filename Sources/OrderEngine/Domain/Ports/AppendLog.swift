/// A file that only grows, as the journal needs it.
public protocol AppendLog: Sendable {
  /// Writes `bytes` behind everything written before.
  ///
  /// Returns when they are in the file, and with `isDurable` when they would survive a power cut (fdatasync). The caller
  /// has one append in flight at a time. After a failure the log takes nothing more: what is on disk is then unknown, and
  /// a later success would prove nothing about the bytes that failed.
  func append(_ bytes: [UInt8], isDurable: Bool) async throws(AppendLogFailure)
}

/// Why the log could not be written: no record of that append may be believed to be on disk.
public struct AppendLogFailure: Error, Sendable {
  public let refusal: Refusal

  public init(_ refusal: Refusal) { self.refusal = refusal }
}
