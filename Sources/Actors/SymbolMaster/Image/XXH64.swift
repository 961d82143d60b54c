/// XXH64 of the xxHash specification (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), with seed 0: 64 bits over any
/// number of bytes, at several bytes a cycle and without an instruction that some machine lacks.
///
/// It finds accidents: a changed word always changes its lane, and two different texts agree by chance once in 2⁶⁴. It is
/// no defence against somebody who writes both the text and its digest.
package struct XXH64: ~Copyable {
  /// What ``update(_:)`` takes a multiple of.
  package static let stripeByteCount = 32

  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var lane1 = XXH64.prime1 &+ XXH64.prime2
  private var lane2 = XXH64.prime2
  private var lane3: UInt64 = 0
  private var lane4 = 0 &- XXH64.prime1
  private var byteCount = 0

  package init() {}

  package static func digest(of bytes: Span<UInt8>) -> UInt64 {
    var hash = XXH64()
    let whole = bytes.count & ~(stripeByteCount - 1)
    hash.update(bytes.extracting(0..<whole))
    return hash.finish(with: bytes.extracting(whole..<bytes.count))
  }

  /// Takes whole stripes; what is left of a text at its end goes to ``finish(with:)``.
  package mutating func update(_ bytes: Span<UInt8>) {
    precondition(bytes.count & (XXH64.stripeByteCount - 1) == 0, "half a stripe")
    // Read inside the closure only, and below its count.
    unsafe bytes.withUnsafeBytes { bytes in
      var (one, two, three, four) = (lane1, lane2, lane3, lane4)
      var offset = 0
      while offset < bytes.count {
        unsafe one = XXH64.round(one, XXH64.word(bytes, offset))
        unsafe two = XXH64.round(two, XXH64.word(bytes, offset &+ 8))
        unsafe three = XXH64.round(three, XXH64.word(bytes, offset &+ 16))
        unsafe four = XXH64.round(four, XXH64.word(bytes, offset &+ 24))
        offset &+= XXH64.stripeByteCount
      }
      (lane1, lane2, lane3, lane4) = (one, two, three, four)
    }
    byteCount += bytes.count
  }

  /// The digest of all that was taken and of these last bytes, fewer than a stripe.
  package consuming func finish(with rest: Span<UInt8>) -> UInt64 {
    precondition(rest.count < XXH64.stripeByteCount, "a stripe among the rest")
    var hash = XXH64.prime5
    if byteCount > 0 {
      hash = XXH64.rotated(lane1, 1) &+ XXH64.rotated(lane2, 7) &+ XXH64.rotated(lane3, 12) &+ XXH64.rotated(lane4, 18)
      for lane in [lane1, lane2, lane3, lane4] {
        hash = (hash ^ XXH64.round(0, lane)) &* XXH64.prime1 &+ XXH64.prime4
      }
    }
    hash &+= UInt64(byteCount + rest.count)
    var offset = 0
    while offset + 8 <= rest.count {
      let word = unsafe rest.withUnsafeBytes { unsafe XXH64.word($0, offset) }
      hash = XXH64.rotated(hash ^ XXH64.round(0, word), 27) &* XXH64.prime1 &+ XXH64.prime4
      offset += 8
    }
    if offset + 4 <= rest.count {
      let half = unsafe rest.withUnsafeBytes {
        UInt32(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      }
      hash = XXH64.rotated(hash ^ UInt64(half) &* XXH64.prime1, 23) &* XXH64.prime2 &+ XXH64.prime3
      offset += 4
    }
    while offset < rest.count {
      hash = XXH64.rotated(hash ^ UInt64(rest[offset]) &* XXH64.prime5, 11) &* XXH64.prime1
      offset += 1
    }
    hash = (hash ^ hash >> 33) &* XXH64.prime2
    hash = (hash ^ hash >> 29) &* XXH64.prime3
    return hash ^ hash >> 32
  }

  /// One to one in each of the two: that is why one changed word never goes unseen by its lane.
  @inline(__always)
  private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
    rotated(lane &+ word &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value &<< count | value &>> (64 &- count) }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
