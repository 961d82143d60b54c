/// The running SHA-256 over everything that was ever committed to the journal: change one byte of the past and no later
/// value fits.
public struct ChainValue: Hashable, Sendable {
  // Held in place: each commit makes one, and several hands keep it. The first byte is the lowest of the first word.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// `nil` unless there are 32 bytes.
  public init?(_ bytes: some RandomAccessCollection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    func word(_ number: Int) -> UInt64 {
      bytes.dropFirst(8 * number).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    words = (word(0), word(1), word(2), word(3))
  }

  private init(zeros: Void) { words = (0, 0, 0, 0) }

  /// What the first commit of a new journal is chained to.
  public static let origin = ChainValue(zeros: ())

  /// 32 bytes. Made anew each time; where they only go on, ``write(to:)`` costs less.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  /// Lends the ``bytes`` for the call.
  @unsafe
  public func withUnsafeBytes<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
    let inOrder = (words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian)
    return unsafe Swift.withUnsafeBytes(of: inOrder) { unsafe body($0) }
  }

  /// Appends ``bytes``.
  public func write(to bytes: inout [UInt8]) {
    bytes.append(littleEndian: words.0)
    bytes.append(littleEndian: words.1)
    bytes.append(littleEndian: words.2)
    bytes.append(littleEndian: words.3)
  }

  public static func == (left: ChainValue, right: ChainValue) -> Bool { left.words == right.words }

  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// SHA-256, which the domain asks the world for.
public protocol ChainDigest: Sendable {
  /// SHA-256 of `previous` followed by `bytes`.
  func extending(_ previous: ChainValue, with bytes: Span<UInt8>) -> ChainValue
}
