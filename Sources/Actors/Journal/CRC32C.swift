/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight table steps at a time: about a byte a cycle, without an instruction
/// that some machine lacks.
public enum CRC32C {
  /// Eight tables of 256: table `k` is the effect of a byte followed by `k` zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
      tables[index] = value
    }
    for table in 1..<8 {
      for index in 0..<256 {
        let before = tables[(table - 1) * 256 + index]
        tables[table * 256 + index] = before >> 8 ^ tables[Int(before & 0xFF)]
      }
    }
    return tables
  }()

  /// The checksum of `bytes`, or of more bytes after those whose checksum is `initial`.
  public static func checksum(of bytes: Span<UInt8>, initial: UInt32 = 0) -> UInt32 {
    // Both buffers are read inside the closures only, at places below their counts: a byte picks one of a table's 256.
    unsafe tables.withUnsafeBufferPointer { table in
      unsafe bytes.withUnsafeBytes { bytes in unsafe ~fold(bytes, into: ~initial, table) }
    }
  }

  private static func fold(
    _ bytes: UnsafeRawBufferPointer, into initial: UInt32, _ table: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    var value = initial
    var index = 0
    while index + 8 <= bytes.count {
      let eight = UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let mixed = eight ^ UInt64(value)
      value = 0
      for step in 0..<8 { unsafe value ^= table[(7 - step) * 256 + Int(mixed >> UInt64(8 * step) & 0xFF)] }
      index += 8
    }
    while index < bytes.count {
      unsafe value = value >> 8 ^ table[Int((value ^ UInt32(bytes[index])) & 0xFF)]
      index += 1
    }
    return value
  }
}
