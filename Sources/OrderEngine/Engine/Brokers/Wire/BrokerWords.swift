/// A broker's words, made fit for logs, answers and journals.
enum BrokerWords {
  /// Characters kept; the longest refusal seen has some 120.
  static let lengthLimit = 240

  /// Without control characters, cut to ``lengthLimit``, and without anything that looks like a token: a broker that
  /// repeats what it was sent must not put it into our journal.
  static func clean(_ text: String) -> String {
    var result = ""
    var count = 0
    for word in text.split(whereSeparator: { $0.isWhitespace }) {
      if count >= lengthLimit { return result + " …" }
      let part = isTokenLike(word) ? "<redacted>" : String(word.prefix(lengthLimit - count).filter { !isControl($0) })
      if part.isEmpty { continue }
      if !result.isEmpty { result.append(" ") }
      result.append(part)
      count += part.count + 1
    }
    return result
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }

  /// Both brokers' tokens are JWTs: base64url of `{"`, hence `eyJ`.
  private static func isTokenLike(_ word: Substring) -> Bool { word.utf8.count > 20 && word.contains("eyJ") }
}
