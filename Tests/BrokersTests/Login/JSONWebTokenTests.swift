import Brokers
import OrderDomain
import TestSupport
import Testing

struct JSONWebTokenTests {
  @Test func `what a token says of itself is read`() {
    let token = JSONWebToken(TokenSample.dhan(issued: 1_795_491_900, expires: 1_795_578_300))
    #expect(token.issuedAt == Timestamp(seconds: 1_795_491_900))
    #expect(token.expiresAt == Timestamp(seconds: 1_795_578_300))
    #expect(token.consumer == "APP")
    #expect(token.clientID == "1000000001")
  }

  @Test(arguments: [
    ("{\"exp\":\"1795578300\"}", Int64(1_795_578_300)), ("{\"exp\":1795578300.75}", 1_795_578_300),
    ("{\"exp\":0}", nil), ("{\"exp\":-5}", nil), ("{\"exp\":null}", nil), ("{\"exp\":\"soon\"}", nil),
    ("{\"exp\":1e10}", nil), ("{\"exp\":9223372036854775807}", nil), ("{\"exp\":99999999999999999999}", nil),
    ("{\"exp\":{}}", nil), ("{}", nil), ("[]", nil), ("", nil), ("{\"exp\":1795578300", nil), ("{\"a\":1}}", nil),
  ])
  func `an expiry is a moment, or none`(_ claims: String, _ seconds: Int64?) {
    #expect(JSONWebToken(TokenSample.token(claims)).expiresAt == seconds.flatMap { Timestamp(seconds: $0) })
  }

  @Test(arguments: ["", ".", "..", "a.b", "a.b.c.d", "eyJhbGciOiJub25lIn0", "a.====.c", "a.!!!!.c", "a.e30=x.c"])
  func `what is no token says nothing`(_ text: String) {
    #expect(JSONWebToken(Secret(text)) == JSONWebToken(Secret("")))
  }

  @Test func `a longer token than any is not looked at`() {
    let padding = String(repeating: "x", count: JSONWebToken.byteLimit)
    #expect(JSONWebToken(TokenSample.token("{\"exp\":1795578300,\"more\":\"\(padding)\"}")).expiresAt == nil)
  }

  /// Whatever is cut, changed or put in: there is a moment or none, and never a trap.
  @Test func `no damage to a token does harm`() {
    let whole = Array(TokenSample.text(TokenSample.dhan(issued: 1, expires: 1_795_578_300)).utf8)
    for end in 0...whole.count { _ = JSONWebToken(Secret(Array(whole[..<end]))) }
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: index)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        }
      }
      let token = JSONWebToken(Secret(bytes))
      if let expiry = token.expiresAt { #expect(expiry > Timestamp(nanoseconds: 0)) }
    }
  }

  @Test func `a token whose claims are any bytes does no harm`() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<20_000 {
      let claims = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      _ = JSONWebToken(Secret("a." + TokenSample.base64URL(claims) + ".c"))
    }
  }
}
