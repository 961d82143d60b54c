/// That settings were read again while the engine ran: who asked for it, and which ones are others now. Their values are
/// not told: some are secret.
public struct ConfigurationChange: Hashable, Sendable {
  /// A person's name, or the signal's.
  public let by: String
  public let keys: [String]

  /// More are no configuration of this program's.
  public static let keyLimit = 4_096

  public init(by: String, keys: [String]) {
    self.by = by
    self.keys = Array(keys.prefix(ConfigurationChange.keyLimit))
  }
}

extension ConfigurationChange {
  func encode(to writer: inout RecordWriter) {
    writer.put(by)
    writer.put(variable: UInt64(keys.count))
    for key in keys { writer.put(key) }
  }

  init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    let by = try reader.text()
    let count = try reader.variable()
    guard count <= UInt64(ConfigurationChange.keyLimit) else { throw reader.malformed }
    var keys: [String] = []
    for _ in 0..<count { keys.append(try reader.text()) }
    self.init(by: by, keys: keys)
  }
}
