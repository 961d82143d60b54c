/// Reads one JSON text from front to back, once, and refuses all that RFC 8259 does not allow.
///
/// The caller pulls: ``beginObject()``, then ``nextKey()`` until it is `nil`, and after each key exactly one value (a
/// reader such as ``string()``, or ``skipValue()``, which checks as strictly as reading does). ``finish()`` makes sure
/// that nothing follows. Nothing recurses, nothing is built, and an unescaped string costs no memory.
///
/// Where RFC 8259 leaves the answer to the receiver, this is it: no byte order mark (section 8.1), no unpaired surrogates
/// (section 8.2), at most ``depthLimit`` levels (section 9), numbers of any size by grammar, and exact or refused when
/// read (section 6). Names are not compared (section 4): who reads a field refuses its double, and the double of a field
/// that nobody reads says nothing to anybody. The caller bounds the size of the text.
public struct JSONScanner: ~Escapable {
  let bytes: Span<UInt8>
  /// The next byte to look at.
  public internal(set) var position = 0
  private var depth = 0
  /// One bit a level, the lowest for the outermost: whether it is an object.
  private var objectLevels: UInt32 = 0
  /// Whether the innermost bracket was opened by the last step, so that no comma may come.
  private var isFirst = false

  /// Levels of brackets; the alert formats need three.
  public static let depthLimit = 32

