/// Writes JSON (RFC 8259) into bytes, in the order of the calls and without an intermediate tree.
///
/// The caller opens and closes what it writes; commas are put where they belong.
public struct JSONWriter: Sendable {
  public private(set) var bytes: [UInt8]
  private var needsComma = false

  public init(reserving capacity: Int = 512) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  public mutating func object(_ name: StaticString? = nil, _ fields: (inout JSONWriter) -> Void) {
    enclosed(name, UInt8(ascii: "{"), UInt8(ascii: "}"), fields)
  }

  public mutating func array(_ name: StaticString? = nil, _ elements: (inout JSONWriter) -> Void) {
    enclosed(name, UInt8(ascii: "["), UInt8(ascii: "]"), elements)
  }

  /// An object whose name is not known before it runs, such as an instrument's.
  public mutating func object(named name: String, _ fields: (inout JSONWriter) -> Void) {
    begin(nil)
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    enclosed(nil, UInt8(ascii: "{"), UInt8(ascii: "}"), fields)
  }

  public mutating func string(_ name: StaticString? = nil, _ value: String) {
    let text = value.utf8.span
    if JSONWriter.isPlain(text) {
      // Nearly all texts: comma, name and value in one piece.
      begin(name, quoting: text)
    } else {
      begin(name)
      escape(text)
    }
    needsComma = true
  }

  public mutating func string(_ name: StaticString? = nil, _ id: AlertIdentity) {
    quoted(name) { id.write(to: &$0) }
  }

  public mutating func string(_ name: StaticString? = nil, _ id: CorrelationID) {
    quoted(name) { id.write(to: &$0) }
  }

  public mutating func string(_ name: StaticString? = nil, _ time: Timestamp) {
    quoted(name) { time.write(to: &$0) }
  }

  public mutating func string(_ name: StaticString? = nil, _ account: AccountID) {
    quoted(name) { account.write(to: &$0) }
  }

  public mutating func optionalString(_ name: StaticString, id: BrokerOrderID?) {
    // Visible ASCII, which may hold what JSON must escape.
    if let id { string(name, id.text) } else { null(name) }
  }

  /// A text that needs no escape.
  private mutating func quoted(_ name: StaticString?, _ write: (inout [UInt8]) -> Void) {
    begin(name)
    bytes.append(UInt8(ascii: "\""))
    write(&bytes)
    bytes.append(UInt8(ascii: "\""))
    needsComma = true
  }

  /// A field whose name is not known before it runs, such as a log's metadata key.
  public mutating func string(named name: String, _ value: String) {
    begin(nil)
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    quote(value)
    needsComma = true
  }

  public mutating func integer(_ name: StaticString? = nil, _ value: some BinaryInteger) {
    begin(name)
    if let small = Int64(exactly: value) {
      bytes.append(decimal: small)
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
    needsComma = true
  }

  public mutating func boolean(_ name: StaticString? = nil, _ value: Bool) {
    begin(name)
    bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
    needsComma = true
  }

  public mutating func null(_ name: StaticString? = nil) {
    begin(name)
    bytes.append(contentsOf: "null".utf8)
    needsComma = true
  }

  /// A decimal that is already written as JSON wants it, such as a price: exact, never through a `Double`.
  public mutating func number(_ name: StaticString? = nil, decimalText: String) {
    begin(name)
    bytes.append(contentsOf: decimalText.utf8)
    needsComma = true
  }

  public mutating func optionalString(_ name: StaticString, _ value: String?) {
    if let value { string(name, value) } else { null(name) }
  }

  private mutating func enclosed(
    _ name: StaticString?, _ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void
  ) {
    begin(name)
    bytes.append(open)
    needsComma = false
    content(&self)
    bytes.append(close)
    needsComma = true
  }

  private mutating func begin(_ name: StaticString?) {
    let hadElement = needsComma
    needsComma = false
    guard let name else {
      if hadElement { bytes.append(UInt8(ascii: ",")) }
      return
    }
    bytes.append(addingCapacity: name.utf8CodeUnitCount + 4) { field in
      if hadElement { field.append(UInt8(ascii: ",")) }
      field.append(name: name)
    }
  }

  /// A field whose value is a text that needs no escape.
  private mutating func begin(_ name: StaticString?, quoting text: Span<UInt8>) {
    let hadElement = needsComma
    bytes.append(addingCapacity: (name?.utf8CodeUnitCount ?? 0) + text.count + 6) { field in
      if hadElement { field.append(UInt8(ascii: ",")) }
      if let name { field.append(name: name) }
      field.append(UInt8(ascii: "\""))
      // Nothing of the buffer is kept.
      unsafe text.withUnsafeBufferPointer { unsafe field.append(all: $0) }
      field.append(UInt8(ascii: "\""))
    }
  }

  private mutating func quote(_ value: String) {
    let text = value.utf8.span
    needsComma = false
    if JSONWriter.isPlain(text) { begin(nil, quoting: text) } else { escape(text) }
  }

  /// Whether none of the bytes must be escaped. All are looked at, so that many are at once.
  private static func isPlain(_ text: Span<UInt8>) -> Bool {
    var escapeCount: UInt8 = 0
    for index in text.indices {
      // Within its indices.
      let byte = unsafe text[unchecked: index]
      escapeCount |=
        (byte < 0x20 ? 1 : 0) | (byte == 0x22 ? 1 : 0) | (byte == 0x5C ? 1 : 0) | (byte == 0x3C ? 1 : 0)
        | (byte == 0x7F ? 1 : 0)
    }
    return escapeCount == 0
  }

  private mutating func escape(_ text: Span<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for index in text.indices {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      // Also `<`, so that an answer pasted into a page's script can never end it.
      case 0..<0x20, UInt8(ascii: "<"), 0x7F:
        bytes.append(contentsOf: "\\u00".utf8)
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension OutputSpan<UInt8> {
  /// A field's name and its colon. A literal of the program's: it lives as long, and holds nothing that needs an escape.
  fileprivate mutating func append(name: StaticString) {
    append(UInt8(ascii: "\""))
    unsafe append(all: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    append(UInt8(ascii: "\""))
    append(UInt8(ascii: ":"))
  }

  /// Appends all of them in one piece; traps where there is no room, as ``append(_:)`` does.
  @unsafe
  fileprivate mutating func append(all text: UnsafeBufferPointer<UInt8>) {
    precondition(text.count <= freeCapacity, "no room for \(text.count) bytes")
    unsafe withUnsafeMutableBufferPointer { buffer, count in
      _ = unsafe UnsafeMutableBufferPointer(rebasing: buffer[count...]).initialize(from: text)
      count += text.count
    }
  }
}
