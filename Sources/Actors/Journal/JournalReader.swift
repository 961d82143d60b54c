public import OrderDomain

/// One record as it stands in a segment.
public struct JournalEntry: Equatable, Sendable {
  public let sequence: UInt64
  public let time: Timestamp
  public let type: UInt8
  /// Where the payload lies in the bytes that were read.
  public let payload: Range<Int>
}

/// Reads a segment: every whole commit, and where the whole ones end.
public struct JournalReader {
  /// Where a segment's whole commits end.
  public struct Ending: Equatable, Sendable {
    /// Where the next commit is written, after what lies behind has been cut off. Its offset is 0 when not even the header
    /// became whole: then the segment is made anew.
    public var position: JournalPosition
    /// Bytes behind the last whole commit up to the last that is not zero: a commit that was being written when the power
    /// went.
    public var tornByteCount: Int
    /// Records that were read, seals left out.
    public var recordCount = 0
    public var commitCount = 0
  }

  /// - Parameters:
  ///   - isLast: only the last segment may end in a torn commit, or before its header was whole.
  ///   - previous: where to go on: the end of the segment before, or a place between two commits of this one; `nil` when
  ///     nothing before this segment is known.
  ///   - record: given each record of each whole commit, in order.
  /// - Throws: what cannot be believed, and where. A tear is no error: it was never answered for.
  public static func read(
    _ bytes: [UInt8], segment: UInt64, isLast: Bool, continuing previous: JournalPosition?, digest: some ChainDigest,
    record: (JournalEntry) throws(JournalDamage) -> Void
  ) throws(JournalDamage) -> Ending {
    let due = previous?.nextSequence ?? 1
    func damage(_ kind: JournalDamage.Kind, at offset: Int) -> JournalDamage {
      JournalDamage(segment: segment, offset: offset, sequence: due, kind: kind)
    }
    if let previous, previous.place.segment == segment, previous.place.offset > bytes.count {
      throw damage(.length(0), at: bytes.count)
    }
    if isLast, isUnfinishedHeader(bytes, from: due) {
      let chain = previous?.chain ?? .origin
      return Ending(
        position: JournalPosition(
          place: LogPlace(segment: segment, offset: 0), nextSequence: due, chain: chain),
        tornByteCount: writtenByteCount(bytes, from: 0))
    }
    guard bytes.count >= JournalFormat.headerByteCount, bytes[0..<4].elementsEqual(JournalFormat.magic) else {
      throw damage(.notAJournal, at: 0)
    }
    let version = fixed32(bytes, 4)
    guard version == JournalFormat.version else { throw damage(.unknownVersion(version), at: 4) }
    guard fixed32(bytes, 60) == CRC32C.checksum(of: bytes.span.extracting(0..<60)),
      let chain = ChainValue(Array(bytes[24..<56]))
    else { throw damage(.headerChecksum, at: 0) }
    guard fixed64(bytes, 8) == segment else { throw damage(.doesNotContinue, at: 8) }
    let headerEnd = LogPlace(segment: segment, offset: UInt64(JournalFormat.headerByteCount))
    var start = JournalPosition(place: headerEnd, nextSequence: fixed64(bytes, 16), chain: chain)
    if let previous {
      if previous.place.segment == segment, previous.place.offset > headerEnd.offset {
        start = previous
      } else if previous.nextSequence != start.nextSequence || previous.chain != start.chain {
        throw damage(.doesNotContinue, at: 8)
      }
    }
    return try readCommits(bytes, isLast: isLast, from: start, digest: digest, record: record)
  }

  private static func readCommits(
    _ bytes: [UInt8], isLast: Bool, from start: JournalPosition, digest: some ChainDigest,
    record give: (JournalEntry) throws(JournalDamage) -> Void
  ) throws(JournalDamage) -> Ending {
    let segment = start.place.segment
    var ending = Ending(position: start, tornByteCount: 0)
    var end = Int(start.place.offset)
    var commit: [JournalEntry] = []
    var offset = end
    var sequence = start.nextSequence
    func damage(_ kind: JournalDamage.Kind) -> JournalDamage {
      JournalDamage(segment: segment, offset: offset, sequence: sequence, kind: kind)
    }
    while true {
      switch record(in: bytes, at: offset, sequence: sequence) {
      case .entry(let entry, let next):
        if entry.type == JournalFormat.sealType {
          let chain = digest.extending(ending.position.chain, with: bytes.span.extracting(end..<offset))
          guard entry.payload.count == JournalFormat.sealPayloadByteCount,
            fixed64(bytes, entry.payload.lowerBound) == ending.position.nextSequence,
            bytes[entry.payload].dropFirst(16).elementsEqual(chain.bytes)
          else { throw damage(.chain) }
          for entry in commit { try give(entry) }
          ending.recordCount += commit.count
          ending.commitCount += 1
          commit.removeAll(keepingCapacity: true)
          end = next
          ending.position = JournalPosition(
            place: LogPlace(segment: segment, offset: UInt64(next)), nextSequence: sequence + 1, chain: chain)
        } else {
          commit.append(entry)
        }
        offset = next
        sequence += 1
      case .nothing:
        guard isLast || offset == end else { throw damage(.length(0)) }
        ending.tornByteCount = offset - end
        return ending
      case .damaged(let kind, let isTearable):
        guard isLast, isTearable, !isProvenDurable(sequence, by: bytes, after: offset) else { throw damage(kind) }
        ending.tornByteCount = writtenByteCount(bytes, from: end)
        return ending
      }
    }
  }

