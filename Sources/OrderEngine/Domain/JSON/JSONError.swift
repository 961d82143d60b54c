/// Why a text is not JSON that the engine takes, and where.
public struct JSONError: Error, Hashable, Sendable {
  public let problem: JSONProblem
  /// The byte at which it shows, counted from 0.
  public let offset: Int

  public init(_ problem: JSONProblem, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  public var code: String { problem.rawValue }
  public var cause: String { "byte \(offset): " + problem.cause }
  public var fix: String { problem.fix }
}

/// Everything that ``JSONScanner`` refuses. The raw value is the stable code.
public enum JSONProblem: String, Hashable, Sendable, CaseIterable {
  case empty = "json.empty"
  case byteOrderMark = "json.byteOrderMark"
  case truncated = "json.truncated"
  case expectedValue = "json.expectedValue"
  case expectedKey = "json.expectedKey"
  case expectedColon = "json.expectedColon"
  case expectedComma = "json.expectedComma"
  case trailingComma = "json.trailingComma"
  case trailingBytes = "json.trailingBytes"
  case badNumber = "json.badNumber"
  case badEscape = "json.badEscape"
  case controlCharacter = "json.controlCharacter"
  case badUTF8 = "json.badUTF8"
  case loneSurrogate = "json.loneSurrogate"
  case tooDeep = "json.tooDeep"
  case duplicateKey = "json.duplicateKey"
  case wrongType = "json.wrongType"
  /// The only one that says nothing about the text as a whole: a number that is legal JSON, and more than the engine
  /// can hold exactly.
  case numberOutOfRange = "json.numberOutOfRange"

  public var cause: String {
    switch self {
    case .empty: "there is nothing but white space"
    case .byteOrderMark: "the text starts with a byte order mark"
    case .truncated: "the text ends in the middle of a value"
    case .expectedValue: "a value should start here"
    case .expectedKey: "a field name in double quotes should stand here"
    case .expectedColon: "a colon should stand between the field name and its value"
    case .expectedComma: "a comma or the closing bracket should stand here"
    case .trailingComma: "the comma before this closing bracket has nothing behind it"
    case .trailingBytes: "something follows after the end of the JSON value"
    case .badNumber: "this is not a JSON number"
    case .badEscape: "this backslash starts no JSON escape"
    case .controlCharacter: "a control character stands unescaped in a string"
    case .badUTF8: "these bytes are not UTF-8"
    case .loneSurrogate: "this \\u escape is half of a surrogate pair without its other half"
    case .tooDeep: "brackets are nested more than \(JSONScanner.depthLimit) deep"
    case .duplicateKey: "this field name stands twice in one object"
    case .wrongType: "the value has another type than the reader needs"
    case .numberOutOfRange: "the number has more than \(Decimal.digitLimit) digits before or after its point"
    }
  }

  public var fix: String {
    switch self {
    case .empty: "send the alert as one JSON object"
    case .byteOrderMark: "save the message as UTF-8 without a byte order mark"
    case .truncated: "close every string, bracket and brace; check that the whole message was pasted"
    case .expectedValue: "write a string in double quotes, a number, true, false, null, an object or an array"
    case .expectedKey: "put the field name in double quotes"
    case .expectedColon: "write \"name\": value"
    case .expectedComma: "separate fields by one comma, and close what is open"
    case .trailingComma: "remove the last comma"
    case .trailingBytes: "send one JSON object and nothing after it"
    case .badNumber: "write digits such as 10 or 2450.05: no +, no leading zero, no NaN; or put it in double quotes"
    case .badEscape:
      "write \\\\ for a backslash; legal are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits"
    case .controlCharacter: "write \\n for a line break and \\t for a tab inside strings"
    case .badUTF8: "send the message in UTF-8"
    case .loneSurrogate: "write both halves of the pair, or the character itself in UTF-8"
    case .tooDeep: "send a flatter message"
    case .duplicateKey: "keep one of the two fields"
    case .wrongType: "see the field's description"
    case .numberOutOfRange: "send a shorter number"
    }
  }
}
