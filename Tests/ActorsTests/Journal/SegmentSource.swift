import Actors
import OrderDomain
import TestSupport

/// Makes journal segments as the engine writes them, and remembers where each commit ends.
struct SegmentSource {
  private(set) var state: JournalState
  private(set) var bytes: [UInt8]
  /// Where each commit ends in ``bytes``, the header's end before them.
  private(set) var ends: [Int]
  /// The sequences of each commit's records, its seal left out.
  private(set) var commits: [[UInt64]] = []
  let segment: UInt64

  init(
    segment: UInt64 = 1, firstSequence: UInt64 = 1, chain: ChainValue = .origin, durability: Durability = .strict
  ) {
    self.segment = segment
    // The header stands already.
    state = JournalState(
      at: JournalPosition(
        place: LogPlace(segment: segment, offset: UInt64(JournalFormat.headerByteCount)), nextSequence: firstSequence,
        chain: chain), segmentByteCount: .max, settings: JournalSettings(durability: durability))
    bytes = JournalFormat.header(segment: segment, firstSequence: firstSequence, chain: chain)
    ends = [bytes.count]
  }

  /// Adds one commit of records with these payloads.
  mutating func commit(_ payloads: [[UInt8]]) {
    var sequences: [UInt64] = []
    for payload in payloads {
      guard case .gathered(let sequence) = state.append(type: 4, time: Sample.opening, payload: payload) else {
        preconditionFailure("a test's segment is small")
      }
      sequences.append(sequence)
    }
    bytes += certain(state.beginCommit(at: Sample.opening, digest: TestDigest())).bytes
    _ = state.commitWritten()
    ends.append(bytes.count)
    commits.append(sequences)
  }

  /// Three commits: of two records, one and three.
  static func small() -> SegmentSource {
    var source = SegmentSource()
    source.commit([[1, 2, 3], []])
    source.commit([[4]])
    source.commit([[5], [6, 7], [8]])
    return source
  }

  func read(_ bytes: [UInt8]? = nil, isLast: Bool = true) throws(JournalDamage) -> ReadSegment {
    try ReadSegment(bytes ?? self.bytes, segment: segment, isLast: isLast)
  }
}

/// A segment with all its entries.
struct ReadSegment {
  private(set) var entries: [JournalEntry] = []
  let ending: JournalReader.Ending

  init(
    _ bytes: [UInt8], segment: UInt64 = 1, isLast: Bool = true, continuing previous: JournalPosition? = nil
  ) throws(JournalDamage) {
    var entries: [JournalEntry] = []
    ending = try JournalReader.read(
      bytes, segment: segment, isLast: isLast, continuing: previous, digest: TestDigest()
    ) { (entry) throws(JournalDamage) in entries.append(entry) }
    self.entries = entries
  }

  var end: Int { Int(ending.position.place.offset) }
  var nextSequence: UInt64 { ending.position.nextSequence }
  var chain: ChainValue { ending.position.chain }
  var tornByteCount: Int { ending.tornByteCount }
}
