public import OrderDomain

/// The bytes of a journal segment.
///
/// A segment is a header of 64 bytes, then commits, then zeros or the end of the file. A commit is one or more records and
/// a closing seal; all of it became durable together or none of it counts. A segment's header is written together with its
/// first commit. Integers are little-endian.
///
///     header   magic "OEJ1" · version u32 · segment u64 · first sequence u64 · chain before 32 bytes · reserved u32 · CRC u32
///     record   length u32 · CRC u32 · sequence u64 · time i64 · type u8 · payload
///     seal     a record of type 255 whose payload is the commit's first sequence u64 · the durable end u64 · the SHA-256
///              chain after the commit 32 bytes
///
/// `length` counts from `sequence` to the end of the payload and is never 0, so preallocated zeros end a segment. The CRC
/// is CRC-32C over the same bytes. Sequences count up by one without a gap, seals included, across segments. The chain is
/// SHA-256 over the previous chain value and all bytes of the commit's records, headers included.
///
/// The durable end is the last sequence that was known to be flushed when the seal was made. An intact seal behind a
/// damaged place therefore tells whether that place was durable, which is damage, or may have been cut short by the end of
/// the power, which is a tear. Before a segment's first byte is written, all of the one before it has been flushed: only the
/// last segment can be torn.
public enum JournalFormat {
  public static let magic: [UInt8] = Array("OEJ1".utf8)
  public static let version: UInt32 = 1
  public static let headerByteCount = 64
  /// length + CRC + sequence + time + type
  public static let recordOverhead = 25
  /// A record is one alert or one report: 128 KiB is twice the largest body.
  public static let payloadLimit = 128 * 1024
  public static let sealType: UInt8 = 255
  /// first sequence + durable end + chain
  public static let sealPayloadByteCount = 48

  public static func header(segment: UInt64, firstSequence: UInt64, chain: ChainValue) -> [UInt8] {
    var writer = RecordWriter(reserving: headerByteCount)
    writer.put(raw: magic)
    writer.put(version)
    writer.put(segment)
    writer.put(firstSequence)
    writer.put(chain)
    writer.put(UInt32(0))
    writer.put(CRC32C.checksum(of: writer.bytes.span))
    return writer.bytes
  }

  /// Appends one record to a commit under construction. `payload` writes it in its place: nothing is copied.
  ///
  /// - Returns: the payload's bytes. Above ``payloadLimit`` the commit is left as it was.
  public static func append(
    sequence: UInt64, time: Timestamp, type: UInt8, to commit: inout [UInt8], payload: (inout RecordWriter) -> Void
  ) -> Int {
    let start = commit.count
    var writer = RecordWriter(takingOver: &commit)
    // Length and checksum are known at the end.
    writer.put(UInt64(0))
    writer.put(sequence)
    writer.put(time.nanoseconds)
    writer.put(type)
    payload(&writer)
    writer.giveBack(to: &commit)
    let byteCount = commit.count - start - recordOverhead
    if byteCount > payloadLimit {
      commit.removeSubrange(start...)
      return byteCount
    }
    let checksum = CRC32C.checksum(of: commit.span.extracting((start + 8)..<commit.count))
    let head = UInt64(checksum) << 32 | UInt64(byteCount + recordOverhead - 8)
    for offset in 0..<8 { commit[start + offset] = UInt8(truncatingIfNeeded: head >> (8 * UInt64(offset))) }
    return byteCount
  }

  /// The same with a payload that is written already, and within ``payloadLimit``.
  public static func append(
    sequence: UInt64, time: Timestamp, type: UInt8, payload: [UInt8], to commit: inout [UInt8]
  ) {
    precondition(payload.count <= payloadLimit, "a record is bounded before it is written")
    _ = append(sequence: sequence, time: time, type: type, to: &commit) { $0.put(raw: payload) }
  }

  /// Closes a commit that began at `first`, while everything up to `durable` was known to be flushed.
  public static func appendSeal(
    sequence: UInt64, time: Timestamp, first: UInt64, durable: UInt64, chain: ChainValue, to commit: inout [UInt8]
  ) {
    _ = append(sequence: sequence, time: time, type: sealType, to: &commit) { payload in
      payload.put(first)
      payload.put(durable)
      payload.put(chain)
    }
  }

  /// Takes a record apart that ``append(sequence:time:type:to:payload:)`` wrote at `range`.
  static func record(in bytes: [UInt8], _ range: Range<Int>) -> (time: Timestamp, type: UInt8, payload: [UInt8]) {
    var nanoseconds: UInt64 = 0
    for index in 0..<8 { nanoseconds |= UInt64(bytes[range.lowerBound + 16 + index]) << (8 * index) }
    return (
      Timestamp(nanoseconds: Int64(bitPattern: nanoseconds)), bytes[range.lowerBound + recordOverhead - 1],
      Array(bytes[(range.lowerBound + recordOverhead)..<range.upperBound])
    )
  }

  /// The record at `offset` with that number; `nil` unless all of it is intact. Its checksum is not looked at: for bytes
  /// that a digest has proven.
  static func wholeRecord(in bytes: [UInt8], at offset: Int, sequence: UInt64) -> JournalEntry? {
    guard bytes.count - offset >= recordOverhead else { return nil }
    var reader = RecordReader(bytes, range: offset..<bytes.count)
    do throws(RecordReader.Malformed) {
      let length = Int(try reader.fixed32())
      _ = try reader.fixed32()
      let found = try reader.fixed64()
      let time = Timestamp(nanoseconds: try reader.signed64())
      let type = try reader.byte()
      guard found == sequence, length >= recordOverhead - 8, length <= bytes.count - offset - 8 else { return nil }
      return JournalEntry(
        sequence: found, time: time, type: type, payload: (offset + recordOverhead)..<(offset + 8 + length))
    } catch {
      return nil
    }
  }
}
