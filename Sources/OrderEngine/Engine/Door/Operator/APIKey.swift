package import OrderDomain

/// A program's key as it is kept: everything but the key, of which only the digest is. It has 256 random bits, so a plain
/// SHA-256 of it is as good as a slow hash: there is nothing to guess from.
package struct APIKey: Equatable, Sendable {
  package let name: String
  package let scope: OperatorScope
  package let createdOn: CalendarDate
  /// The last day in India on which it opens anything; `nil` is for ever.
  package let until: CalendarDate?
  let digest: Digest256

  /// Keys begin so, and scanners that look for leaked secrets know them by it.
  package static let prefix = "oe_"

  /// - Parameter name: 1 to 32 of `a-z`, `0-9`, `-`, `_` and `.`: it stands in logs and in the journal.
  package static func isName(_ name: String) -> Bool {
    (1...32).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
          UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  func isValid(on date: CalendarDate) -> Bool { until.map { date <= $0 } ?? true }
}

/// All keys, as the file `api-keys` has them: one a line, `NAME SCOPE CREATED UNTIL SHA256`, with `-` for a key without an
/// end.
package struct APIKeyRing: Equatable, Sendable {
  package static let limit = 256

  package private(set) var keys: [APIKey] = []

  package init() {}

  package init(text: String) throws(Refusal) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.isEmpty || line.hasPrefix("#") { continue }
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard words.count == 5, APIKey.isName(words[0]), let scope = OperatorScope(rawValue: words[1]),
        let createdOn = CalendarDate(iso: words[2]), words[3] == "-" || CalendarDate(iso: words[3]) != nil,
        let digest = Digest256(hex: Array(words[4].utf8).span), keys.count < APIKeyRing.limit,
        !keys.contains(where: { $0.name == words[0] })
      else {
        throw Refusal(
          code: "auth.keysUnreadable", cause: "line \(index + 1) of the file of API keys is none",
          fix: "restore the file, or remove the line and make its key anew with order-engine keys add")
      }
      keys.append(
        APIKey(name: words[0], scope: scope, createdOn: createdOn, until: CalendarDate(iso: words[3]), digest: digest))
    }
  }

  package var text: String {
    var text = "# API keys of this engine: name, scope, made on, valid until, SHA-256. order-engine keys writes it.\n"
    for key in keys {
      let until = key.until?.description ?? "-"
      text += "\(key.name) \(key.scope.rawValue) \(key.createdOn) \(until) \(key.digest.hex)\n"
    }
    return text
  }

  /// The key that was offered, if it is one of these and has not ended.
  func key(_ offered: Secret, on date: CalendarDate) -> APIKey? {
    let digest = Digest256(sha256Of: offered)
    // All are compared, so that the time does not tell where it stands.
    var found: APIKey?
    for key in keys where key.digest.matches(digest) { found = key }
    return found.flatMap { $0.isValid(on: date) ? $0 : nil }
  }

  /// - Returns: the key itself, which is nowhere from then on.
  package mutating func add(
    _ name: String, scope: OperatorScope, on date: CalendarDate, until: CalendarDate?
  ) throws(Refusal) -> String {
    guard APIKey.isName(name) else {
      throw Refusal(
        code: "auth.badKeyName", cause: "\"\(name.prefix(64))\" is no name for a key",
        fix: "use 1 to 32 of a-z, 0-9, -, _ and .")
    }
    guard !keys.contains(where: { $0.name == name }) else {
      throw Refusal(
        code: "auth.keyNameTaken", cause: "there is a key named \(name)",
        fix: "choose another name, or revoke that one first")
    }
    guard keys.count < APIKeyRing.limit else {
      throw Refusal(
        code: "auth.tooManyKeys", cause: "there are \(keys.count) keys", fix: "revoke those that nobody uses")
    }
    if let until, until < date {
      throw Refusal(code: "auth.keyEnded", cause: "\(until) has passed", fix: "choose a day that is to come")
    }
    let text = APIKey.prefix + RandomText.make(bits: 256)
    keys.append(
      APIKey(name: name, scope: scope, createdOn: date, until: until, digest: Digest256(sha256Of: Secret(text))))
    return text
  }

  package mutating func revoke(_ name: String) throws(Refusal) {
    guard let index = keys.firstIndex(where: { $0.name == name }) else {
      throw Refusal(
        code: "auth.keyUnknown", cause: "there is no key named \(name.prefix(64))",
        fix: "order-engine keys list shows them")
    }
    keys.remove(at: index)
  }
}
