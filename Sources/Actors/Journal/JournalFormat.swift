public import OrderDomain

/// The bytes of a journal segment.
///
/// A segment is a header of 64 bytes, then commits, then zeros or the end of the file. A commit is one or more records and
/// a closing seal; all of it became durable together or none of it counts. Integers are little-endian.
///
///     header   magic "OEJ1" · version u32 · segment u64 · first sequence u64 · chain before 32 bytes · reserved u32 · CRC u32
///     record   length u32 · CRC u32 · sequence u64 · time i64 · type u8 · payload
///     seal     a record of type 255 whose payload is the commit's first sequence u64 · the SHA-256 chain after it 32 bytes
///
/// `length` counts from `sequence` to the end of the payload and is never 0, so preallocated zeros end a segment. The CRC
/// is CRC-32C over the same bytes. Sequences count up by one without a gap, seals included, across segments. The chain is
/// SHA-256 over the previous chain value and all bytes of the commit's records, headers included. A seal says where its
/// commit began, so that one which stands behind a damaged place tells whether that place was durable: a commit is written
/// only after the one before it has been flushed.
public enum JournalFormat {
  public static let magic: [UInt8] = Array("OEJ1".utf8)
  public static let version: UInt32 = 1
  public static let headerByteCount = 64
  /// length + CRC + sequence + time + type
  public static let recordOverhead = 25
  /// A record is one alert or one report: 128 KiB is twice the largest body.
  public static let payloadLimit = 128 * 1024
  public static let sealType: UInt8 = 255
  /// first sequence + chain
  public static let sealPayloadByteCount = 40

  public static func header(segment: UInt64, firstSequence: UInt64, chain: ChainValue) -> [UInt8] {
    var writer = RecordWriter(reserving: headerByteCount)
    writer.put(raw: magic)
    writer.put(version)
    writer.put(segment)
    writer.put(firstSequence)
    writer.put(raw: chain.bytes)
    writer.put(UInt32(0))
    writer.put(CRC32C.checksum(of: writer.bytes.span))
    return writer.bytes
  }

  /// Appends one record to a commit under construction.
  public static func append(
    sequence: UInt64, time: Timestamp, type: UInt8, payload: [UInt8], to commit: inout [UInt8]
  ) {
    precondition(payload.count <= payloadLimit, "a record is bounded before it is written")
    let start = commit.count
    put32(UInt32(payload.count + recordOverhead - 8), &commit)
    put32(0, &commit)
    put64(sequence, &commit)
    put64(UInt64(bitPattern: time.nanoseconds), &commit)
    commit.append(type)
    commit.append(contentsOf: payload)
    let checksum = CRC32C.checksum(of: commit.span.extracting((start + 8)..<commit.count))
    for offset in 0..<4 { commit[start + 4 + offset] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(offset))) }
  }

  /// Closes a commit that began at `first`.
  public static func appendSeal(
    sequence: UInt64, time: Timestamp, first: UInt64, chain: ChainValue, to commit: inout [UInt8]
  ) {
    var payload = RecordWriter(reserving: sealPayloadByteCount)
    payload.put(first)
    payload.put(raw: chain.bytes)
    append(sequence: sequence, time: time, type: sealType, payload: payload.bytes, to: &commit)
  }

  private static func put32(_ value: UInt32, _ bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private static func put64(_ value: UInt64, _ bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
