public import OrderDomain

/// Between two commits: what was before, and where the next one goes.
public struct JournalPosition: Hashable, Sendable {
  /// The next commit's first byte; offset 0 while the segment has no header.
  public var place: LogPlace
  public var nextSequence: UInt64
  /// Over all commits before.
  public var chain: ChainValue

  public init(place: LogPlace, nextSequence: UInt64, chain: ChainValue) {
    self.place = place
    self.nextSequence = nextSequence
    self.chain = chain
  }

  /// A journal of which nothing is written.
  public static let start = JournalPosition(
    place: LogPlace(segment: 1, offset: 0), nextSequence: 1, chain: .origin)
}
