import Testing

@testable import alert_load

@Suite("An answer ends where it says")
struct AnswerReaderTests {
  private func read(_ pieces: String...) -> [AnswerReader.Progress] {
    var reader = AnswerReader()
    return pieces.map { reader.take(Array($0.utf8).span) }
  }

  @Test func `in one piece, in two, and one byte at a time`() {
    let answer = "HTTP/1.1 200 OK\r\nDate: x\r\ncontent-length: 2\r\n\r\n{}"
    #expect(read(answer) == [.complete(status: 200)])
    let bytes = Array(answer.utf8)
    for cut in 1..<bytes.count {
      let first = String(decoding: bytes[..<cut], as: UTF8.self)
      let rest = String(decoding: bytes[cut...], as: UTF8.self)
      #expect(read(first, rest) == [.incomplete, .complete(status: 200)], "cut at \(cut)")
    }
    #expect(read(answer, answer) == [.complete(status: 200), .complete(status: 200)])
  }

  @Test func `what has no length, no status or too much is no answer`() {
    #expect(read("HTTP/1.1 200 OK\r\n\r\n") == [.malformed])
    #expect(read("HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n") == [.malformed])
    #expect(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nX") == [.malformed])
    #expect(read("SMTP hello\r\nContent-Length: 0\r\n\r\n") == [.malformed])
  }

  @Test(
    arguments: [
      (#"{"dhanClientId":"1","quantity":1000042,"price":0}"#, 1_000_042), (#"{"quantity":"1000001"}"#, 1_000_001),
      (#"{"disclosedQuantity":5}"#, nil), (#"{"quantity":}"#, nil), (#"{"quantity":"#, nil), ("", nil),
    ] as [(String, Int?)])
  func `an order's quantity is found`(_ body: String, _ quantity: Int?) {
    #expect(WireBroker.quantity(Array(body.utf8).span) == quantity)
  }
}
