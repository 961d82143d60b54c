import OrderDomain

/// What a vault holds: settings that are secret, by their names, and the tokens of accounts.
///
/// Sealed as entries one after the other: a byte for the kind (1 setting, 2 tokens), two bytes and a name, four bytes and a
/// value, lengths with the most significant byte first. Names rise within a kind, so that equal contents are equal bytes.
struct VaultContents: Sendable {
  var settings: [String: Secret] = [:]
  var tokens: [AccountID: StoredTokens] = [:]

  static let entryLimit = 1024
  static let valueByteLimit = 64 << 10

  init() {}

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      VaultContents.append(1, name, value.copiedBytes(), to: &bytes)
    }
    for (account, tokens) in tokens.sorted(by: { $0.key < $1.key }) {
      VaultContents.append(2, account.name, tokens.json, to: &bytes)
    }
    return bytes
  }

  /// Reads what was sealed. It was authentic: what does not fit was written by another program.
  init(_ bytes: [UInt8]) throws(Refusal) {
    var rest = bytes[...]
    while let kind = rest.popFirst() {
      let name = String(decoding: try VaultContents.take(&rest, lengthBytes: 2), as: UTF8.self)
      let value = Array(try VaultContents.take(&rest, lengthBytes: 4))
      switch kind {
      case 1: settings[name] = Secret(value)
      case 2:
        guard let account = AccountID(name), let stored = StoredTokens(json: value) else {
          throw VaultContents.unreadable
        }
        tokens[account] = stored
      default: throw VaultContents.unreadable
      }
    }
  }

  private static func append(_ kind: UInt8, _ name: String, _ value: [UInt8], to bytes: inout [UInt8]) {
    let nameBytes = Array(name.utf8)
    bytes.append(kind)
    bytes += [UInt8(truncatingIfNeeded: nameBytes.count >> 8), UInt8(truncatingIfNeeded: nameBytes.count)]
    bytes += nameBytes
    for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value.count >> shift)) }
    bytes += value
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, lengthBytes: Int) throws(Refusal) -> ArraySlice<UInt8> {
    guard rest.count >= lengthBytes else { throw unreadable }
    let count = rest.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
    rest = rest.dropFirst(lengthBytes)
    guard rest.count >= count else { throw unreadable }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static var unreadable: Refusal {
    VaultHeader.damaged("the key fits, but what it seals is not what this program writes")
  }
}
