public import OrderDomain

/// Which segments and snapshots of a journal may go.
public enum JournalRetention {
  /// The newest two snapshots stay: should the newest be damaged, the one before it serves.
  public static let snapshotLimit = 2

  /// The snapshots to remove, given all by the last sequence that each covers.
  public static func surplusSnapshots(_ sequences: [UInt64]) -> [UInt64] {
    Array(sequences.sorted().dropLast(snapshotLimit))
  }

  /// The segments to remove, oldest first.
  ///
  /// - Parameters:
  ///   - segments: all of them in order, each with the time of its first record.
  ///   - covered: where the older of the valid snapshots that stay goes on; a start never needs a segment before it.
  ///   - limit: a segment goes only when all its records are older.
  public static func expiredSegments(
    _ segments: [(number: UInt64, firstTime: Timestamp)], covered: UInt64, limit: Timestamp
  ) -> [UInt64] {
    // No record of a segment is later than the first one of the next.
    let ages = zip(segments, segments.dropFirst()).map { ($0.number, lastTime: $1.firstTime) }
    return ages.prefix { $0.0 < covered && $0.lastTime < limit }.map(\.0)
  }
}
