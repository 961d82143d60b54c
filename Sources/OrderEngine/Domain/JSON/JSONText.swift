/// Where a string stands in the scanned bytes, without its quotes and still escaped.
public struct JSONText: Hashable, Sendable {
  public let start: Int
  public let end: Int
  /// Whether it holds a backslash, so that its bytes are not its text.
  public let isEscaped: Bool

  init(start: Int, end: Int, isEscaped: Bool) {
    self.start = start
    self.end = end
    self.isEscaped = isEscaped
  }

  public var range: Range<Int> { start..<end }
}

/// What kind of value stands at a place.
public enum JSONKind: UInt8, Hashable, Sendable {
  case object = 1
  case array, string, number, boolean, null

  /// As an error message words it.
  var words: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .boolean: "true or false"
    case .null: "null"
    }
  }
}