  @_lifetime(copy bytes)
  public init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
  }

  // MARK: What comes

  /// The kind of the value that starts here, by its first byte.
  @inline(__always)
  public mutating func peek() throws(JSONError) -> JSONKind {
    let start = spaceEnd(from: position)
    position = start
    if start < bytes.count, bytes[start] == UInt8(ascii: "\"") { return .string }
    return try kindHere()
  }

  @inline(never)
  private func kindHere() throws(JSONError) -> JSONKind {
    guard position < bytes.count else { throw JSONError(depth == 0 ? .empty : .truncated, at: position) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case 0xEF where position == 0 && startsWithByteOrderMark: throw JSONError(.byteOrderMark, at: 0)
    case UInt8(ascii: "+"), UInt8(ascii: "."): throw JSONError(.badNumber, at: position)
    case UInt8(ascii: "N") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "a"),
      UInt8(ascii: "I") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "n"):
      // NaN and Infinity, which many writers send and RFC 8259 has not.
      throw JSONError(.badNumber, at: position)
    default: throw JSONError(.expectedValue, at: position)
    }
  }

  private var startsWithByteOrderMark: Bool { bytes.count >= 3 && bytes[1] == 0xBB && bytes[2] == 0xBF }

  /// That only white space is left.
  public mutating func finish() throws(JSONError) {
    skipSpace()
    guard position == bytes.count else { throw JSONError(.trailingBytes, at: position) }
  }

  // MARK: Brackets

  public mutating func beginObject() throws(JSONError) { try open(.object) }
  public mutating func beginArray() throws(JSONError) { try open(.array) }

  private mutating func open(_ kind: JSONKind) throws(JSONError) {
    guard try peek() == kind else { throw JSONError(.wrongType, at: position) }
    guard depth < JSONScanner.depthLimit else { throw JSONError(.tooDeep, at: position) }
    let bit: UInt32 = 1 << UInt32(truncatingIfNeeded: depth)
    objectLevels = kind == .object ? objectLevels | bit : objectLevels & ~bit
    depth += 1
    position += 1
    isFirst = true
  }

  private mutating func close() {
    position += 1
    depth -= 1
    isFirst = false
  }

  /// The next field name of the innermost object, past its colon; `nil` past the closing brace.
  public mutating func nextKey() throws(JSONError) -> JSONText? {
    guard try advance(closing: UInt8(ascii: "}")) else { return nil }
    guard bytes[position] == UInt8(ascii: "\"") else { throw JSONError(.expectedKey, at: position) }
    let key = try stringHere()
    let colon = spaceEnd(from: position)
    guard colon < bytes.count else { throw JSONError(.truncated, at: colon) }
    guard bytes[colon] == UInt8(ascii: ":") else { throw JSONError(.expectedColon, at: colon) }
    position = colon &+ 1
    return key
  }

  /// Whether another element of the innermost array follows; `false` past the closing bracket.
  public mutating func nextElement() throws(JSONError) -> Bool { try advance(closing: UInt8(ascii: "]")) }

  /// To the next member of the innermost bracket, over the comma; `false` when it was closed instead.
  @inline(__always)
  private mutating func advance(closing: UInt8) throws(JSONError) -> Bool {
    // Counted in a local and stored once: a chain through memory costs more than the work (measured).
    var index = spaceEnd(from: position)
    guard index < bytes.count else { throw JSONError(.truncated, at: index) }
    let byte = bytes[index]
    if byte == closing {
      position = index
      close()
      return false
    }
    if isFirst {
      isFirst = false
    } else {
      guard byte == UInt8(ascii: ",") else { throw JSONError(.expectedComma, at: index) }
      index = spaceEnd(from: index &+ 1)
      guard index < bytes.count else { throw JSONError(.truncated, at: index) }
      if bytes[index] == closing { throw JSONError(.trailingComma, at: index) }
    }
    position = index
    return true
  }

  // MARK: Scalars

  public mutating func string() throws(JSONError) -> JSONText {
    guard try peek() == .string else { throw JSONError(.wrongType, at: position) }
    return try stringHere()
  }

  /// The string whose opening quote is the next byte.
  @inline(__always)
  mutating func stringHere() throws(JSONError) -> JSONText {
    let start = position &+ 1
    let end = plainEnd(from: start)
    if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
      position = end &+ 1
      return JSONText(start: start, end: end, isEscaped: false)
    }
    return try remainder(ofStringFrom: start, at: end)
  }

  /// The rest of a string from its first byte that is not plain.
  @inline(never)
  private mutating func remainder(ofStringFrom start: Int, at first: Int) throws(JSONError) -> JSONText {
    var isEscaped = false
    position = first
    while true {
      guard position < bytes.count else { throw JSONError(.truncated, at: position) }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        try skipEscape()
      } else if byte < 0x20 {
        throw JSONError(.controlCharacter, at: position)
      } else {
        try skipMultiByte()
      }
      position = plainEnd(from: position)
    }
    position += 1
    return JSONText(start: start, end: position - 1, isEscaped: isEscaped)
  }

  public mutating func boolean() throws(JSONError) -> Bool {
    guard try peek() == .boolean else { throw JSONError(.wrongType, at: position) }
    let isTrue = bytes[position] == UInt8(ascii: "t")
    try skipLiteral(isTrue ? "true" : "false")
    return isTrue
  }

  public mutating func null() throws(JSONError) {
    guard try peek() == .null else { throw JSONError(.wrongType, at: position) }
    try skipLiteral("null")
  }

  /// Checks a number by grammar alone and returns where it stands; ``decimal(_:)`` gives its value.
  public mutating func number() throws(JSONError) -> Range<Int> {
    guard try peek() == .number else { throw JSONError(.wrongType, at: position) }
    let start = position
    try skipNumber()
    return start..<position
  }

  // MARK: Skipping

  /// Past one value of any kind, checking all of it. Flat: it needs no stack, however deep the value is.
  public mutating func skipValue() throws(JSONError) {
    let outer = depth
    repeat {
      switch try peek() {
      case .object: try open(.object)
      case .array: try open(.array)
      case .string: _ = try stringHere()
      case .number: try skipNumber()
      case .boolean: _ = try boolean()
      case .null: try null()
      }
      // Over closing brackets to where the next value starts, or out of the value that was to be skipped.
      while depth > outer {
        let isObject = objectLevels >> UInt32(truncatingIfNeeded: depth - 1) & 1 == 1
        if isObject ? try nextKey() != nil : try nextElement() { break }
      }
    } while depth > outer
  }
}
