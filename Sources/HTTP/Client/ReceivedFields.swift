/// The fields of an answer that came in, in their order.
package struct ReceivedFields: Sendable {
  private var bytes: [UInt8] = []
  private var lines: [FieldLine] = []

  package init() {}

  package var count: Int { lines.count }

  /// The first value under `name`, compared without case.
  package subscript(_ name: String) -> String? {
    for line in lines where isName(line, name) { return String(decoding: bytes[line.value], as: UTF8.self) }
    return nil
  }

  /// All values under `name`, in the order in which they came.
  package func values(_ name: String) -> [String] {
    lines.filter { isName($0, name) }.map { String(decoding: bytes[$0.value], as: UTF8.self) }
  }

  /// The field at `index`.
  package func field(at index: Int) -> (name: String, value: String) {
    let line = lines[index]
    return (String(decoding: bytes[line.name], as: UTF8.self), String(decoding: bytes[line.value], as: UTF8.self))
  }

  private func isName(_ line: FieldLine, _ name: String) -> Bool {
    line.name.count == name.utf8.count
      && zip(bytes[line.name], name.utf8).allSatisfy { ByteClass.lowercased($0) == ByteClass.lowercased($1) }
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }

  /// Takes a line `name: value` with its line end, or the continuation of the last one's value. False if it is neither.
  mutating func append(_ line: Span<UInt8>) -> Bool {
    if line.count > 0, ByteClass.isBlank(line[0]) { return appendFold(line) }
    guard let colon = line.firstOffset(of: UInt8(ascii: ":")), colon > 0 else { return false }
    var start = colon + 1
    var end = line.count
    while end > start, line[end - 1] <= 0x20 { end -= 1 }
    while start < end, ByteClass.isBlank(line[start]) { start += 1 }
    let base = bytes.count
    bytes.append(line.part(0..<end))
    lines.append(FieldLine(name: base..<base + colon, value: base + start..<base + end))
    return true
  }

  /// A folded line stands for one space (RFC 9112 5.2).
  private mutating func appendFold(_ line: Span<UInt8>) -> Bool {
    guard let last = lines.popLast() else { return false }
    var start = 0
    var end = line.count
    while end > start, line[end - 1] <= 0x20 { end -= 1 }
    while start < end, ByteClass.isBlank(line[start]) { start += 1 }
    bytes.append(UInt8(ascii: " "))
    bytes.append(line.part(start..<end))
    lines.append(FieldLine(name: last.name, value: last.value.lowerBound..<bytes.count))
    return true
  }
}
