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

  init(segment: UInt64 = 1, firstSequence: UInt64 = 1, chain: ChainValue = .origin) {
    self.segment = segment
    state = JournalState(nextSequence: firstSequence, chain: chain)
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
    state.commitSucceeded()
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

  func read(_ bytes: [UInt8]? = nil, isLast: Bool = true) throws(JournalDamage) -> JournalReader.Contents {
    try JournalReader.read(
      bytes ?? self.bytes, segment: segment, isLast: isLast, continuing: nil, digest: TestDigest())
  }
}
