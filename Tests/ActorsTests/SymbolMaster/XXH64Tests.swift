import TestSupport
import Testing

@testable import Actors

@Suite struct XXH64Tests {
  @Test(
    "the digest is the one of the specification",
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
      ("The quick brown fox jumps over the lazy dog", 0x0B24_2D36_1FDA_71BC),
    ] as [(String, UInt64)])
  func vectors(text: String, digest: UInt64) {
    #expect(XXH64.digest(of: Array(text.utf8).span) == digest)
  }

  @Test("the same bytes in any pieces of whole stripes have the same digest", arguments: [1, 2, 3] as [UInt64])
  func pieces(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let bytes = (0..<1_000 + Int(seed)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let whole = XXH64.digest(of: bytes.span)
    for _ in 0..<50 {
      var hash = XXH64()
      var start = 0
      while bytes.count - start >= 32 {
        let stripes = Int.random(in: 1...(bytes.count - start) / 32, using: &generator)
        hash.update(bytes.span.extracting(start..<start + stripes * 32))
        start += stripes * 32
      }
      #expect(hash.finish(with: bytes.span.extracting(start..<bytes.count)) == whole)
    }
  }

  @Test("no change of one bit goes unseen")
  func bits() {
    var bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    let before = XXH64.digest(of: bytes.span)
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(XXH64.digest(of: bytes.span) != before)
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }
}
