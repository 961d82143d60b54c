/// When a record counts as safe.
public enum Durability: String, Sendable, CaseIterable {
  /// A flush before the first byte leaves: a power cut loses nothing that was sent.
  case strict
  /// The write before the first byte leaves, its flush beside the broker's round trip: the end of the process loses
  /// nothing that was sent; a power cut may, and the answer to the alert waits for the flush.
  case overlapped
}

/// What of a journal may be chosen.
public struct JournalSettings: Sendable {
  public var durability: Durability
  /// A segment is not written on beyond so many bytes, once the next one is ready.
  public var segmentByteCount: UInt64

  public init(durability: Durability = .strict, segmentByteCount: UInt64 = 32 << 20) {
    self.durability = durability
    self.segmentByteCount = segmentByteCount
  }

  /// A journal's first segment, and each that must do with little room: small, so that an engine that is only tried out
  /// takes little. Each following one is twice the one before, up to ``segmentByteCount``.
  public static let leastSegmentByteCount: UInt64 = 1 << 20

  /// The disk counts as full below this: outcomes of orders under way must still fit.
  public static let reserveByteCount: UInt64 = 1 << 20

  /// So often a full disk is looked at again, and the next segment is made if there is none.
  public static let upkeepInterval = Duration.seconds(1)

  func byteCount(after current: UInt64) -> UInt64 {
    let (doubled, overflow) = current.multipliedReportingOverflow(by: 2)
    return max(JournalSettings.leastSegmentByteCount, min(overflow ? .max : doubled, segmentByteCount))
  }
}
