/// What happened, as a hash of everything and the latest lines of it: two runs of one seed are the same run when their
/// hashes are.
struct Trace {
  static let keptLines = 160

  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var lineCount = 0
  private var ring: [String] = []
  /// Prints every line as it comes, for a person who repeats a seed.
  var isLoud = false

  /// FNV-1a over the words' bytes, eight at a time.
  mutating func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x0000_0100_0000_01B3 ^ (hash >> 29) }

  mutating func line(_ text: String) {
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    if ring.count < Trace.keptLines { ring.append(text) } else { ring[lineCount % Trace.keptLines] = text }
    lineCount += 1
    if isLoud { print(text) }
  }

  /// The latest lines, the oldest first.
  var latest: [String] {
    guard lineCount > Trace.keptLines else { return ring }
    let head = lineCount % Trace.keptLines
    return Array(ring[head...] + ring[..<head])
  }
}
