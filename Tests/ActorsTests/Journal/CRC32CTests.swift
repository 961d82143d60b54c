import Actors
import TestSupport
import Testing

struct CRC32CTests {
  /// RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRCs.
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(UInt8(0)...31), 0x46DD_794E), (Array((UInt8(0)...31).reversed()), 0x113F_DB5C),
      (Array("123456789".utf8), 0xE306_9283), ([], 0),
    ] as [([UInt8], UInt32)])
  func `known answers`(bytes: [UInt8], checksum: UInt32) {
    #expect(CRC32C.checksum(of: bytes.span) == checksum)
  }

  @Test func `any bytes, cut anywhere, give what one bit after the other gives`() {
    var random = SeededGenerator(seed: 11)
    for count in 0..<70 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let expected = Self.slowly(bytes)
      #expect(CRC32C.checksum(of: bytes.span) == expected)
      for cut in 0...count {
        let head = CRC32C.checksum(of: bytes.span.extracting(0..<cut))
        #expect(CRC32C.checksum(of: bytes.span.extracting(cut..<count), initial: head) == expected)
      }
    }
  }

  private static func slowly(_ bytes: [UInt8]) -> UInt32 {
    var value: UInt32 = .max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }
    return ~value
  }
}
