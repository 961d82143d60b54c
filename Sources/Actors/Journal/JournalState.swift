public import OrderDomain

/// The journal without its files: numbers records, gathers them into commits, seals each into the chain, says where each
/// is written and when the segment changes, and takes back what a full disk refused.
///
/// One commit is being written at a time; the next gathers behind it, so a burst shares its flushes. When flushes run
/// beside the writes, one flush is under way at a time and covers what had been written before it began.
public struct JournalState: Sendable {
  /// A sealed commit on its way to disk.
  public struct Commit: Sendable {
    public let bytes: [UInt8]
    public let place: LogPlace
    /// The last sequence in it, its seal's.
    public let lastSequence: UInt64
    /// Whether it is to be flushed in the same round trip.
    public let isDurable: Bool
  }

  /// A flush that is to run beside the writes.
  public struct Flush: Equatable, Sendable {
    public let segment: UInt64
    /// The last sequence that it makes durable.
    public let lastSequence: UInt64
  }

  /// A segment that is to be made ahead of need.
  public struct Preparation: Equatable, Sendable {
    public let segment: UInt64
    public let byteCount: UInt64
  }

  /// What becomes of a record when the disk is full.
  public enum Purpose: Sendable {
    /// Begins something new: refused from the moment on when room is short.
    case entry
    /// Somebody waits for it: refused when it was not written.
    case step
    /// Nobody waits for it, and it has happened: kept until there is room.
    case outcome
  }

  public enum Admission: Equatable, Sendable {
    /// Gathered; written, or durable, when a commit with a last sequence at or above this is.
    case gathered(sequence: UInt64)
    /// More is waiting than the disk keeps up with.
    case full
    /// Its payload has so many bytes, and would make a record that is larger than any may be.
    case tooLarge(byteCount: Int)
    case refused(Refusal)
  }

  /// Records in the making.
  private struct Batch {
    var bytes: [UInt8] = []
    /// The sequence of the first record.
    var first: UInt64
    /// Where the outcomes stand in ``bytes``.
    var outcomes: [Range<Int>] = []
  }

  private struct InFlight {
    let batch: Batch
    let place: LogPlace
    let chainBefore: ChainValue
    let lastSequence: UInt64
    let isDurable: Bool
  }

  private enum Spare: Sendable {
    /// Leads to `preparing`.
    case missing(isScarce: Bool)
    /// Leads to `ready`, or back to `missing`.
    case preparing(UInt64)
    /// Leads to `missing` when it becomes the segment that is written.
    case ready(UInt64)
  }

  /// Bytes that may wait behind a commit in flight: at 400 bytes an alert, 20,000 alerts.
  public static let gatheringLimit = 8 * 1024 * 1024

  /// An alert of one leg with its seal, and of a size that allocators keep at hand.
  private static let usualCommitByteCount = 960

  public let settings: JournalSettings
  /// Behind the last commit that was begun, but for ``JournalPosition/nextSequence``, which counts what gathers too.
  public private(set) var position: JournalPosition
  /// The last sequence that is in the file.
  public private(set) var writtenSequence: UInt64
  /// The last sequence that is known to be flushed.
  public private(set) var durableSequence: UInt64
  /// Bytes that the segment was made with.
  private var segmentByteCount: UInt64
  private var spare = Spare.missing(isScarce: false)
  private var gathering: Batch
  private var inFlight: InFlight?
  private var flushing: Flush?
  private var breakage: Refusal?
  /// Set from a write that met a full disk until one succeeds.
  private var refusedWrite: Refusal?
  /// Between a refused write and ``retry()`` nothing is written.
  private var isResting = false
  /// Set while the disk has too little left, or the next segment cannot be made.
  private var shortage: Refusal?

  /// - Parameters:
  ///   - position: all before it is durable.
  ///   - segmentByteCount: what its segment was made with.
  public init(
    at position: JournalPosition = .start, segmentByteCount: UInt64 = JournalSettings.leastSegmentByteCount,
    settings: JournalSettings = JournalSettings()
  ) {
    self.position = position
    self.segmentByteCount = segmentByteCount
    self.settings = settings
    writtenSequence = position.nextSequence - 1
    durableSequence = position.nextSequence - 1
    gathering = Batch(first: position.nextSequence)
  }

  // MARK: What stands

