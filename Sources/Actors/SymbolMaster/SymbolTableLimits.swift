/// What a symbol table must hold to be believed, and may hold at most.
public struct SymbolTableLimits: Hashable, Sendable {
  /// A table with fewer rows is refused; brokers' files have over 200,000, a single segment's file a few.
  public var minimumRowCount = 1
  /// A table with fewer rows than this share of the one in use is refused: a truncated download looks valid.
  public var minimumPercentOfPrevious = 50
  /// Rows of the table in use; 0 for none.
  public var previousRowCount = 0
  /// Rows that parse but have no lot, tick, strike or expiry are skipped and counted up to this share.
  public var unusablePercentLimit = 5
  /// Ten times today's largest master.
  public var rowCountLimit = 2_000_000
  /// The largest file today is 81 MB.
  public var fileByteLimit = 512 << 20

  public init() {}

  /// The row count below which a table is refused.
  public var effectiveMinimum: Int {
    max(minimumRowCount, previousRowCount * minimumPercentOfPrevious / 100)
  }

  /// - Throws: what a table with so many rows lacks, in the name of `file`.
  func check(rowCount: Int, _ counts: SymbolRowCounts, of file: String) throws(SymbolFileError) {
    let unusableLimit = counts.read * unusablePercentLimit / 100
    guard counts.unusable <= unusableLimit else {
      throw SymbolFileError(file: file, reason: .tooManyUnusableRows(count: counts.unusable, limit: unusableLimit))
    }
    guard rowCount >= effectiveMinimum else {
      throw SymbolFileError(file: file, reason: .tooFewRows(count: rowCount, minimum: effectiveMinimum))
    }
  }
}

/// What became of the rows that a table does not hold.
public struct SymbolRowCounts: Hashable, Sendable {
  /// Rows read, whatever became of them.
  public var read = 0
  /// Rows of an exchange, segment or instrument kind that the engine does not trade.
  public var unsupported = 0
  /// Rows without lot, tick, strike or expiry: test contracts and the like.
  public var unusable = 0
  /// Rows that repeat another one word for word.
  public var repeated = 0

  public init() {}
}
