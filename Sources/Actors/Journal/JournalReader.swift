public import OrderDomain

/// Why a segment cannot be believed: it says where, and nothing is executed on top of it.
public struct JournalDamage: Error, Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case notAJournal
    case unknownVersion(UInt32)
    case headerChecksum
    /// The segment does not continue the one before it.
    case doesNotContinue
    case checksum
    case length(UInt32)
    case sequence(expected: UInt64, found: UInt64)
    case chain
    case payload(type: UInt8)
  }

  public let segment: UInt64
  /// Byte offset in the segment's file.
  public let offset: Int
  /// The sequence that was due there.
  public let sequence: UInt64
  public let kind: Kind

  public init(segment: UInt64, offset: Int, sequence: UInt64, kind: Kind) {
    self.segment = segment
    self.offset = offset
    self.sequence = sequence
    self.kind = kind
  }

  public var refusal: Refusal {
    Refusal(
      code: "journal.damaged",
      cause: "segment \(segment) is damaged at offset \(offset), sequence \(sequence): \(kind)",
      fix: "restore the segment from a copy; the engine does not start on a journal with a hole, because orders behind "
        + "it could be sent twice")
  }
}

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
  /// What a segment holds.
  public struct Contents: Sendable {
    public var entries: [JournalEntry] = []
    /// Behind the last whole commit: the next one is written here, after what lies behind has been cut off (a stale record
    /// there could otherwise be read as the next one's follower). 0 when not even the header became whole: then the segment
    /// is made anew, and continues as ``nextSequence`` and ``chain`` say.
    public var end: Int
    public var nextSequence: UInt64
    public var chain: ChainValue
    /// Bytes behind ``end`` up to the last that is not zero: a commit that was being written when the power went.
    public var tornByteCount: Int
  }

  /// - Parameters:
  ///   - isLast: only the last segment may end in a torn commit, or before its header was whole.
  ///   - previous: where the segment before ended; `nil` for the first.
  /// - Throws: what cannot be believed, and where. A tear is no error: it was never answered for.
  public static func read(
    _ bytes: [UInt8], segment: UInt64, isLast: Bool, continuing previous: (nextSequence: UInt64, chain: ChainValue)?,
    digest: some ChainDigest
  ) throws(JournalDamage) -> Contents {
    let due = previous?.nextSequence ?? 1
    if isLast, isUnfinishedHeader(bytes) {
      return Contents(
        end: 0, nextSequence: due, chain: previous?.chain ?? .origin,
        tornByteCount: tornByteCount(bytes, from: 0))
    }
    func damage(_ kind: JournalDamage.Kind, at offset: Int) -> JournalDamage {
      JournalDamage(segment: segment, offset: offset, sequence: due, kind: kind)
    }
    guard bytes.count >= JournalFormat.headerByteCount, bytes[0..<4].elementsEqual(JournalFormat.magic) else {
      throw damage(.notAJournal, at: 0)
    }
    let version = fixed32(bytes, 4)
    guard version == JournalFormat.version else { throw damage(.unknownVersion(version), at: 4) }
    guard fixed32(bytes, 60) == CRC32C.checksum(of: bytes.span.extracting(0..<60)),
      let chain = ChainValue(Array(bytes[24..<56]))
    else { throw damage(.headerChecksum, at: 0) }
    let first = fixed64(bytes, 16)
    guard fixed64(bytes, 8) == segment, previous.map({ $0.nextSequence == first && $0.chain == chain }) ?? true else {
      throw damage(.doesNotContinue, at: 8)
    }
    return try readCommits(
      bytes, segment: segment, isLast: isLast,
      contents: Contents(end: JournalFormat.headerByteCount, nextSequence: first, chain: chain, tornByteCount: 0),
      digest: digest)
  }

  private static func readCommits(
    _ bytes: [UInt8], segment: UInt64, isLast: Bool, contents start: Contents, digest: some ChainDigest
  ) throws(JournalDamage) -> Contents {
    var contents = start
    var commit: [JournalEntry] = []
    var offset = contents.end
    var sequence = contents.nextSequence
    func damage(_ kind: JournalDamage.Kind) -> JournalDamage {
      JournalDamage(segment: segment, offset: offset, sequence: sequence, kind: kind)
    }
    while true {
      switch record(in: bytes, at: offset, sequence: sequence) {
      case .entry(let entry, let end):
        if entry.type == JournalFormat.sealType {
          let chain = digest.extending(contents.chain, with: bytes.span.extracting(contents.end..<offset))
          guard entry.payload.count == JournalFormat.sealPayloadByteCount,
            fixed64(bytes, entry.payload.lowerBound) == contents.nextSequence,
            bytes[entry.payload].dropFirst(8).elementsEqual(chain.bytes)
          else { throw damage(.chain) }
          contents.entries += commit
          commit.removeAll(keepingCapacity: true)
          contents.chain = chain
          contents.end = end
          contents.nextSequence = sequence + 1
        } else {
          commit.append(entry)
        }
        offset = end
        sequence += 1
      case .nothing:
        guard isLast || offset == contents.end else { throw damage(.length(0)) }
        contents.tornByteCount = offset - contents.end
        return contents
      case .damaged(let kind, let isTearable):
        guard isLast, isTearable, !isLaterCommitSealed(in: bytes, after: offset, from: sequence) else {
          throw damage(kind)
        }
        contents.tornByteCount = tornByteCount(bytes, from: contents.end)
        return contents
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
      return tornByteCount(bytes, from: offset) == 0 ? .nothing : .damaged(.length(0), isTearable: true)
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

  /// Whether a whole seal behind the damaged place closes a commit that began after it. The damaged one was durable then,
  /// and must not be cut off. The seal of the damaged commit itself proves nothing: of a write that was cut short the disk
  /// may have kept the end and not the middle.
  private static func isLaterCommitSealed(in bytes: [UInt8], after offset: Int, from sequence: UInt64) -> Bool {
    let sealByteCount = JournalFormat.recordOverhead + JournalFormat.sealPayloadByteCount
    let sealLength = UInt32(sealByteCount - 8)
    var probe = offset + 1
    while probe + sealByteCount <= bytes.count {
      if bytes[probe + 24] == JournalFormat.sealType, fixed32(bytes, probe) == sealLength,
        fixed64(bytes, probe + JournalFormat.recordOverhead) > sequence,
        fixed32(bytes, probe + 4) == CRC32C.checksum(of: bytes.span.extracting((probe + 8)..<(probe + sealByteCount)))
      {
        return true
      }
      probe += 1
    }
    return false
  }

  /// Whether the file was being made when the power went: it ends inside its header, or is preallocated and still all
  /// zeros there.
  private static func isUnfinishedHeader(_ bytes: [UInt8]) -> Bool {
    let writtenCount = tornByteCount(bytes, from: 0)
    if writtenCount == 0 { return true }
    let magicCount = min(writtenCount, JournalFormat.magic.count)
    return bytes.count < JournalFormat.headerByteCount
      && bytes.prefix(magicCount).elementsEqual(JournalFormat.magic.prefix(magicCount))
  }

  /// Bytes from `offset` to the last one that is not zero.
  private static func tornByteCount(_ bytes: [UInt8], from offset: Int) -> Int {
    let span = bytes.span
    var end = span.count
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
