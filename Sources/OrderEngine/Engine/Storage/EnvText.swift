/// The text of a `.env` file in which one value is read or changed, while every other byte stays as it is.
///
/// Assignments are found as python-dotenv 1.2 finds them, which also takes quoted values of several lines: what looks like an
/// assignment within such a value is none. Of that the engine's own reader (``SettingsLayer/dotEnv(_:name:)``) takes a
/// part, and reads in it the same values. A line that is no assignment for python-dotenv is left alone.
struct EnvText: Equatable, Sendable {
  private(set) var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// As it stands in the file, without its quotes. Of several assignments the last one counts; `nil` where there is none.
  func value(of name: String) -> [UInt8]? { places(of: name).last.map { Array(bytes[$0]) } }

  /// Writes the value in place of the one before, within its quotes and before its comment; at the end where there is none
  /// yet. Of several assignments all are changed: one reader takes the first, another the last, and the old value is to
  /// stay nowhere.
  ///
  /// - Parameter value: ``isPlain(_:)``, so that every reader takes it for itself, with quotes and without.
  mutating func set(_ name: String, to value: [UInt8]) {
    precondition(EnvText.isPlain(value), "a value that a reader may take for more than a value")
    let places = places(of: name)
    if places.isEmpty { return append(Array(name.utf8) + [UInt8(ascii: "=")] + value) }
    // From the last to the first, so that the others stay where they are.
    for place in places.reversed() { bytes.replaceSubrange(place, with: value) }
  }

  /// Letters, digits and `-._~+/=:`: RFC 6750's tokens, and Fyers' `APP:TOKEN`. A line feed from a broker would be a line of
  /// its own; quotes, blanks, `#`, `$` and backslashes mean something to one reader or another.
  static func isPlain(_ value: [UInt8]) -> Bool {
    !value.isEmpty
      && value.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._~+/=:".utf8.contains(byte)
        }
      }
  }

  private mutating func append(_ line: [UInt8]) {
    // As the lines before end.
    let isDOS = bytes.lastIndex(of: EnvScanner.lineFeed).map { $0 > 0 && bytes[$0 - 1] == EnvScanner.carriageReturn }
    let end = isDOS == true ? [EnvScanner.carriageReturn, EnvScanner.lineFeed] : [EnvScanner.lineFeed]
    // A carriage return alone ends no line for every reader.
    if let last = bytes.last, last != EnvScanner.lineFeed { bytes += end }
    bytes += line + end
  }

  private func places(of name: String) -> [Range<Int>] {
    let name = Array(name.utf8)
    var scanner = EnvScanner(bytes)
    var places: [Range<Int>] = []
    while let assignment = scanner.next() {
      if bytes[assignment.name].elementsEqual(name) { places.append(assignment.value) }
    }
    return places
  }
}

/// Goes through a `.env` file from one assignment to the next.
private struct EnvScanner {
  struct Assignment {
    let name: Range<Int>
    /// Without quotes; empty, behind the equals sign, where nothing is assigned.
    let value: Range<Int>
  }

  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private let bytes: [UInt8]
  private var position: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: EnvScanner.byteOrderMark) ? EnvScanner.byteOrderMark.count : 0
  }

  mutating func next() -> Assignment? {
    while true {
      skip { EnvScanner.isBlank($0) || EnvScanner.isLineEnd($0) }
      guard position < bytes.count else { return nil }
      let assignment = assignment()
      // The rest of what is no assignment is no beginning of one.
      if assignment == nil { skip { !EnvScanner.isLineEnd($0) } }
      if let assignment { return assignment }
    }
  }

  private mutating func assignment() -> Assignment? {
    skipExport()
    guard let name = name() else { return nil }
    skip(EnvScanner.isBlank)
    guard take(UInt8(ascii: "=")), let value = value() else { return nil }
    skip(EnvScanner.isBlank)
    if here == UInt8(ascii: "#") { skip { !EnvScanner.isLineEnd($0) } }
    guard here.map(EnvScanner.isLineEnd) ?? true else { return nil }
    return Assignment(name: name, value: value)
  }

  private mutating func skipExport() {
    let word = Array("export".utf8)
    let end = position + word.count
    guard bytes[position...].starts(with: word), end < bytes.count, EnvScanner.isBlank(bytes[end]) else { return }
    position = end
    skip(EnvScanner.isBlank)
  }

  private mutating func name() -> Range<Int>? {
    if here == UInt8(ascii: "'") {
      return quoted(UInt8(ascii: "'"), mayEscape: false).flatMap { $0.isEmpty ? nil : $0 }
    }
    let start = position
    skip { !EnvScanner.isBlank($0) && !EnvScanner.isLineEnd($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "#") }
    return start < position ? start..<position : nil
  }

  /// Behind the equals sign.
  private mutating func value() -> Range<Int>? {
    let start = position
    skip(EnvScanner.isBlank)
    guard let first = here, !EnvScanner.isLineEnd(first) else { return start..<start }
    switch first {
    case UInt8(ascii: "#") where position > start: return start..<start
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return quoted(first, mayEscape: true)
    default: return bare()
    }
  }

  /// What stands between two quotes, also over several lines; `nil`, and nothing is skipped, where the second one is
  /// missing.
  private mutating func quoted(_ quote: UInt8, mayEscape: Bool) -> Range<Int>? {
    let start = position + 1
    var end = start
    while end < bytes.count, bytes[end] != quote {
      end += mayEscape && bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else { return nil }
    position = end + 1
    return start..<end
  }

  /// To the end of the line, or to a comment with a blank before it; blanks at the end are none of it.
  private mutating func bare() -> Range<Int> {
    let start = position
    var end = start
    while let byte = here, !EnvScanner.isLineEnd(byte) {
      if EnvScanner.isBlank(byte) {
        skip(EnvScanner.isBlank)
        if here == UInt8(ascii: "#") { break }
      } else {
        position += 1
        end = position
      }
    }
    return start..<end
  }

  private var here: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard here == byte else { return false }
    position += 1
    return true
  }

  private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
    while let byte = here, isSkipped(byte) { position += 1 }
  }

  static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

  /// Of ASCII alone: other blanks count as letters.
  private static func isBlank(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0B, 0x0C, 0x1C...0x1F: true
    default: false
    }
  }
}
