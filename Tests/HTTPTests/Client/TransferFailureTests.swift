import Glibc
import HTTP
import Testing

@Suite struct TransferFailureTests {
  @Test func `nothing is certain of a number that is not listed`() {
    let listed = Set(CurlError.meanings.map(\.number))
    #expect(listed.count == CurlError.meanings.count)
    for number: UInt32 in 0...200 where !listed.contains(number) {
      let failure = TransferFailure(curl: number, attemptCount: 0, detail: "")
      #expect(failure.reach == .perhapsSent)
      #expect(failure.code == .failed)
    }
  }

  @Test(arguments: CurlError.meanings)
  func `what was begun was perhaps sent, whatever the number says`(_ meaning: CurlError.Meaning) {
    for attempts in 1...2 {
      #expect(TransferFailure(curl: meaning.number, attemptCount: attempts, detail: "").reach == .perhapsSent)
    }
    let unbegun = TransferFailure(curl: meaning.number, attemptCount: 0, detail: "")
    #expect(unbegun.isCertainlyNotSent == (meaning.moment != .afterRequest))
  }

  @Test func `every code has a cause and a fix of its own family`() {
    for code in TransferFailure.Code.allCases {
      let failure = TransferFailure(code, .perhapsSent, detail: "why")
      #expect(code.rawValue.hasPrefix("transfer."))
      #expect(failure.cause.hasSuffix(": why"))
      #expect(!failure.fix.isEmpty)
    }
  }

  @Test func `the document shows the table and every code`() throws {
    let path = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined() + "/docs/http-client.md"
    let document = try text(of: path)
    let words: [CurlError.Moment: String] = [
      .beforeRequest: "before", .either: "either", .afterRequest: "after",
    ]
    for meaning in CurlError.meanings {
      let row = "| \(meaning.number) | `\(meaning.code.rawValue)` | \(words[meaning.moment] ?? "?") |"
      #expect(document.contains(row), "\(row) is missing")
    }
    #expect(
      document.split(separator: "\n").filter { $0.contains("| `CURLE_") }.count
        == CurlError.meanings.count)
    for code in TransferFailure.Code.allCases { #expect(document.contains("`\(code.rawValue)`"), "\(code.rawValue)") }
  }

  private func text(of path: String) throws -> String {
    guard let file = fopen(path, "rb") else { throw RawClient.Failure(path, errno) }
    defer { fclose(file) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { content += chunk[..<count] }
    return String(decoding: content, as: UTF8.self)
  }
}
