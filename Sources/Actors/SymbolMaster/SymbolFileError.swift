/// Why a symbol file was refused. It is always refused whole: half a master looks like a master in which contracts
/// have vanished.
public struct SymbolFileError: Error, Hashable, Sendable {
  public enum Reason: Hashable, Sendable {
    /// Something else came instead, such as an HTML page.
    case notASymbolFile(looksLike: String)
    case invalidUTF8
    case containsNUL
    /// The header does not name a column that the format must have.
    case missingColumn
    /// The header names a column twice.
    case columnNamedTwice
    /// RFC 4180 is broken; in words.
    case malformedCSV(String)
    case rowTooShort(fieldCount: Int, expected: Int)
    case rowTooLong(fieldCount: Int, expected: Int)
    /// The last row ends without a line end and before its last column.
    case truncated
    /// The value, cut to 40 printable characters.
    case impossibleValue(String)
    /// Two rows have one key and differ.
    case conflictingDuplicate(securityID: UInt64)
    case tooFewRows(count: Int, minimum: Int)
    case tooManyRows(limit: Int)
    /// Rows that parse but have no lot, tick, strike or expiry.
    case tooManyUnusableRows(count: Int, limit: Int)
    case fileTooLarge(limit: Int)
  }

  public let file: String
  /// Counted from 1; `nil` when the whole file is at fault.
  public let line: Int?
  /// The broker's name of the column, where one is at fault.
  public let column: String?
  public let reason: Reason

  public init(file: String, line: Int? = nil, column: String? = nil, reason: Reason) {
    self.file = file
    self.line = line
    self.column = column
    self.reason = reason
  }

  /// A stable code, for logs and answers.
  public var code: String {
    switch reason {
    case .notASymbolFile: "symbols.notASymbolFile"
    case .invalidUTF8: "symbols.invalidUTF8"
    case .containsNUL: "symbols.containsNUL"
    case .missingColumn: "symbols.missingColumn"
    case .columnNamedTwice: "symbols.columnNamedTwice"
    case .malformedCSV: "symbols.malformedCSV"
    case .rowTooShort: "symbols.rowTooShort"
    case .rowTooLong: "symbols.rowTooLong"
    case .truncated: "symbols.truncated"
    case .impossibleValue: "symbols.impossibleValue"
    case .conflictingDuplicate: "symbols.conflictingDuplicate"
    case .tooFewRows: "symbols.tooFewRows"
    case .tooManyRows: "symbols.tooManyRows"
    case .tooManyUnusableRows: "symbols.tooManyUnusableRows"
    case .fileTooLarge: "symbols.fileTooLarge"
    }
  }

  public var cause: String {
    switch reason {
    case .notASymbolFile(let looksLike): "this is \(looksLike), not a symbol file"
    case .invalidUTF8: "bytes that are not UTF-8"
    case .containsNUL: "a NUL byte"
    case .missingColumn: "the header does not name this column"
    case .columnNamedTwice: "the header names this column twice"
    case .malformedCSV(let words): words
    case .rowTooShort(let count, let expected): "the row has \(count) fields instead of \(expected)"
    case .rowTooLong(let count, let expected): "the row has \(count) fields instead of \(expected)"
    case .truncated: "the file ends in the middle of its last row"
    case .impossibleValue(let value): "impossible value “\(value)”"
    case .conflictingDuplicate(let id): "security id \(id) appears twice in one segment with different data"
    case .tooFewRows(let count, let minimum): "only \(count) usable rows; at least \(minimum) are expected"
    case .tooManyRows(let limit): "more than \(limit) rows"
    case .tooManyUnusableRows(let count, let limit):
      "\(count) rows lack a lot, tick, strike or expiry; at most \(limit) are tolerated"
    case .fileTooLarge(let limit): "the file is larger than \(limit) bytes"
    }
  }

  public var fix: String {
    switch reason {
    case .notASymbolFile: "Check the address of the symbol file; a proxy or an error page may have answered."
    case .invalidUTF8, .containsNUL, .malformedCSV, .rowTooShort, .rowTooLong, .truncated, .impossibleValue,
      .conflictingDuplicate:
      "Download the file again. If the fault stays, the broker has published a damaged file: "
        + "the previous table stays in use until a good one arrives."
    case .missingColumn, .columnNamedTwice:
      "Check that the file's kind is configured as what it is; if it is, the broker has changed its columns."
    case .tooFewRows:
      "Download the file again: it was probably cut. If the market really shrank, lower the minimum row count."
    case .tooManyUnusableRows: "Download the file again, or raise the share of unusable rows that is tolerated."
    case .tooManyRows, .fileTooLarge: "Check the address of the symbol file, or raise the limit."
    }
  }
}

extension SymbolFileError: CustomStringConvertible {
  /// `NSE_FO.csv, line 7, column TICK_SIZE: impossible value “x”. Download the file again. …`
  public var description: String {
    var place = file
    if let line { place += ", line \(line)" }
    if let column { place += ", column \(column)" }
    return "\(place): \(cause). \(fix)"
  }
}
