import Actors
import OrderDomain

/// What is done for the journal beside the engine, where blocking is allowed: snapshots are made, and what has become old
/// is removed.
struct JournalCare: Sendable {
  /// A start that had to read more records than this puts a snapshot down, so that the next one need not.
  static let longTail = 20_000
  /// Between two snapshots, at least: each reads the one before it and all that was written since, and what ten seconds of
  /// the busiest engine add to a start is a fraction of a second.
  static let pause = Duration.seconds(10)

  let directory: DataDirectory
  let retentionDays: Int64

  /// Makes a snapshot of everything through `segment`, which is closed, from the newest one and the segments after it.
  func snapshot(through segment: UInt64, at now: Timestamp) throws(Refusal) {
    let store = SnapshotStore(directory: directory)
    let newest = try store.newest().snapshot
    var fold = newest?.fold ?? JournalFold()
    let start = newest?.position
    if let start, start.place.segment > segment { return }
    var position: JournalPosition
    do throws(SegmentReadFailure) {
      position = try SegmentSequence(directory: directory).read(from: start, through: segment) {
        fold.fold($0, at: $1.time)
      }.position
    } catch {
      throw error.refusal
    }
    position.place = LogPlace(segment: segment + 1, offset: 0)
    try keep(JournalSnapshot(position: position, fold: fold), at: now)
  }

  /// Writes a snapshot, and removes what it makes superfluous.
  func keep(_ snapshot: JournalSnapshot, at now: Timestamp) throws(Refusal) {
    try SnapshotStore(directory: directory).write(snapshot)
    try removeOld(at: now)
  }

  func removeOld(at now: Timestamp) throws(Refusal) {
    let store = SnapshotStore(directory: directory)
    let surplus = JournalRetention.surplusSnapshots(try store.sequences())
    for sequence in surplus { try directory.remove(SnapshotStore.name(sequence)) }
    // Segments go only when two snapshots in a row can do without them.
    var valid: [JournalSnapshot] = []
    for sequence in try store.sequences() {
      if case .success(let snapshot) = try store.read(sequence) { valid.append(snapshot) }
    }
    guard valid.count == JournalRetention.snapshotLimit, let older = valid.first else { return }
    var segments: [(number: UInt64, firstTime: Timestamp)] = []
    for number in try directory.names().compactMap(JournalStore.number).sorted() {
      let path = directory.file(JournalStore.name(number))
      let head = try DataDirectory.read(path, limit: JournalStore.segmentLimit, first: 4_096) ?? []
      guard let time = JournalReader.firstTime(head) else { break }
      segments.append((number, time))
    }
    let (nanoseconds, overflow) = retentionDays.multipliedReportingOverflow(by: 86_400_000_000_000)
    guard !overflow else { return }
    let expired = JournalRetention.expiredSegments(
      segments, covered: older.position.place.segment, limit: now.adding(nanoseconds: -nanoseconds))
    for number in expired { try directory.remove(JournalStore.name(number)) }
  }
}
