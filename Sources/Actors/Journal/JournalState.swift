public import OrderDomain

/// The journal without its file: numbers records, gathers them into commits, seals each into the chain, and allows one
/// commit in flight. While one is being written the next gathers behind it, so a burst shares its flushes.
public struct JournalState: Sendable {
  /// A sealed commit on its way to disk.
  public struct Commit: Sendable {
    public let bytes: [UInt8]
    /// The last sequence in it, its seal's.
    public let lastSequence: UInt64
  }

  public enum Admission: Equatable, Sendable {
    /// Gathered; durable when a commit with a last sequence at or above this is.
    case gathered(sequence: UInt64)
    /// More is waiting than the disk keeps up with.
    case full
    case broken(Refusal)
  }

  private enum Condition: Sendable {
    case working
    case broken(Refusal)
  }

  /// Bytes that may wait behind a commit in flight: at 400 bytes an alert, 20,000 alerts.
  public static let gatheringLimit = 8 * 1024 * 1024

  public private(set) var nextSequence: UInt64
  public private(set) var chain: ChainValue
  private var gathering: [UInt8] = []
  /// The sequence of the first record in ``gathering``.
  private var firstGathered: UInt64 = 0
  private var isInFlight = false
  private var condition = Condition.working

  public init(nextSequence: UInt64, chain: ChainValue) {
    self.nextSequence = nextSequence
    self.chain = chain
  }

  public var isIdle: Bool { gathering.isEmpty && !isInFlight }
  public var gatheredByteCount: Int { gathering.count }

  public var failure: Refusal? {
    switch condition {
    case .working: nil
    case .broken(let refusal): refusal
    }
  }

  public mutating func append(type: UInt8, time: Timestamp, payload: [UInt8]) -> Admission {
    if case .broken(let refusal) = condition { return .broken(refusal) }
    guard gathering.count + payload.count + JournalFormat.recordOverhead <= JournalState.gatheringLimit else {
      return .full
    }
    precondition(type != JournalFormat.sealType, "only a commit is sealed")
    if gathering.isEmpty { firstGathered = nextSequence }
    JournalFormat.append(sequence: nextSequence, time: time, type: type, payload: payload, to: &gathering)
    nextSequence += 1
    return .gathered(sequence: nextSequence - 1)
  }

  /// The commit to write now, or `nil` while one is in flight or nothing has gathered.
  public mutating func beginCommit(at time: Timestamp, digest: some ChainDigest) -> Commit? {
    guard case .working = condition, !isInFlight, !gathering.isEmpty else { return nil }
    chain = digest.extending(chain, with: gathering.span)
    JournalFormat.appendSeal(
      sequence: nextSequence, time: time, first: firstGathered, chain: chain, to: &gathering)
    let commit = Commit(bytes: gathering, lastSequence: nextSequence)
    nextSequence += 1
    gathering = []
    gathering.reserveCapacity(min(commit.bytes.count, 64 * 1024))
    isInFlight = true
    return commit
  }

  /// The commit in flight is on disk.
  public mutating func commitSucceeded() {
    precondition(isInFlight, "no commit was in flight")
    isInFlight = false
  }

  /// The commit in flight may or may not be on disk, and nothing later can prove it: this journal takes nothing more.
  public mutating func commitFailed(_ refusal: Refusal) {
    precondition(isInFlight, "no commit was in flight")
    isInFlight = false
    gathering = []
    condition = .broken(refusal)
  }
}
