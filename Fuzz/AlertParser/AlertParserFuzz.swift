/// Tries four properties of the alert parser on any bytes: it does not crash; it takes as JSON exactly what a second,
/// plain checker takes; what it calls JSON is never refused as syntax but for a field that is read twice, and the other way
/// round; what it takes as an alert lies within the alert's limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAlertParser(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  let isJSON = PlainChecker.takes(bytes)
  precondition(isTakenByScanner(bytes) == isJSON, "the scanner and the plain checker differ")
  do throws(AlertError) {
    let alert = try AlertParser.parse(body: bytes.span)
    precondition(isJSON, "an alert that is no JSON")
    precondition((1...Alert.legLimit).contains(alert.legs.count))
    precondition(alert.legs.enumerated().allSatisfy { $0.offset + 1 == $0.element.number })
    precondition(alert.ignoredFields.count <= 8)
    precondition((alert.secret == nil) == (AlertParser.secret(in: bytes.span) == nil))
  } catch {
    let isTwice = error.code == JSONProblem.duplicateKey.rawValue
    precondition((error.kind == .notJSON) == !isJSON || isTwice, "refused as the wrong kind: \(error.code)")
    precondition(!error.cause.isEmpty && !error.fix.isEmpty)
  }
  return 0
}

private func isTakenByScanner(_ bytes: [UInt8]) -> Bool {
  var scanner = JSONScanner(bytes.span)
  do throws(JSONError) {
    try scanner.skipValue()
    try scanner.finish()
    return true
  } catch {
    precondition((0...bytes.count).contains(error.offset), "an offset outside the text")
    return false
  }
}

/// RFC 8259 once more, by recursion, with the standard library's UTF-8 and with our stated choices: 32 levels, whole
/// surrogate pairs, no byte order mark. Shares no line with the scanner.
private struct PlainChecker {
  private var rest: ArraySlice<UInt8>

  static func takes(_ bytes: [UInt8]) -> Bool {
    var checker = PlainChecker(rest: bytes[...])
    checker.space()
    guard checker.value(levels: 32) else { return false }
    checker.space()
    return checker.rest.isEmpty
  }

  private mutating func space() { rest = rest.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }

  private mutating func take(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  private mutating func value(levels: Int) -> Bool {
    guard let first = rest.first.map({ Character(Unicode.Scalar($0)) }) else { return false }
    switch first {
    case "{": return levels > 0 && object(levels: levels - 1)
    case "[": return levels > 0 && array(levels: levels - 1)
    case "\"": return string() != nil
    case "t": return take("true")
    case "f": return take("false")
    case "n": return take("null")
    default: return number()
    }
  }

  private mutating func array(levels: Int) -> Bool {
    guard take("[") else { return false }
    space()
    if take("]") { return true }
    while true {
      space()
      guard value(levels: levels) else { return false }
      space()
      if take("]") { return true }
      guard take(",") else { return false }
    }
  }

  private mutating func object(levels: Int) -> Bool {
    guard take("{") else { return false }
    space()
    if take("}") { return true }
    while true {
      space()
      guard string() != nil else { return false }
      space()
      guard take(":") else { return false }
      space()
      guard value(levels: levels) else { return false }
      space()
      if take("}") { return true }
      guard take(",") else { return false }
    }
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") { guard digits() > 0 else { return false } }
    if take(".") { guard digits() > 0 else { return false } }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { return false }
    }
    return true
  }

  private mutating func digits() -> Int {
    let found = rest.prefix { (0x30...0x39).contains($0) }.count
    rest = rest.dropFirst(found)
    return found
  }

  /// The string in UTF-16, in which an escape is a unit and half a pair shows.
  private mutating func string() -> [UInt16]? {
    guard take("\"") else { return nil }
    var units: [UInt16] = []
    var raw: [UInt8] = []
    func flush() -> Bool {
      guard let text = String(validating: raw, as: UTF8.self) else { return false }
      units += Array(text.utf16)
      raw = []
      return true
    }
    while let byte = rest.popFirst() {
      switch byte {
      case 0x22:
        return flush() && PlainChecker.isWhole(units) ? units : nil
      case 0x5C:
        guard flush(), let unit = escape() else { return nil }
        units.append(unit)
      case 0..<0x20: return nil
      default: raw.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> UInt16? {
    guard let letter = rest.popFirst() else { return nil }
    switch Character(Unicode.Scalar(letter)) {
    case "\"", "\\", "/": return UInt16(letter)
    case "b": return 8
    case "t": return 9
    case "n": return 10
    case "f": return 12
    case "r": return 13
    case "u":
      let digits = rest.prefix(4)
      let text = String(decoding: digits, as: UTF8.self)
      guard digits.count == 4, text.unicodeScalars.allSatisfy({ $0.properties.isASCIIHexDigit }) else { return nil }
      rest = rest.dropFirst(4)
      return UInt16(text, radix: 16)
    default: return nil
    }
  }

  private static func isWhole(_ units: [UInt16]) -> Bool { String(validating: units, as: UTF16.self) != nil }
}
