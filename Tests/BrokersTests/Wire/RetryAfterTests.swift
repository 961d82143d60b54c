import Brokers
import OrderDomain
import TestSupport
import Testing

struct RetryAfterTests {
  /// 2026-11-24T03:45:00Z.
  private let now = BrokerSample.now

  @Test(
    "seconds and dates are read, absurd ones are capped, and the rest is none",
    arguments: [
      ("0", Duration.zero), ("3", .seconds(3)), (" 7\t", .seconds(7)), ("86400", .seconds(86_400)),
      ("1000000000", .seconds(86_400)), ("999999999999999999999999999999", .seconds(86_400)),
      ("Tue, 24 Nov 2026 03:45:30 GMT", .seconds(30)), ("Tue, 24 Nov 2026 03:00:00 GMT", .zero),
      ("Fri, 31 Dec 9999 23:59:59 GMT", nil), ("Sun, 24 Nov 2126 03:45:30 GMT", .seconds(86_400)),
      ("", nil), ("-1", nil), ("1.5", nil), ("soon", nil), ("Tue, 24 Nov 2026 03:45:30 IST", nil),
      ("Tue, 24 Foo 2026 03:45:30 GMT", nil), ("Tue, 24 Nov 2026 25:45:30 GMT", nil), ("１２", nil),
    ] as [(String, Duration?)])
  func reads(_ text: String, _ expected: Duration?) {
    #expect(RetryAfter.duration(text, now: now) == expected)
  }

  @Test("without the field there is no rest to read")
  func absent() { #expect(RetryAfter.duration(nil, now: now) == nil) }

  @Test(
    "milliseconds say it more exactly where a broker gives them",
    arguments: [
      ("1250", Duration.milliseconds(1_250)), ("99999999999999999999", .seconds(86_400)), ("soon", .seconds(2)),
    ])
  func milliseconds(text: String, expected: Duration) {
    let answer = BrokerAnswer(status: 429, retryAfter: "2", retryAfterMilliseconds: text, body: [])
    #expect(RetryAfter.duration(answer, now: now) == expected)
  }

  @Test("a date is measured by the broker's own clock, for ours may be wrong")
  func brokersClock() {
    let answer = BrokerAnswer(
      status: 429, retryAfter: "Tue, 24 Nov 2026 03:45:30 GMT", date: "Tue, 24 Nov 2026 03:45:20 GMT", body: [])
    let wrong = now.adding(nanoseconds: -3_600_000_000_000)
    #expect(RetryAfter.duration(answer, now: wrong) == .seconds(10))
  }
}
