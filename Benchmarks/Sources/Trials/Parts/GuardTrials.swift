import Actors
import OrderDomain
import TestSupport

/// What do the guards between an order and its broker take, when they have nothing against it?
enum GuardTrials {
  static let all = [
    Trial("rate limiter: a permit taken and spent", limit),
    Trial("circuit breaker: a call admitted and ended", admit),
    Trial("alert ledger: an alert noted, confirmed, and an old one forgotten", note),
  ]

  /// Dhan's limits, with a call every ten seconds.
  private static func limit(_ count: Int, _ meter: Meter) {
    let clock = ManualClock()
    let limiter = RateLimiter(
      executor: HandExecutor(), clock: clock,
      settings: RateLimiterSettings(policy: certainly { try RateLimitPolicy("10/1s,250/60s,1000/1h,7000/1d") }))
    limiter.assumeIsolated { _ = $0.beginDay(Sample.opening.indianDate) }
    meter.measure {
      for _ in 0..<count {
        limiter.spendHere(certainly { try limiter.tryAcquireHere(.entries) })
        clock.advance(by: .seconds(10))
      }
    }
    limiter.assumeIsolated { $0.shutdown() }
  }

  private static func admit(_ count: Int, _ meter: Meter) {
    let clock = ManualClock()
    let breaker = CircuitBreaker(executor: HandExecutor(), clock: clock)
    meter.measure {
      for _ in 0..<count {
        breaker.finishHere(certainly { try breaker.admitHere(.entries) }, .success)
        clock.advance(by: .milliseconds(10))
      }
    }
    breaker.assumeIsolated { $0.shutdown() }
  }

  /// Of a ledger that remembers a thousand.
  private static func note(_ count: Int, _ meter: Meter) {
    var ledger = AlertLedgerState()
    var number: UInt64 = 0
    func noteNext() {
      number += 1
      let identity = AlertIdentity(high: number, low: number)
      let now = Sample.opening.adding(nanoseconds: Int64(number) * 1_000_000)
      let admission = ledger.admit(
        identity, bodyDigest: identity, rememberedUntil: now.adding(nanoseconds: 1_000_000_000), at: now)
      require(admission == .new, "the alert is new")
      ledger.confirm(identity)
    }
    for _ in 0..<4_000 { noteNext() }
    meter.measure {
      for _ in 0..<count { noteNext() }
    }
    require(ledger.count <= 1_002, "\(ledger.count) alerts are remembered")
  }
}
