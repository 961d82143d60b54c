internal import OrderDomain

/// Reads a broker's JSON with the forgiveness that brokers need, and no more: numbers may come as strings, what is missing
/// may be `null`, `""` or `"NA"`, fields that nobody asked for are skipped. The grammar is never forgiven.
struct WireReader: ~Escapable {
  private let bytes: Span<UInt8>
  var scanner: JSONScanner

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    scanner = JSONScanner(bytes)
  }

  /// The next field's name, past its colon; `nil` past the closing brace.
  mutating func nextKey() throws(JSONError) -> String? {
    guard let key = try scanner.nextKey() else { return nil }
    return scanner.text(key)
  }

  /// Whether an object starts here; another value is skipped.
  mutating func beginsObject() throws(JSONError) -> Bool { try begins(.object) }

  /// Whether an array starts here; another value is skipped.
  mutating func beginsArray() throws(JSONError) -> Bool { try begins(.array) }

  private mutating func begins(_ kind: JSONKind) throws(JSONError) -> Bool {
    guard try scanner.peek() == kind else {
      try scanner.skipValue()
      return false
    }
    if kind == .object { try scanner.beginObject() } else { try scanner.beginArray() }
    return true
  }

  /// A string as it is, or a number as it is written; `nil` for anything else.
  mutating func text() throws(JSONError) -> String? {
    switch try scanner.peek() {
    case .string: return scanner.text(try scanner.string())
    case .number:
      let range = try scanner.number()
      return String(
        decoding: unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe Array($0) }, as: UTF8.self)
    case .object, .array, .boolean, .null:
      try scanner.skipValue()
      return nil
    }
  }

  /// A text that says something: not empty, and none of the words that stand for nothing.
  mutating func meaningfulText() throws(JSONError) -> String? {
    guard let text = try text() else { return nil }
    switch text {
    case "", "NA", "N/A", "null", "NULL", "None", "-": return nil
    default: return text
    }
  }

  /// A number, plain or in a string; `nil` for anything else, and beyond what a ``Decimal`` holds.
  mutating func decimal() throws(JSONError) -> Decimal? {
    guard let text = try text() else { return nil }
    return WireReader.decimal(text)
  }

  /// A whole number, also when it is written as `65.0`.
  mutating func integer() throws(JSONError) -> Int64? { try decimal()?.units(scale: 0) }

  /// A signed count of units; `nil` also for more than ``unitsLimit``, so that sums over any book stay far from overflow.
  mutating func units() throws(JSONError) -> Int64? {
    guard let value = try integer(), (-WireReader.unitsLimit...WireReader.unitsLimit).contains(value) else {
      return nil
    }
    return value
  }

  /// A million times what one order may have.
  static let unitsLimit = Quantity.limit.units * 1_000_000

  mutating func boolean() throws(JSONError) -> Bool? {
    switch try scanner.peek() {
    case .boolean: return try scanner.boolean()
    case .string, .number:
      switch try text()?.lowercased() {
      case "true", "1", "yes", "y": return true
      case "false", "0", "no", "n": return false
      default: return nil
      }
    case .object, .array, .null:
      try scanner.skipValue()
      return nil
    }
  }

  /// Averages come with as many digits as a binary fraction has; what lies behind the twelfth says nothing of a price.
  static func decimal(_ text: String) -> Decimal? {
    let bytes = Array(text.utf8)
    if let exact = Decimal(jsonNumber: bytes.span, allowsLeadingZeros: true) { return exact }
    guard let point = bytes.firstIndex(of: UInt8(ascii: ".")), bytes.count > point + 13,
      bytes[(point + 1)...].allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    let cut = Array(bytes[..<(point + 13)])
    return Decimal(jsonNumber: cut.span, allowsLeadingZeros: true)
  }
}
