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
    /// Behind the last whole commit: the next one is written here, and what lies behind is cut off.
    public var end: Int
    public var nextSequence: UInt64
    public var chain: ChainValue
    /// Bytes behind ``end`` that are not zero: a commit that was being written when the power went.
    public var tornByteCount: Int
  }

  /// - Parameters:
  ///   - isLast: only the last segment may end in a torn commit.
  ///   - previous: where the segment before ended; `nil` for the first.
  public static func read(
    _ bytes: [UInt8], segment: UInt64, isLast: Bool, continuing previous: (nextSequence: UInt64, chain: ChainValue)?,
    digest: some ChainDigest
  ) throws(JournalDamage) -> Contents {
    var reader = RecordReader(bytes)
    func damage(_ kind: JournalDamage.Kind, at offset: Int, sequence: UInt64) -> JournalDamage {
      JournalDamage(segment: segment, offset: offset, sequence: sequence, kind: kind)
    }
    guard bytes.count >= JournalFormat.headerByteCount, Array(bytes[0..<4]) == JournalFormat.magic else {
      throw damage(.notAJournal, at: 0, sequence: previous?.nextSequence ?? 0)
    }
    let first: UInt64
    let startChain: ChainValue
    do {
      _ = try reader.raw(4)
      let version = try reader.fixed32()
      guard version == JournalFormat.version else { throw damage(.unknownVersion(version), at: 4, sequence: 0) }
      let number = try reader.fixed64()
      first = try reader.fixed64()
      let chainBytes = try reader.raw(32)
      _ = try reader.fixed32()
      let checksum = try reader.fixed32()
      guard checksum == CRC32C.checksum(of: bytes.span.extracting(0..<60)), let chain = ChainValue(chainBytes) else {
        throw damage(.headerChecksum, at: 0, sequence: first)
      }
      startChain = chain
      guard number == segment, previous.map({ $0.nextSequence == first && $0.chain == chain }) ?? true else {
        throw damage(.doesNotContinue, at: 8, sequence: first)
      }
    } catch let error as JournalDamage {
      throw error
    } catch {
      throw damage(.notAJournal, at: 0, sequence: 0)
    }
    return try readCommits(
      bytes, segment: segment, isLast: isLast,
      contents: Contents(
        end: JournalFormat.headerByteCount, nextSequence: first, chain: startChain, tornByteCount: 0),
      digest: digest)
  }

  private static func readCommits(
    _ bytes: [UInt8], segment: UInt64, isLast: Bool, contents start: Contents, digest: some ChainDigest
  ) throws(JournalDamage) -> Contents {
    var contents = start
    var commit: [JournalEntry] = []
    var offset = contents.end
    var sequence = contents.nextSequence
    while true {
      switch record(in: bytes, at: offset, sequence: sequence) {
      case .entry(let entry, let end):
        if entry.type == JournalFormat.sealType {
          let chain = digest.extending(contents.chain, with: bytes.span.extracting(contents.end..<offset))
          guard entry.payload.count == 32, Array(bytes[entry.payload]) == chain.bytes else {
            throw JournalDamage(segment: segment, offset: offset, sequence: sequence, kind: .chain)
          }
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
        contents.tornByteCount = offset - contents.end
        guard isLast || contents.tornByteCount == 0 else {
          throw JournalDamage(segment: segment, offset: offset, sequence: sequence, kind: .length(0))
        }
        return contents
      case .damaged(let kind):
        // A torn tail is the last thing in the last segment; damage with a whole commit behind it is not a tear.
        guard isLast, sealCount(in: bytes, after: offset, from: sequence) < 2 else {
          throw JournalDamage(segment: segment, offset: offset, sequence: sequence, kind: kind)
        }
        contents.tornByteCount = bytes.count - contents.end
        return contents
      }
    }
  }

  private enum Found {
    case entry(JournalEntry, end: Int)
    /// The end of the file, or preallocated zeros.
    case nothing
    case damaged(JournalDamage.Kind)
  }

  private static func record(in bytes: [UInt8], at offset: Int, sequence: UInt64) -> Found {
    let available = bytes.count - offset
    if available == 0 { return .nothing }
    guard available >= 4 else { return .damaged(.length(UInt32(available))) }
    let length = fixed32(bytes, offset)
    if length == 0 {
      return bytes[offset...].prefix(4096).allSatisfy({ $0 == 0 }) ? .nothing : .damaged(.length(0))
    }
    let least = JournalFormat.recordOverhead - 8
    guard length >= least, length <= JournalFormat.payloadLimit + least, available >= Int(length) + 8 else {
      return .damaged(.length(length))
    }
    let body = (offset + 8)..<(offset + 8 + Int(length))
    guard fixed32(bytes, offset + 4) == CRC32C.checksum(of: bytes.span.extracting(body)) else {
      return .damaged(.checksum)
    }
    let found = fixed64(bytes, offset + 8)
    guard found == sequence else { return .damaged(.sequence(expected: sequence, found: found)) }
    return .entry(
      JournalEntry(
        sequence: found, time: Timestamp(nanoseconds: Int64(bitPattern: fixed64(bytes, offset + 16))),
        type: bytes[offset + 24], payload: (offset + JournalFormat.recordOverhead)..<body.upperBound),
      end: body.upperBound)
  }

  /// How many seals, at most two, stand whole behind a damaged place. One can be that of the torn commit itself: the disk
  /// may have kept its end and not its middle. With two, something durable lies behind, which must not be cut off.
  private static func sealCount(in bytes: [UInt8], after offset: Int, from sequence: UInt64) -> Int {
    let sealLength = UInt32(JournalFormat.recordOverhead - 8 + 32)
    let sealByteCount = Int(sealLength) + 8
    var count = 0
    var probe = offset + 1
    while probe + sealByteCount <= bytes.count, count < 2 {
      if fixed32(bytes, probe) == sealLength, bytes[probe + 24] == JournalFormat.sealType,
        fixed64(bytes, probe + 8) > sequence,
        fixed32(bytes, probe + 4) == CRC32C.checksum(of: bytes.span.extracting((probe + 8)..<(probe + sealByteCount)))
      {
        count += 1
        probe += sealByteCount
      } else {
        probe += 1
      }
    }
    return count
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