  /// Nothing gathers, nothing is being written or flushed, and all is durable.
  public var isIdle: Bool { gathering.bytes.isEmpty && inFlight == nil && durableSequence == writtenSequence }
  public var gatheredByteCount: Int { gathering.bytes.count }
  public var isBroken: Bool { breakage != nil }
  /// Whether what gathers has to wait for ``retry()``.
  public var isWaitingForRoom: Bool { isResting }

  public var isNextSegmentReady: Bool { if case .ready = spare { true } else { false } }

  /// `nil` while new things may begin; else why not.
  public var failure: Refusal? { breakage ?? refusedWrite ?? shortage }

  // MARK: Records

  /// Gathers a record whose payload `encode` writes.
  public mutating func append(
    type: UInt8, time: Timestamp, for purpose: Purpose = .step, encode: (inout RecordWriter) -> Void
  ) -> Admission {
    precondition(type != JournalFormat.sealType, "only a commit is sealed")
    if let breakage { return .refused(breakage) }
    switch purpose {
    case .entry: if let failure { return .refused(failure) }
    case .step: if isResting, let refusedWrite { return .refused(refusedWrite) }
    case .outcome: break
    }
    return gather(
      type: type, time: time, isOutcome: purpose == .outcome, limit: JournalState.gatheringLimit, encode: encode)
  }

  /// The same with a payload that is written already.
  public mutating func append(
    type: UInt8, time: Timestamp, payload: [UInt8], for purpose: Purpose = .step
  ) -> Admission {
    append(type: type, time: time, for: purpose) { $0.put(raw: payload) }
  }

  private mutating func gather(
    type: UInt8, time: Timestamp, isOutcome: Bool, limit: Int, encode: (inout RecordWriter) -> Void
  ) -> Admission {
    let start = gathering.bytes.count
    let byteCount = JournalFormat.append(
      sequence: position.nextSequence, time: time, type: type, to: &gathering.bytes, payload: encode)
    guard byteCount <= JournalFormat.payloadLimit else { return .tooLarge(byteCount: byteCount) }
    guard gathering.bytes.count <= limit else {
      gathering.bytes.removeSubrange(start...)
      return .full
    }
    if start == 0 { gathering.first = position.nextSequence }
    if isOutcome { gathering.outcomes.append(start..<gathering.bytes.count) }
    position.nextSequence += 1
    return .gathered(sequence: position.nextSequence - 1)
  }

  // MARK: Commits

  /// The commit to write now, or `nil` while one is in flight, nothing has gathered, or the disk has to be waited for.
  public mutating func beginCommit(at time: Timestamp, digest: some ChainDigest) -> Commit? {
    guard breakage == nil, !isResting, inFlight == nil, !gathering.bytes.isEmpty else { return nil }
    let sealByteCount = UInt64(JournalFormat.recordOverhead + JournalFormat.sealPayloadByteCount)
    let byteCount = UInt64(gathering.bytes.count) + sealByteCount
    let isNext = position.place.offset > 0 && position.place.offset + byteCount > segmentByteCount
    if isNext, case .ready = spare, durableSequence < writtenSequence {
      // Only the last segment may be torn: this one is flushed before the next one's first byte.
      return nil
    }
    let chainBefore = position.chain
    if isNext, case .ready(let next) = spare {
      position.place = LogPlace(segment: position.place.segment + 1, offset: 0)
      segmentByteCount = next
      spare = .missing(isScarce: false)
    }
    // Sealed in place: a commit is not copied on its way.
    var batch = Batch(first: position.nextSequence)
    swap(&batch, &gathering)
    position.chain = digest.extending(chainBefore, with: batch.bytes.span)
    if position.place.offset == 0 {
      let header = JournalFormat.header(
        segment: position.place.segment, firstSequence: batch.first, chain: chainBefore)
      batch.bytes.insert(contentsOf: header, at: 0)
      batch.outcomes = batch.outcomes.map { ($0.lowerBound + header.count)..<($0.upperBound + header.count) }
    }
    JournalFormat.appendSeal(
      sequence: position.nextSequence, time: time, first: batch.first, durable: durableSequence,
      chain: position.chain, to: &batch.bytes)
    let commit = Commit(
      bytes: batch.bytes, place: position.place, lastSequence: position.nextSequence,
      isDurable: settings.durability == .strict)
    inFlight = InFlight(
      batch: batch, place: commit.place, chainBefore: chainBefore, lastSequence: commit.lastSequence,
      isDurable: commit.isDurable)
    position.nextSequence += 1
    position.place = LogPlace(
      segment: position.place.segment, offset: position.place.offset + UInt64(commit.bytes.count))
    gathering.first = position.nextSequence
    gathering.bytes.reserveCapacity(
      min(max(commit.bytes.count, JournalState.usualCommitByteCount), 64 * 1024))
    return commit
  }

