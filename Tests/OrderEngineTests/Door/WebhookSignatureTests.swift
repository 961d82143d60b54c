import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("A signature is HMAC-SHA256 of time and body, believed for a while, and lets one alert in")
struct WebhookSignatureTests {
  // MARK: The code

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { HexDigit.value(of: $0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// RFC 4231, section 4: the cases whose code is given whole. Key, data, code; in hexadecimal.
  private static let cases: [(String, String, String)] = [
    (
      String(repeating: "0b", count: 20), "4869205468657265",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      String(repeating: "aa", count: 131),
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      String(repeating: "aa", count: 131),
      "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e64206120"
        + "6c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f2062652068617368656420"
        + "6265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test(arguments: 0..<6)
  func `the codes of RFC 4231 come out`(index: Int) {
    let (key, data, code) = WebhookSignatureTests.cases[index]
    #expect(
      WebhookSignature.code(Secret(WebhookSignatureTests.bytes(key)), WebhookSignatureTests.bytes(data)).hex == code)
    // In however many pieces.
    let all = WebhookSignatureTests.bytes(data)
    let half = all.count / 2
    #expect(
      WebhookSignature.code(
        Secret(WebhookSignatureTests.bytes(key)), Array(all[..<half]), Array(all[half...])
      ).hex == code)
  }

  // MARK: Judging

  private let keys = SignatureKeys([Secret("first key"), Secret("second key")], windowSeconds: 300)
  private let body = Array(#"{"format":"order-engine/1"}"#.utf8)
  private var now: Timestamp { Sample.opening }
  private var seconds: Int64 { now.nanoseconds / 1_000_000_000 }

  private func code(_ timestamp: String, key: String = "first key") -> String {
    WebhookSignature.code(Secret(key), Array(timestamp.utf8), Array(".".utf8), body).hex
  }

  private func judge(_ code: String, _ timestamp: String) -> SignatureKeys.Verdict {
    keys.judge(WebhookSignature(signature: code, timestamp: timestamp), body, at: now)
  }

  @Test func `either key signs, in seconds or milliseconds, in either case, with a prefix or without`() {
    let time = "\(seconds)"
    #expect(judge(code(time), time) == .good(key: 0))
    #expect(judge(code(time, key: "second key"), time) == .good(key: 1))
    #expect(judge("sha256=" + code(time), time) == .good(key: 0))
    #expect(judge(code(time).uppercased(), time) == .good(key: 0))
    #expect(judge(code(time + "999"), time + "999") == .good(key: 0))
  }

  @Test func `the window ends where it says, before and after`() {
    for (away, verdict) in [
      (300, .good(key: 0)), (-300, .good(key: 0)), (301, .expired), (-301, .expired), (86_400, .expired),
    ] as [(Int64, SignatureKeys.Verdict)] {
      let time = "\(seconds + away)"
      #expect(judge(code(time), time) == verdict, "\(away)")
    }
  }

  @Test func `what was not signed by a key is wrong, whatever its time`() {
    let time = "\(seconds)"
    #expect(judge(code(time, key: "other key"), time) == .wrong)
    #expect(judge(code(time), "\(seconds + 1)") == .wrong)
    #expect(judge(code(time), "0\(time)") == .wrong)
    #expect(judge(code(time, key: "other key"), "1") == .wrong)
    #expect(judge("", time) == .wrong)
    #expect(judge(String(code(time).dropLast()), time) == .wrong)
    #expect(judge(code(time) + "0", time) == .wrong)
    #expect(judge("sha1=" + code(time), time) == .wrong)
    #expect(judge("sha256=", time) == .wrong)
    #expect(keys.judge(nil, body, at: now) == .wrong)
  }

  @Test(arguments: ["", " ", "-1", "1.5", "1e9", "٣", "99999999999999999", "18446744073709551616", "now"])
  func `what is no time is wrong, even when it was signed`(time: String) {
    #expect(judge(code(time), time) == .wrong)
  }

  @Test func `another byte anywhere in the body or the code is wrong`() {
    var generator = SeededGenerator(seed: 5)
    let time = "\(seconds)"
    let good = code(time)
    for _ in 0..<500 {
      var other = body
      other[Int.random(in: 0..<other.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(keys.judge(WebhookSignature(signature: good, timestamp: time), other, at: now) == .wrong)
      var digits = Array(good.utf8)
      let place = Int.random(in: 0..<64, using: &generator)
      digits[place] = digits[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
      #expect(judge(String(decoding: digits, as: UTF8.self), time) == .wrong)
    }
  }

  // MARK: Once

  private let window: Int64 = 300_000_000_000
  private func digest(_ number: Int) -> Digest256 { WebhookSignature.code(Secret("k"), Array("\(number)".utf8)) }
  private func identity(_ number: Int) -> AlertIdentity { AlertIdentity(sha256Of: Array("\(number)".utf8)) }
  private func later(_ seconds: Int64) -> Timestamp { now.adding(nanoseconds: seconds * 1_000_000_000) }

  @Test func `a signature lets one alert in, and one that was not taken may come again`() {
    var memory = SignatureMemory()
    func admit(_ number: Int, _ seconds: Int64) -> SignatureMemory.Admission {
      memory.admit(digest(number), body: identity(number), signedAt: now, window: window, at: later(seconds))
    }
    #expect(admit(1, 0) == .fresh)
    #expect(admit(1, 1) == .used)
    #expect(admit(2, 1) == .fresh)
    memory.release(digest(2))
    #expect(admit(2, 2) == .fresh)
    #expect(admit(2, 300) == .used)
    #expect(admit(1, 300) == .used)
  }

  @Test func `after a restart a body that was accepted under a signature so old is not let in by it`() {
    var memory = SignatureMemory()
    memory.restore([(identity(1), later(-60)), (identity(2), later(-600))], at: now)
    func admit(_ number: Int, signedAt: Int64, _ seconds: Int64 = 1) -> SignatureMemory.Admission {
      memory.admit(
        digest(number), body: identity(number), signedAt: later(signedAt), window: window, at: later(seconds))
    }
    #expect(admit(1, signedAt: -61) == .used)
    // The sender's clock is ahead.
    #expect(admit(1, signedAt: -30) == .used)
    // Signed so much later that it is another alert with the same body.
    #expect(admit(1, signedAt: -29) == .fresh)
    #expect(admit(2, signedAt: -100) == .fresh)
    #expect(admit(3, signedAt: -100) == .fresh)
  }

  @Test func `a full memory refuses rather than forgets, and is free again when signatures end`() {
    var memory = SignatureMemory(capacity: 4)
    for number in 0..<4 {
      #expect(
        memory.admit(digest(number), body: identity(number), signedAt: now, window: window, at: now) == .fresh)
    }
    #expect(
      memory.admit(digest(9), body: identity(9), signedAt: now, window: window, at: later(100))
        == .full(retryAfter: 200_000_000_000))
    #expect(
      memory.admit(digest(9), body: identity(9), signedAt: later(200), window: window, at: later(301)) == .fresh)
    #expect(memory.count == 1)
  }

  @Test func `who is refused again and again fills no memory`() {
    var memory = SignatureMemory(capacity: 4)
    var refusals = 0
    for number in 0..<100 {
      let admission = memory.admit(digest(number), body: identity(number), signedAt: now, window: window, at: now)
      if admission == .fresh { memory.release(digest(number)) } else { refusals += 1 }
    }
    #expect(memory.count == 0)
    #expect(refusals == 92)
  }
}