  private enum Found {
    case entry(JournalEntry, end: Int)
    /// The end of the file, or preallocated zeros up to it.
    case nothing
    /// `isTearable`: a write that was cut short can leave this behind.
    case damaged(JournalDamage.Kind, isTearable: Bool)
  }

  private static func record(in bytes: [UInt8], at offset: Int, sequence: UInt64) -> Found {
    let available = bytes.count - offset
    let length = available >= 4 ? fixed32(bytes, offset) : 0
    if length == 0 {
      // Zeros with something behind them are a hole, not the end.
      return writtenByteCount(bytes, from: offset) == 0 ? .nothing : .damaged(.length(0), isTearable: true)
    }
    let least = JournalFormat.recordOverhead - 8
    guard length >= least, length <= JournalFormat.payloadLimit + least, available >= Int(length) + 8 else {
      return .damaged(.length(length), isTearable: true)
    }
    let body = (offset + 8)..<(offset + 8 + Int(length))
    guard fixed32(bytes, offset + 4) == CRC32C.checksum(of: bytes.span.extracting(body)) else {
      return .damaged(.checksum, isTearable: true)
    }
    let found = fixed64(bytes, offset + 8)
    guard found == sequence else {
      // A whole record in the wrong place: no torn write does that.
      return .damaged(.sequence(expected: sequence, found: found), isTearable: false)
    }
    return .entry(
      JournalEntry(
        sequence: found, time: Timestamp(nanoseconds: Int64(bitPattern: fixed64(bytes, offset + 16))),
        type: bytes[offset + 24], payload: (offset + JournalFormat.recordOverhead)..<body.upperBound),
      end: body.upperBound)
  }

  /// Whether an intact seal behind the damaged place says that `sequence`, which was due there, had been flushed: it must
  /// not be cut off then. The seal of the damaged commit itself proves nothing: of a write that was cut short the disk
  /// may have kept the end and not the middle.
  private static func isProvenDurable(_ sequence: UInt64, by bytes: [UInt8], after offset: Int) -> Bool {
    let sealByteCount = JournalFormat.recordOverhead + JournalFormat.sealPayloadByteCount
    let sealLength = UInt32(sealByteCount - 8)
    let end = offset + writtenByteCount(bytes, from: offset)
    // The seal's last bytes may be zeros.
    let last = min(end, bytes.count - sealByteCount)
    var probe = offset + 1
    while probe <= last {
      if bytes[probe + 24] == JournalFormat.sealType, fixed32(bytes, probe) == sealLength,
        fixed64(bytes, probe + 8) > sequence, fixed64(bytes, probe + JournalFormat.recordOverhead + 8) >= sequence,
        fixed32(bytes, probe + 4) == CRC32C.checksum(of: bytes.span.extracting((probe + 8)..<(probe + sealByteCount)))
      {
        return true
      }
      probe += 1
    }
    return false
  }

  /// Whether the segment was being begun when the power went: all zeros; or a header that was cut short; or nothing where
  /// the header belongs, of a first commit whose end the disk has kept.
  private static func isUnfinishedHeader(_ bytes: [UInt8], from sequence: UInt64) -> Bool {
    let writtenCount = writtenByteCount(bytes, from: 0)
    if writtenCount == 0 { return true }
    if writtenCount < JournalFormat.headerByteCount {
      if bytes.count >= JournalFormat.headerByteCount,
        fixed32(bytes, 60) == CRC32C.checksum(of: bytes.span.extracting(0..<60))
      {
        return false
      }
      let magicCount = min(writtenCount, JournalFormat.magic.count)
      return bytes.prefix(magicCount).elementsEqual(JournalFormat.magic.prefix(magicCount))
    }
    return bytes.prefix(JournalFormat.headerByteCount).allSatisfy { $0 == 0 }
      && !isProvenDurable(sequence, by: bytes, after: 0)
  }

  /// The time of a segment's first record, by the segment's first bytes; `nil` when there is none.
  public static func firstTime(_ head: [UInt8]) -> Timestamp? {
    let start = JournalFormat.headerByteCount
    guard head.count >= start + JournalFormat.recordOverhead, fixed32(head, start) > 0 else { return nil }
    return Timestamp(nanoseconds: Int64(bitPattern: fixed64(head, start + 16)))
  }

  /// Whether a segment holds nothing at all: it was made ahead of need.
  public static func isBlank(_ bytes: [UInt8]) -> Bool { writtenByteCount(bytes, from: 0) == 0 }

  /// Bytes from `offset` to the last one that is not zero.
  private static func writtenByteCount(_ bytes: [UInt8], from offset: Int) -> Int {
    let span = bytes.span
    var end = span.count
    // By blocks: behind the last commit there may be megabytes of zeros.
    let block = 4096
    while end - offset > block {
      var any: UInt8 = 0
      let tail = span.extracting((end - block)..<end)
      for index in tail.indices { any |= tail[index] }
      if any != 0 { break }
      end -= block
    }
    while end > offset, span[end - 1] == 0 { end -= 1 }
    return end - offset
  }

  private static func fixed32(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(bytes[offset + index]) << (8 * index) }
    return value
  }

  private static func fixed64(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[offset + index]) << (8 * index) }
    return value
  }
}
