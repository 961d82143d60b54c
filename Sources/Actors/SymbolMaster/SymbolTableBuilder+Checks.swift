extension SymbolTableBuilder {
  /// Re-saved files may start with a byte order mark.
  static func startAfterByteOrderMark(_ bytes: Span<UInt8>) -> Int {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
  }

  /// What the file is when it is plainly no CSV; `nil` when it may be one.
  static func foreignKind(_ bytes: Span<UInt8>, from start: Int) -> String? {
    var index = start
    while index < bytes.count, index < start + 256 {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): index += 1
      case UInt8(ascii: "<"): return "an HTML or XML page"
      case UInt8(ascii: "{"), UInt8(ascii: "["): return "JSON"
      case 0x1F where index + 1 < bytes.count && bytes[index + 1] == 0x8B: return "gzip (decompress it first)"
      case UInt8(ascii: "P") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "K"): return "a ZIP file"
      default: return nil
      }
    }
    return "empty"
  }

  static func validateUTF8(_ bytes: Span<UInt8>, file: String) throws(SymbolFileError) {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes)
    } catch {
      var line = 1
      for index in 0..<min(error.byteOffsets.lowerBound, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
        line += 1
      }
      throw SymbolFileError(file: file, line: line, reason: .invalidUTF8)
    }
  }

  /// A damaged value for an error message: at most 40 bytes, nothing that could disturb a terminal.
  static func printable(_ text: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in 0..<min(text.count, 40) {
      let byte = text[index]
      bytes.append(byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?"))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text of a quoted field with its doubled quotes halved.
  static func unescaped(_ text: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      bytes.append(text[index])
      index += text[index] == UInt8(ascii: "\"") ? 2 : 1
    }
    return bytes
  }

  /// A security id: digits only, within 32 bits (today's largest has seven digits).
  static func securityID(_ text: Span<UInt8>, column: String) throws(Fault) -> UInt32 {
    var value: UInt64 = 0
    var isNumber = !text.isEmpty && text.count <= 10
    for index in 0..<(isNumber ? text.count : 0) {
      let digit = text[index] &- UInt8(ascii: "0")
      if digit > 9 { isNumber = false }
      value = value &* 10 &+ UInt64(digit)
    }
    guard isNumber, let id = UInt32(exactly: value) else {
      throw Fault(column: column, reason: .impossibleValue(printable(text)))
    }
    return id
  }

  /// A number that must be one, or `nil` for an empty field.
  static func number(_ text: Span<UInt8>, column: String) throws(Fault) -> CSVNumber? {
    if text.isEmpty { return nil }
    guard let number = CSVNumber(text) else {
      throw Fault(column: column, reason: .impossibleValue(printable(text)))
    }
    return number
  }

  /// Units per lot; `nil` when the row has none.
  static func lot(_ text: Span<UInt8>, column: String) throws(Fault) -> UInt32? {
    guard let number = try number(text, column: column) else { return nil }
    guard let whole = number.whole, whole <= 100_000_000 else {
      throw Fault(column: column, reason: .impossibleValue(printable(text)))
    }
    return whole > 0 ? UInt32(whole) : nil
  }

  /// A tick in ten-thousandths of a rupee; `nil` when the row has none.
  ///
  /// - Parameter perRupee: how many of the column's units make a rupee: 1, or 100 for paise.
  static func tick(_ text: Span<UInt8>, column: String, perRupee: Int64) throws(Fault) -> UInt32? {
    guard let number = try number(text, column: column) else { return nil }
    if number.tenThousandths <= 0, number.isExact { return nil }
    guard number.isExact, number.tenThousandths % perRupee == 0,
      let tick = UInt32(exactly: number.tenThousandths / perRupee)
    else { throw Fault(column: column, reason: .impossibleValue(printable(text))) }
    return tick
  }

  /// An option's strike; `nil` when the row has none.
  static func strike(_ text: Span<UInt8>, column: String) throws(Fault) -> PackedPrice? {
    guard let number = try number(text, column: column) else { return nil }
    if number.tenThousandths <= 0, number.isExact { return nil }
    guard number.isExact, let strike = PackedPrice(tenThousandths: number.tenThousandths) else {
      throw Fault(column: column, reason: .impossibleValue(printable(text)))
    }
    return strike
  }
}

extension Span<UInt8> {
  /// Whether these are exactly the bytes of an ASCII literal.
  @inline(__always)
  func equals(_ literal: StaticString) -> Bool {
    guard count == literal.utf8CodeUnitCount else { return false }
    return literal.withUTF8Buffer { buffer in
      for index in 0..<count where unsafe buffer[index] != self[index] { return false }
      return true
    }
  }

  @inline(__always)
  func starts(with literal: StaticString) -> Bool {
    let length = literal.utf8CodeUnitCount
    return count >= length && extracting(0..<length).equals(literal)
  }
}
