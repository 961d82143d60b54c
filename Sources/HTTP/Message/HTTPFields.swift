/// Fields of an answer, kept as the bytes that will stand on the wire.
///
/// Each field is checked when it is added, so that nothing in a value can end its line: the serialiser
/// then only copies. A set that never changes is made once and shared.
public struct HTTPFields: Sendable, Equatable {
  /// Why a field was not taken.
  public enum Refusal: Error, Equatable, Sendable {
    /// The name is empty or holds a byte that is no token character (RFC 9110 5.1).
    case invalidName
    /// The value holds a control character other than a tab, or begins or ends with white space (RFC 9110 5.5).
    case invalidValue
    /// The name belongs to the framing of the message, which only the serialiser decides.
    case reservedName
  }

  /// `name: value CRLF`, repeated.
  private(set) var bytes: [UInt8] = []

  public init() {}

  /// Makes a set of fields from literals.
  /// - Throws: the first field's ``Refusal``.
  public init(_ pairs: KeyValuePairs<String, String>) throws(Refusal) {
    for (name, value) in pairs { try append(name, value) }
  }

  public var isEmpty: Bool { bytes.isEmpty }

  /// Adds one field line.
  /// - Throws: ``Refusal``; the set is then unchanged.
  public mutating func append(_ name: String, _ value: String) throws(Refusal) {
    let nameBytes = name.utf8
    guard !nameBytes.isEmpty, nameBytes.allSatisfy({ ByteClass.isToken($0) }) else { throw .invalidName }
    let lowered = name.lowercased()
    switch lowered {
    case "content-length", "transfer-encoding", "connection", "date", "keep-alive", "trailer", "upgrade":
      throw .reservedName
    default: break
    }
    let valueBytes = value.utf8
    guard valueBytes.allSatisfy({ ByteClass.isFieldContent($0) }) else { throw .invalidValue }
    if let first = valueBytes.first, let last = valueBytes.last {
      guard !ByteClass.isBlank(first), !ByteClass.isBlank(last) else { throw .invalidValue }
    }
    bytes.append(contentsOf: nameBytes)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: valueBytes)
    bytes.append(UInt8(ascii: "\r"))
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Adds a field whose name and beginning were checked before, with `number` in base 36 behind them.
  public mutating func append(_ start: Start, base36 number: UInt64) {
    bytes.reserveCapacity(bytes.count + start.bytes.count + 16)
    bytes.append(contentsOf: start.bytes)
    var place: UInt64 = 1
    while number / place >= 36 { place *= 36 }
    while place > 0 {
      let digit = UInt8(truncatingIfNeeded: number / place % 36)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      place /= 36
    }
    bytes.append(UInt8(ascii: "\r"))
    bytes.append(UInt8(ascii: "\n"))
  }

  /// A field's name and the beginning of its value, checked once for many fields.
  public struct Start: Sendable {
    fileprivate let bytes: [UInt8]

    /// - Throws: ``Refusal``, as ``append(_:_:)`` does.
    public init(_ name: String, _ value: String) throws(Refusal) {
      var fields = HTTPFields()
      try fields.append(name, value)
      bytes = Array(fields.bytes.dropLast(2))
    }
  }

  /// Adds all of `other`.
  public mutating func append(contentsOf other: HTTPFields) {
    bytes.append(contentsOf: other.bytes)
  }

  /// Whether there is a field called `name`, given in lower case.
  public func contains(_ name: StaticString) -> Bool {
    let all = bytes.span
    var start = 0
    while let end = all.firstOffset(of: UInt8(ascii: "\n"), from: start) {
      let nameEnd = start + name.utf8CodeUnitCount
      if nameEnd < end, all[nameEnd] == UInt8(ascii: ":"), all.part(start..<nameEnd).equalsIgnoringCase(name) {
        return true
      }
      start = end + 1
    }
    return false
  }

  /// The first value under `name` (compared without case), for tests and logs.
  public subscript(_ name: String) -> String? {
    let wanted = name.lowercased()
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == wanted else { continue }
      return String(line[colon...].dropFirst(2))
    }
    return nil
  }
}
