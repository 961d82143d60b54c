import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Each sender may come so often, and no crowd of them fills the memory")
struct InboundLimiterTests {
  private func later(_ seconds: Int64) -> Timestamp { Sample.opening.adding(nanoseconds: seconds * 1_000_000_000) }

  @Test func `the limit is the last that is admitted, and the window's end opens it again`() {
    var limiter = InboundLimiter<Int>(limit: 3, seconds: 60)
    for _ in 0..<3 { #expect(limiter.admit(1, at: later(0)) == .admitted) }
    #expect(limiter.admit(1, at: later(20)) == .refused(retryAfterSeconds: 40))
    #expect(limiter.admit(2, at: later(20)) == .admitted)
    #expect(limiter.admit(1, at: later(59)) == .refused(retryAfterSeconds: 1))
    #expect(limiter.admit(1, at: later(60)) == .admitted)
  }

  @Test func `asking for the standing counts nothing`() {
    var limiter = InboundLimiter<Int>(limit: 1, seconds: 60)
    for _ in 0..<5 { #expect(limiter.standing(of: 1, at: later(0)) == .admitted) }
    limiter.count(1, at: later(0))
    #expect(limiter.standing(of: 1, at: later(0)) == .refused(retryAfterSeconds: 60))
  }

  @Test func `a full table takes no more senders, and makes room when windows end`() {
    var limiter = InboundLimiter<Int>(limit: 1, seconds: 60, capacity: 2)
    for sender in 1...3 { #expect(limiter.admit(sender, at: later(0)) == .admitted) }
    // Two are counted, the third could not be.
    #expect(limiter.admit(1, at: later(1)) != .admitted)
    #expect(limiter.admit(3, at: later(1)) == .admitted)
    #expect(limiter.admit(4, at: later(61)) == .admitted)
    #expect(limiter.admit(4, at: later(62)) != .admitted)
  }

  @Test func `a clock that went back locks nobody out`() {
    var limiter = InboundLimiter<Int>(limit: 1, seconds: 60)
    #expect(limiter.admit(1, at: later(3_600)) == .admitted)
    #expect(limiter.admit(1, at: later(0)) == .admitted)
  }
}
