import Actors
import OrderDomain
import TestSupport
import Testing

struct JournalFormatTests {
  /// The first bytes of every journal there will ever be.
  @Test func `a header is 64 bytes, the same for ever`() {
    let header = JournalFormat.header(segment: 3, firstSequence: 258, chain: .origin)
    let fields: [UInt8] =
      Array("OEJ1".utf8) + [1, 0, 0, 0] + [3, 0, 0, 0, 0, 0, 0, 0] + [2, 1, 0, 0, 0, 0, 0, 0]
      + [UInt8](repeating: 0, count: 36)
    #expect(header.count == JournalFormat.headerByteCount)
    #expect(Array(header.prefix(60)) == fields)
    let checksum = CRC32C.checksum(of: fields.span)
    #expect(Array(header.suffix(4)) == [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: checksum >> $0) })
  }

  @Test func `a record is length, checksum, sequence, time, type and payload`() {
    var bytes: [UInt8] = [0xAA]
    JournalFormat.append(sequence: 1, time: Timestamp(nanoseconds: -1), type: 2, payload: [7, 8], to: &bytes)
    let body: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8) + [2, 7, 8]
    let checksum = CRC32C.checksum(of: body.span)
    #expect(
      bytes == [0xAA] + [19, 0, 0, 0] + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: checksum >> $0) } + body)
  }

  @Test func `the largest payload reads back and a larger one is a bug of ours`() async throws {
    var source = SegmentSource()
    source.commit([[UInt8](repeating: 1, count: JournalFormat.payloadLimit)])
    #expect(try source.read().entries.map(\.payload.count) == [JournalFormat.payloadLimit])
    await #expect(processExitsWith: .failure) {
      var bytes: [UInt8] = []
      JournalFormat.append(
        sequence: 1, time: Timestamp(nanoseconds: 0), type: 1,
        payload: [UInt8](repeating: 1, count: JournalFormat.payloadLimit + 1), to: &bytes)
    }
  }
}
