public import OrderDomain

/// What the journal says up to a place, put down so that a start need not read what lies before it.
///
///     header   magic "OES1" · version u32 · segment u64 · offset u64 · next sequence u64 · chain 32 bytes ·
///              fact count u64 · byte count of the facts u64 · SHA-256 over the facts 32 bytes · reserved 12 bytes · CRC u32
///     facts    records as in a segment, numbered from 1, with types of their own; the newest record's time in each
///
/// The position is where the journal goes on. A snapshot is a fold and no source: any of them may be deleted, as long as the
/// segments that it covers are there.
public struct JournalSnapshot: Sendable {
  public let position: JournalPosition
  public let fold: JournalFold

  /// What is wrong with a snapshot; the one before it, or the whole journal, is read instead.
  public enum Damage: Error, Hashable, Sendable {
    case notASnapshot
    case unknownVersion(UInt32)
    case headerChecksum
    case byteCount
    case digest
    case fact(number: UInt64)
  }

  static let magic: [UInt8] = Array("OES1".utf8)
  static let version: UInt32 = 1
  static let headerByteCount = 128

  public init(position: JournalPosition, fold: JournalFold) {
    self.position = position
    self.fold = fold
  }

  /// The last sequence that it covers.
  public var lastSequence: UInt64 { position.nextSequence - 1 }

  public func encoded(digest: some ChainDigest) -> [UInt8] {
    var facts: [UInt8] = []
    var count: UInt64 = 0
    var payload = RecordWriter(reserving: 4_096)
    for fact in fold.facts() {
      payload.removeAll()
      fact.encode(to: &payload)
      count += 1
      JournalFormat.append(
        sequence: count, time: fold.newest, type: fact.type, payload: payload.bytes, to: &facts)
    }
    var header = RecordWriter(reserving: JournalSnapshot.headerByteCount + facts.count)
    header.put(raw: JournalSnapshot.magic)
    header.put(JournalSnapshot.version)
    header.put(position.place.segment)
    header.put(position.place.offset)
    header.put(position.nextSequence)
    header.put(position.chain)
    header.put(count)
    header.put(UInt64(facts.count))
    header.put(raw: digest.extending(.origin, with: facts.span).bytes)
    header.put(raw: [UInt8](repeating: 0, count: 12))
    header.put(CRC32C.checksum(of: header.bytes.span))
    header.put(raw: facts)
    return header.bytes
  }

  /// - Parameter empty: what the facts are put into.
  public init(
    _ bytes: [UInt8], digest: some ChainDigest, into empty: JournalFold = JournalFold()
  ) throws(Damage) {
    let size = JournalSnapshot.headerByteCount
    guard bytes.count >= size, bytes[0..<4].elementsEqual(JournalSnapshot.magic) else { throw .notASnapshot }
    var reader = RecordReader(bytes, range: 4..<size)
    let header: Header
    do throws(RecordReader.Malformed) { header = try Header(from: &reader) } catch { throw .notASnapshot }
    guard header.version == JournalSnapshot.version else { throw .unknownVersion(header.version) }
    guard header.checksum == CRC32C.checksum(of: bytes.span.extracting(0..<(size - 4))) else { throw .headerChecksum }
    guard header.byteCount == UInt64(bytes.count - size) else { throw .byteCount }
    guard digest.extending(.origin, with: bytes.span.extracting(size..<bytes.count)) == header.digest else {
      throw .digest
    }
    var fold = empty
    var agingLeft = 0
    var offset = size
    for number in 1..<(header.count &+ 1) {
      guard let record = JournalFormat.wholeRecord(in: bytes, at: offset, sequence: number) else {
        throw .fact(number: number)
      }
      var reader = RecordReader(bytes, range: record.payload)
      do throws(RecordReader.Malformed) {
        fold.take(try SnapshotFact(type: record.type, reader: &reader), agingLeft: &agingLeft)
      } catch {
        throw .fact(number: number)
      }
      offset = record.payload.upperBound
    }
    guard offset == bytes.count else { throw .byteCount }
    self.init(position: header.position, fold: fold)
  }

  private struct Header {
    let version: UInt32
    let position: JournalPosition
    let count: UInt64
    let byteCount: UInt64
    let digest: ChainValue
    let checksum: UInt32

    init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
      version = try reader.fixed32()
      let segment = try reader.fixed64()
      let offset = try reader.fixed64()
      let next = try reader.fixed64()
      guard let chain = ChainValue(try reader.raw(32)) else { throw reader.malformed }
      position = JournalPosition(
        place: LogPlace(segment: segment, offset: offset), nextSequence: next, chain: chain)
      count = try reader.fixed64()
      byteCount = try reader.fixed64()
      guard let digest = ChainValue(try reader.raw(32)), count <= byteCount, next > 0 else { throw reader.malformed }
      self.digest = digest
      _ = try reader.raw(12)
      checksum = try reader.fixed32()
    }
  }
}
