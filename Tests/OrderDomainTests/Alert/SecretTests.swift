import Foundation
import OrderDomain
import Testing

struct SecretTests {
  @Test(
    arguments: [
      ("secret", "secret", true), ("secret", "secreT", false), ("secret", "Secret", false), ("secret", "secre", false),
      ("secret", "secrets", false), ("secret", "", false), ("", "secret", false), ("", "", true),
      ("aa", "aaaa", false), ("aaaa", "aa", false),
    ])
  func `two are the same when every byte is`(_ own: String, _ offered: String, _ isSame: Bool) {
    #expect(Secret(own).matches(Secret(offered)) == isSame)
  }

  /// Measured times say little on a machine that others use; what the code does is there to be read. It looks at every
  /// byte of what is offered, and decides when it has seen the last.
  @Test func `the comparison has no way out before its end`() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = tests.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/OrderEngine/Domain/Alert/Secret.swift")
    let source = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(source.range(of: "public func matches(_ candidate: Secret) -> Bool {"))
    let body = try #require(source[start.upperBound...].components(separatedBy: "\n  }\n").first)
    let statements = body.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(statements.last == "return difference == 0")
    #expect(body.components(separatedBy: "return").count == 2)
    for word in ["break", "guard", "if ", "&&", "||", "elementsEqual", "bytes == ", "where"] {
      #expect(!body.contains(word), "\(word)")
    }
    #expect(body.contains("for index in 0..<candidate.bytes.count {"))
  }

  @Test func `no way of printing shows it`() {
    let secret = Secret("hush")
    #expect("\(secret) \(String(reflecting: secret)) \(String(describing: [secret]))".contains("hush") == false)
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("hush"))
  }
}
