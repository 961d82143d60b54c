public import OrderDomain

/// Writes the payload of a record: little-endian integers, variable-length ones (LEB128, zig-zag when signed), and text
/// with its length before it. The order of fields is the format; a record type never changes its order, a changed one
/// gets a new number.
public struct RecordWriter: Sendable {
  public private(set) var bytes: [UInt8]

  public init(reserving capacity: Int = 256) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  /// Goes on behind `bytes`, which are its own until ``giveBack(to:)``.
  init(takingOver bytes: inout [UInt8]) {
    self.bytes = []
    swap(&self.bytes, &bytes)
  }

  mutating func giveBack(to bytes: inout [UInt8]) { swap(&self.bytes, &bytes) }

  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  public mutating func put(_ value: UInt8) { bytes.append(value) }

  public mutating func put(_ value: UInt32) { bytes.append(littleEndian: value) }

  public mutating func put(_ value: UInt64) { bytes.append(littleEndian: value) }

  public mutating func put(_ value: Int64) { put(UInt64(bitPattern: value)) }

  public mutating func put(variable value: UInt64) {
    if value < 0x80 { return bytes.append(UInt8(truncatingIfNeeded: value)) }
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  public mutating func put(variable value: Int64) { put(variable: UInt64(bitPattern: value << 1 ^ value >> 63)) }

  public mutating func put(_ text: String) {
    put(variable: UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// The id's text.
  public mutating func put(_ id: CorrelationID) {
    put(variable: UInt64(CorrelationID.byteCount))
    id.write(to: &bytes)
  }

  /// The account's name.
  public mutating func put(_ account: AccountID) {
    put(variable: UInt64(account.byteCount))
    account.write(to: &bytes)
  }

  /// The order's number, as text.
  public mutating func put(optionalID id: BrokerOrderID?) {
    put(UInt8(id == nil ? 0 : 1))
    guard let id else { return }
    put(variable: UInt64(id.byteCount))
    id.write(to: &bytes)
  }

  public mutating func put(raw: [UInt8]) { bytes.append(contentsOf: raw) }

  /// Its 32 bytes.
  public mutating func put(_ chain: ChainValue) { chain.write(to: &bytes) }

  public mutating func put(optional text: String?) {
    put(UInt8(text == nil ? 0 : 1))
    if let text { put(text) }
  }
}

/// Reads what ``RecordWriter`` wrote, believing no length before it is checked.
public struct RecordReader {
  private let bytes: [UInt8]
  private var index: Int
  private let end: Int

  /// The payload does not have the shape that its record type promises.
  public struct Malformed: Error, Equatable {
    public let offset: Int
  }

  public init(_ bytes: [UInt8], range: Range<Int>) {
    self.bytes = bytes
    index = range.lowerBound
    end = range.upperBound
  }

  public init(_ bytes: [UInt8]) { self.init(bytes, range: 0..<bytes.count) }

  public var isAtEnd: Bool { index == end }

  public var malformed: Malformed { Malformed(offset: index) }

  public mutating func byte() throws(Malformed) -> UInt8 {
    guard index < end else { throw malformed }
    index += 1
    return bytes[index - 1]
  }

  public mutating func fixed32() throws(Malformed) -> UInt32 {
    guard end - index >= 4 else { throw malformed }
    var value: UInt32 = 0
    for offset in 0..<4 { value |= UInt32(bytes[index + offset]) << (8 * offset) }
    index += 4
    return value
  }

  public mutating func fixed64() throws(Malformed) -> UInt64 {
    guard end - index >= 8 else { throw malformed }
    var value: UInt64 = 0
    for offset in 0..<8 { value |= UInt64(bytes[index + offset]) << (8 * offset) }
    index += 8
    return value
  }

  public mutating func signed64() throws(Malformed) -> Int64 { Int64(bitPattern: try fixed64()) }

  public mutating func variable() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let next = try byte()
      guard shift < 63 || next <= 1 else { throw malformed }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw malformed
  }

  public mutating func signedVariable() throws(Malformed) -> Int64 {
    let value = try variable()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  public mutating func text() throws(Malformed) -> String {
    let count = try variable()
    guard count <= UInt64(end - index) else { throw malformed }
    let range = index..<index + Int(count)
    let text: String
    do throws(UTF8.ValidationError) {
      text = String(copying: try UTF8Span(validating: bytes.span.extracting(range)))
    } catch {
      throw malformed
    }
    index = range.upperBound
    return text
  }

  public mutating func optionalText() throws(Malformed) -> String? {
    switch try byte() {
    case 0: return nil
    case 1: return try text()
    default: throw malformed
    }
  }

  public mutating func raw(_ count: Int) throws(Malformed) -> [UInt8] {
    guard end - index >= count else { throw malformed }
    index += count
    return Array(bytes[index - count..<index])
  }
}
