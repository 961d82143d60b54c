import Testing

@testable import Brokers

struct BrokerWordsTests {
  @Test(
    "a broker's words lose what a log must not hold",
    arguments: [
      ("plain words", "plain words"), ("  two\n\tlines\r\n ", "two lines"), ("a\u{0}b\u{1B}[31mc\u{7F}", "ab[31mc"),
      ("", ""), ("token eyJhbGciOiJIUzI1NiJ9.x.y end", "token <redacted> end"), ("eyJ", "eyJ"),
      ("RED:Margin Shortfall:INR 5,25,690.20", "RED:Margin Shortfall:INR 5,25,690.20"), ("\u{202E}x", "\u{202E}x"),
    ])
  func cleans(_ text: String, _ expected: String) { #expect(BrokerWords.clean(text) == expected) }

  @Test("words have a limit, however they are cut up")
  func limit() {
    for text in [
      String(repeating: "x", count: 100_000), String(repeating: "word ", count: 100_000),
      String(repeating: "é\u{301}", count: 100_000),
    ] {
      #expect(BrokerWords.clean(text).count <= BrokerWords.lengthLimit + 2)
    }
  }
}
