import Brokers
import OrderDomain
import TestSupport
import Testing

struct OneTimePasswordTests {
  /// The ASCII text 12345678901234567890.
  private static let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

  /// RFC 6238 appendix B, the rows of SHA-1.
  @Test(arguments: [
    (Int64(59), "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
  ])
  func `codes are those of RFC 6238`(_ second: Int64, _ code: String) throws {
    let time = try #require(Timestamp(seconds: second))
    let step = OneTimePassword.step(at: time)
    let long = try #require(OneTimePassword(base32: Secret(Self.secret), digitCount: 8))
    #expect(TokenSample.text(long.code(step: step)) == code)
    let short = try #require(OneTimePassword(base32: Secret(Self.secret)))
    #expect(TokenSample.text(short.code(step: step)) == String(code.suffix(6)))
  }

  /// The last row is beyond the moments that 64 bits of nanoseconds hold, so its step is given.
  @Test func `the last vector of RFC 6238`() throws {
    let password = try #require(OneTimePassword(base32: Secret(Self.secret), digitCount: 8))
    #expect(TokenSample.text(password.code(step: 20_000_000_000 / 30)) == "65353130")
  }

  @Test(arguments: [
    "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
    "GEZDGNBVGY3TQOJQ-GEZDGNBVGY3TQOJQ==",
  ])
  func `a secret is read as people copy it`(_ text: String) throws {
    let password = try #require(OneTimePassword(base32: Secret(text)))
    #expect(TokenSample.text(password.code(step: 1)) == "287082")
  }

  @Test(arguments: ["", "GEZD", "GEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJ!", "not a secret at all"])
  func `what is no secret is refused`(_ text: String) {
    #expect(OneTimePassword(base32: Secret(text)) == nil)
  }

  @Test func `a step has 30 seconds`() {
    #expect(OneTimePassword.step(at: Timestamp(nanoseconds: 29_999_999_999)) == 0)
    #expect(OneTimePassword.step(at: Timestamp(nanoseconds: 30_000_000_000)) == 1)
    #expect(OneTimePassword.step(at: Timestamp(nanoseconds: -1_000_000_000)) == -1)
    #expect(OneTimePassword.wait(for: 2, at: Timestamp(nanoseconds: 45_000_000_000)) == .seconds(15))
    #expect(OneTimePassword.wait(for: 1, at: Timestamp(nanoseconds: 45_000_000_000)) == .zero)
  }
}