  /// The commit in flight is in the file, and on the disk if it was to be flushed with it. Returns the segment that it
  /// closed by being the next one's first.
  public mutating func commitWritten() -> UInt64? {
    guard let commit = inFlight.take() else { preconditionFailure("no commit was in flight") }
    writtenSequence = commit.lastSequence
    if commit.isDurable { durableSequence = commit.lastSequence }
    refusedWrite = nil
    return commit.place.offset == 0 && commit.place.segment > 1 ? commit.place.segment - 1 : nil
  }

  /// The commit in flight met a full disk, and zeros stand again where part of it may have been written: sequence, chain and
  /// place go back to before it. Outcomes gather again, those behind it too; everything else is withdrawn, and whoever waits for it is to be told.
  public mutating func commitRefused(_ refusal: Refusal) {
    guard let commit = inFlight.take() else { preconditionFailure("no commit was in flight") }
    let behind = gathering
    // Into the same place again, though it be a new segment's.
    position = JournalPosition(place: commit.place, nextSequence: commit.batch.first, chain: commit.chainBefore)
    gathering = Batch(first: position.nextSequence)
    for batch in [commit.batch, behind] {
      for range in batch.outcomes {
        let record = JournalFormat.record(in: batch.bytes, range)
        // They were within the limit before, each behind its own commit; none is to be lost for it now.
        _ = gather(type: record.type, time: record.time, isOutcome: true, limit: .max) { $0.put(raw: record.payload) }
      }
    }
    refusedWrite = refusal
    isResting = true
  }

  /// The commit in flight may or may not be on disk, and nothing later can prove it: this journal takes nothing more.
  public mutating func commitFailed(_ refusal: Refusal) {
    precondition(inFlight != nil, "no commit was in flight")
    inFlight = nil
    fail(refusal)
  }

  private mutating func fail(_ refusal: Refusal) {
    gathering = Batch(first: position.nextSequence)
    breakage = breakage ?? refusal
  }

  // MARK: Flushes beside the writes

  /// The flush to do now, or `nil` while one is under way or there is nothing to flush.
  public mutating func beginFlush() -> Flush? {
    guard settings.durability == .overlapped, breakage == nil, flushing == nil, durableSequence < writtenSequence
    else { return nil }
    // A segment is left only when all of it is durable: whatever is not lies in the present one.
    flushing = Flush(segment: position.place.segment, lastSequence: writtenSequence)
    return flushing
  }

  public mutating func flushed() {
    guard let flush = flushing else { preconditionFailure("nothing was being flushed") }
    flushing = nil
    durableSequence = max(durableSequence, flush.lastSequence)
  }

  public mutating func flushFailed(_ refusal: Refusal) {
    precondition(flushing != nil, "nothing was being flushed")
    flushing = nil
    fail(refusal)
  }

  // MARK: Room

  /// The segment to make now, or `nil` while one is ready or being made.
  public mutating func beginPreparation() -> Preparation? {
    guard breakage == nil, case .missing(let isScarce) = spare else { return nil }
    let byteCount =
      isScarce ? JournalSettings.leastSegmentByteCount : settings.byteCount(after: segmentByteCount)
    spare = .preparing(byteCount)
    return Preparation(segment: position.place.segment + 1, byteCount: byteCount)
  }

  public mutating func prepared() {
    guard case .preparing(let byteCount) = spare else { preconditionFailure("no segment was being made") }
    spare = .ready(byteCount)
  }

  /// The next segment could not be made: a small one may still be possible; if that was it, nothing new is to begin.
  public mutating func preparationFailed(_ refusal: Refusal) {
    guard case .preparing(let byteCount) = spare else { preconditionFailure("no segment was being made") }
    spare = .missing(isScarce: true)
    if byteCount <= JournalSettings.leastSegmentByteCount { shortage = refusal }
  }

  public mutating func roomIsShort(_ refusal: Refusal) { shortage = shortage ?? refusal }

  /// The disk has room, as far as can be seen.
  public mutating func roomIsThere() {
    if case .ready = spare { shortage = nil }
  }

  /// After a refused write it may be tried again. Returns whether something has to be gathered for that.
  public mutating func retry() -> Bool {
    guard isResting else { return false }
    isResting = false
    return gathering.bytes.isEmpty
  }
}
