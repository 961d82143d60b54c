/// Why bytes are not RFC 4180.
enum CSVFault: Error {
  case containsNUL
  case bareCarriageReturn
  case quoteInsideField
  case textAfterQuote
  case unclosedQuote
  case tooManyFields
  case fieldTooLong

  var words: String {
    switch self {
    case .containsNUL: "a NUL byte"
    case .bareCarriageReturn: "a carriage return without a line feed"
    case .quoteInsideField: "a quote inside a field that does not start with one (RFC 4180, 2.5)"
    case .textAfterQuote: "text after a closing quote (RFC 4180, 2.5)"
    case .unclosedQuote: "a quote that is never closed"
    case .tooManyFields: "more than \(CSVReader.fieldLimit) fields in a row"
    case .fieldTooLong: "a field of more than \(CSVReader.fieldByteLimit) bytes"
    }
  }
}

/// Where a field's text lies in the file, without its enclosing quotes.
struct CSVField {
  var start: UInt32 = 0
  var end: UInt32 = 0
}

/// Splits RFC 4180 text into rows and fields without copying: a field is a range of the file.
///
/// Noncopyable: there is one place in the file, and one list of fields, which is reused from row to row.
/// Quoted fields may hold commas, line ends and doubled quotes; a row ends with LF or CRLF; empty lines are no rows.
struct CSVReader: ~Copyable, ~Escapable {
  /// Twice what the widest known symbol file has, bounded by the bits of ``escaped``.
  static let fieldLimit = 64
  /// The longest field seen in a symbol file is a name of 60 bytes; a lost quote must not swallow the file.
  static let fieldByteLimit = 1_024

  let bytes: Span<UInt8>
  private var position: Int
  private var nextLine = 1
  /// Where the row starts, counted from 1.
  private(set) var line = 1
  private(set) var fieldCount = 0
  // An array, not an InlineArray: reading one element of a stored InlineArray copies all 512 bytes of it (6.3.1).
  private var fields = [CSVField](repeating: CSVField(), count: CSVReader.fieldLimit)
  /// A bit for each field that holds doubled quotes and must be unescaped before use as text.
  private(set) var escaped: UInt64 = 0
  /// Whether the row ended at the end of the file instead of at a line end.
  private(set) var endsWithoutLineEnd = false

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The text of a field of this row.
  subscript(index: Int) -> Span<UInt8> {
    @_lifetime(copy self)
    @inline(__always)
    get {
      precondition(index < fieldCount, "field beyond the row")
      let field = fields[index]
      return bytes.extracting(Int(field.start)..<Int(field.end))
    }
  }

  /// Whether the field holds doubled quotes.
  func isEscaped(_ index: Int) -> Bool { escaped & (1 << UInt64(index)) != 0 }

  /// Reads the next row; `false` at the end.
  mutating func next() throws(CSVFault) -> Bool {
    let count = bytes.count
    while position < count {
      if bytes[position] == UInt8(ascii: "\n") {
        position += 1
      } else if bytes[position] == UInt8(ascii: "\r"), position + 1 < count, bytes[position + 1] == UInt8(ascii: "\n") {
        position += 2
      } else {
        break
      }
      nextLine += 1
    }
    line = nextLine
    fieldCount = 0
    escaped = 0
    endsWithoutLineEnd = false
    if position >= count { return false }
    var isRowOpen = true
    while isRowOpen {
      if position < count, bytes[position] == UInt8(ascii: "\"") {
        isRowOpen = try quotedField()
      } else {
        isRowOpen = try plainField()
      }
    }
    return true
  }

  private mutating func plainField() throws(CSVFault) -> Bool {
    let count = bytes.count
    let start = position
    var index = start
    while index < count {
      let byte = bytes[index]
      // Everything that needs a look sorts at or below the comma; nearly all bytes of a symbol file above it.
      if byte > UInt8(ascii: ",") {
        index += 1
        continue
      }
      switch byte {
      case UInt8(ascii: ","):
        try close(start, index)
        position = index + 1
        return true
      case UInt8(ascii: "\n"):
        try close(start, index)
        position = index + 1
        nextLine += 1
        return false
      case UInt8(ascii: "\r"):
        guard index + 1 < count, bytes[index + 1] == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
        try close(start, index)
        position = index + 2
        nextLine += 1
        return false
      case UInt8(ascii: "\""): throw .quoteInsideField
      case 0: throw .containsNUL
      default: index += 1
      }
    }
    try close(start, count)
    position = count
    endsWithoutLineEnd = true
    return false
  }

  private mutating func quotedField() throws(CSVFault) -> Bool {
    let count = bytes.count
    let start = position + 1
    var index = start
    var hasDoubledQuote = false
    while true {
      guard index < count else { throw .unclosedQuote }
      guard index - start <= CSVReader.fieldByteLimit else { throw .fieldTooLong }
      let byte = bytes[index]
      if byte == 0 { throw .containsNUL }
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      if byte == UInt8(ascii: "\"") {
        guard index + 1 < count, bytes[index + 1] == UInt8(ascii: "\"") else { break }
        hasDoubledQuote = true
        index += 1
      }
      index += 1
    }
    try close(start, index)
    if hasDoubledQuote { escaped |= 1 << UInt64(fieldCount - 1) }
    index += 1
    guard index < count else {
      position = count
      endsWithoutLineEnd = true
      return false
    }
    switch bytes[index] {
    case UInt8(ascii: ","):
      position = index + 1
      return true
    case UInt8(ascii: "\n"):
      position = index + 1
      nextLine += 1
      return false
    case UInt8(ascii: "\r") where index + 1 < count && bytes[index + 1] == UInt8(ascii: "\n"):
      position = index + 2
      nextLine += 1
      return false
    default: throw .textAfterQuote
    }
  }

  private mutating func close(_ start: Int, _ end: Int) throws(CSVFault) {
    guard fieldCount < CSVReader.fieldLimit else { throw .tooManyFields }
    guard end - start <= CSVReader.fieldByteLimit else { throw .fieldTooLong }
    fields[fieldCount] = CSVField(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))
    fieldCount += 1
  }
}
