import OrderDomain
import TestSupport
import Testing

struct OrderIdentifiersTests {
  private static let visible = (0x21...0x7E).map { UInt8($0) }

  private func texts(_ count: Int, _ longest: Int, _ alphabet: [UInt8], seed: UInt64) -> [String] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let length = Int.random(in: 1...longest, using: &generator)
      return String(
        decoding: (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0x41 }, as: UTF8.self)
    }
  }

  @Test
  func `a broker's number is its text, letter for letter, and compares as it does`() throws {
    let texts = texts(2_000, 40, Self.visible, seed: 3) + ["1", "10", "2", String(repeating: "z", count: 40)]
    let ids = try texts.map { try #require(BrokerOrderID($0)) }
    for (text, id) in zip(texts, ids) {
      #expect(id.text == text && id.byteCount == text.utf8.count)
      #expect((0..<id.byteCount).map { id.byte($0) } == Array(text.utf8))
      var bytes: [UInt8] = []
      id.write(to: &bytes)
      #expect(bytes == Array(text.utf8))
    }
    for (left, right) in zip(zip(texts, ids), zip(texts, ids).dropFirst()) {
      #expect((left.1 < right.1) == (left.0 < right.0) && (left.1 == right.1) == (left.0 == right.0))
    }
    #expect(Set(ids).count == Set(texts).count)
    #expect(ids.sorted().map(\.text) == texts.sorted())
  }

  @Test(arguments: ["", " ", "a b", "a\u{0}", "\u{0}", "é", "a\u{7F}", String(repeating: "1", count: 41)])
  func `what is no number of a broker is refused`(text: String) {
    #expect(BrokerOrderID(text) == nil)
    #expect(TradeID(text) == nil)
    #expect(AccountID(text) == nil)
  }

  @Test func `an account's name has its letters and its length`() throws {
    for text in ["a", "paper", "My_Account-2", String(repeating: "x", count: 32)] {
      let account = try #require(AccountID(text))
      #expect(account.name == text && account.description == text && account.byteCount == text.utf8.count)
    }
    for text in [String(repeating: "x", count: 33), "a.b", "a/b", "a b", "ä"] { #expect(AccountID(text) == nil) }
  }
}
