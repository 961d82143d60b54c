/// Why a kept image is not served. The symbol files are then parsed again; that is all that ever comes of it.
package enum SymbolImageFault: Error, Hashable, Sendable {
  package enum Part: Hashable, Sendable { case header, body }
  package enum Difference: Hashable, Sendable { case program, day, sources }

  case notAnImage
  case otherByteOrder
  case otherVersion(UInt64)
  /// Shorter or longer than it says, or than a header.
  case truncated(byteCount: Int, expected: Int)
  /// A digest does not fit.
  case damaged(Part)
  /// The digests fit, and something points to where nothing is: the writer was wrong.
  case outOfRange(String)
  /// A sound image of something else.
  case stale(Difference)

  /// A stable code, for the log.
  package var code: String {
    switch self {
    case .notAnImage, .otherByteOrder, .otherVersion: "symbols.cacheForeign"
    case .truncated: "symbols.cacheTruncated"
    case .damaged, .outOfRange: "symbols.cacheDamaged"
    case .stale: "symbols.cacheStale"
    }
  }

  package var cause: String {
    switch self {
    case .notAnImage: "it does not begin like a symbol table"
    case .otherByteOrder: "it was written by a machine of another byte order"
    case .otherVersion(let version): "its format is version \(version), not \(SymbolImageHeader.version)"
    case .truncated(let count, let expected): "it has \(count) bytes instead of \(expected)"
    case .damaged(.header): "its header does not fit its digest"
    case .damaged(.body): "its contents do not fit their digest"
    case .outOfRange(let place): "something in it points to where nothing is (\(place))"
    case .stale(.program): "it was written by another build of the program"
    case .stale(.day): "it is of another trading day"
    case .stale(.sources): "the symbol files are others than it was made of"
    }
  }

  /// What happens all the time: a new day, a new file, a new version.
  package var isExpected: Bool {
    switch self {
    case .stale, .otherVersion: true
    case .notAnImage, .otherByteOrder, .truncated, .damaged, .outOfRange: false
    }
  }
}
