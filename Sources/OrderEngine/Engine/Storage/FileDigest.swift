import Actors
internal import Glibc

/// Reads a file once for its digest, in pieces that stay in the processor's cache.
enum FileDigest {
  private static let pieceByteCount = 256 << 10

  /// The file's first bytes, its size and its ``XXH64``; `nil` when it cannot be read or has more than `limit` bytes.
  static func read(_ path: String, limit: Int) -> (start: [UInt8], byteCount: Int, digest: UInt64)? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var piece = [UInt8](repeating: 0, count: pieceByteCount)
    var hash = XXH64()
    var start: [UInt8] = []
    var byteCount = 0
    while true {
      guard let filled = fill(&piece, from: descriptor) else { return nil }
      if byteCount == 0 { start = Array(piece[..<min(filled, 64)]) }
      byteCount += filled
      guard byteCount <= limit else { return nil }
      let whole = filled & ~(XXH64.stripeByteCount - 1)
      let bytes = piece.span
      hash.update(bytes.extracting(0..<whole))
      if filled < piece.count {
        return (start, byteCount, hash.finish(with: bytes.extracting(whole..<filled)))
      }
    }
  }

  /// As much as there is; less than the whole piece only at the file's end.
  private static func fill(_ piece: inout [UInt8], from descriptor: Int32) -> Int? {
    var filled = 0
    while filled < piece.count {
      let left = piece.count - filled
      let count = unsafe piece.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), left)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      filled += count
    }
    return filled
  }
}
