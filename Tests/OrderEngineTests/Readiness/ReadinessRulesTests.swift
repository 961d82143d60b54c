import OrderDomain
import TestSupport
import Testing

@testable import Actors
@testable import Brokers
@testable import OrderEngine

struct ReadinessRulesTests {
  /// 09:15 on a Tuesday.
  private let now = Sample.opening
  private let profile = Result<BrokerProfile, BrokerReadFailure>.success(
    BrokerProfile(clientID: "1", tokenValidUntil: nil, hasDataPlan: nil))
  private static let refusal = Refusal(code: "broker.x", cause: "it is so", fix: "do that")

  private func token(hours: Double?, isValid: Bool = true) -> ReadinessCheck {
    let expiry = hours.map { now.adding(nanoseconds: Int64($0 * 3_600) * 1_000_000_000) }
    return ReadinessRules.token(
      ReadinessRules.TokenFinding(isValid: isValid, expiresAt: expiry, failure: nil), profile: profile,
      of: Sample.account, at: now)
  }

  @Test(
    arguments: [
      (20.0, ReadinessCheck.Verdict.ok), (14.7, .ok), (14.5, .warning), (6.25, .warning), (6.2, .failed),
      (0.1, .failed),
      (nil, .warning),
    ] as [(Double?, ReadinessCheck.Verdict)])
  func `a token must live until the close`(_ hours: Double?, _ verdict: ReadinessCheck.Verdict) {
    #expect(token(hours: hours).verdict == verdict)
  }

  @Test func `a token that is missing, or that the broker refuses, fails with what to do`() {
    #expect(token(hours: nil, isValid: false).verdict == .failed)
    let finding = ReadinessRules.TokenFinding(
      isValid: true, expiresAt: now.adding(nanoseconds: 86_400_000_000_000), failure: nil)
    let refused = ReadinessRules.token(
      finding, profile: .failure(.tokenRefused(Self.refusal)), of: Sample.account, at: now)
    #expect(refused == ReadinessCheck("token", of: Sample.account, .failed, "it is so", fix: "do that"))
    let unasked = ReadinessRules.token(
      finding, profile: .failure(.unreachable(Self.refusal)), of: Sample.account, at: now)
    #expect(unasked.verdict == .unknown)
  }

  @Test func `who keeps the token knows best why there is none, and the broker why it takes none`() {
    func cause(_ failure: Refusal?, isValid: Bool, _ profile: BrokerReadFailure) -> String {
      ReadinessRules.token(
        ReadinessRules.TokenFinding(isValid: isValid, expiresAt: nil, failure: failure), profile: .failure(profile),
        of: Sample.account, at: now
      ).cause
    }
    let kept = Refusal(code: "auth.tokenNeeded", cause: "no living token is kept", fix: "log in")
    let refused = BrokerReadFailure.tokenRefused(Self.refusal)
    #expect(cause(kept, isValid: false, refused) == "no living token is kept")
    #expect(cause(nil, isValid: false, refused) == "it is so")
    #expect(cause(kept, isValid: true, refused) == "it is so")
    #expect(cause(nil, isValid: false, .unreachable(Self.refusal)) == "there is no token")
  }

  private func address(
    _ allows: Bool?, detected: String? = "203.0.113.9", primary: String? = "203.0.113.9"
  ) -> ReadinessCheck.Verdict {
    var addresses = DhanAddresses()
    addresses.allowsOrders = allows
    addresses.detected = detected
    addresses.primary = primary
    return ReadinessRules.address(.success(addresses), of: Sample.account).verdict
  }

  @Test func `the broker's own word about the address counts, then what can be compared`() {
    #expect(address(true, primary: nil) == .ok)
    #expect(address(false) == .failed)
    #expect(address(nil) == .ok)
    #expect(address(nil, primary: "203.0.113.8") == .failed)
    #expect(address(nil, detected: nil) == .unknown)
    #expect(ReadinessRules.address(nil, of: Sample.account).verdict == .unknown)
    #expect(ReadinessRules.address(.failure(.unreadable(Self.refusal)), of: Sample.account).verdict == .unknown)
  }

  @Test(arguments: [
    (Duration.seconds(0), ReadinessCheck.Verdict.ok), (.seconds(-5), .ok), (.seconds(6), .warning),
    (.seconds(-30), .warning), (.seconds(31), .failed), (.seconds(-300), .failed),
  ])
  func `clocks must agree`(_ offset: Duration, _ verdict: ReadinessCheck.Verdict) {
    let check = ReadinessRules.clock(offset, of: Sample.account)
    #expect(check.verdict == verdict)
    if verdict != .ok { #expect(check.cause.contains(offset < .zero ? "ahead of" : "behind")) }
    #expect(ReadinessRules.clock(nil, of: Sample.account).verdict == .unknown)
  }

  @Test func `symbols are today's, or older, or none`() {
    let today = day("2026-11-24")
    #expect(ReadinessRules.symbols(today, expected: today, of: Sample.account).verdict == .ok)
    #expect(ReadinessRules.symbols(day("2026-11-23"), expected: today, of: Sample.account).verdict == .warning)
    #expect(ReadinessRules.symbols(nil, expected: today, of: Sample.account).verdict == .failed)
  }

  @Test func `a channel is proven by what arrived, and by nothing else`() {
    #expect(ReadinessRules.notification([]).verdict == .unknown)
    #expect(ReadinessRules.notification([Notifier.ChannelStatus(unused: "telegram")]).verdict == .unknown)
    func check(_ change: (inout NotifierState.Health) -> Void) -> ReadinessCheck {
      var health = NotifierState.Health()
      change(&health)
      return ReadinessRules.notification([Notifier.ChannelStatus(name: "telegram", health: health, waitingCount: 0)])
    }
    #expect(check { $0.lastDelivered = now }.verdict == .ok)
    #expect(check { $0.lastDelivered = now }.cause == "messages arrive by telegram, last at 09:15")
    let failing = check {
      $0.lastDelivered = now
      $0.lastFailure = NotifierState.Health.Failure(refusal: Self.refusal, at: now)
    }
    #expect(failing.verdict == .warning)
    #expect(failing.cause == "telegram failed at 09:15: it is so")
    #expect(failing.fix == "do that")
  }

  @Test func `funds, quotes, journal and disk`() {
    let funds = BrokerFunds(available: Money(rupees: 5), used: nil, opening: nil)
    #expect(ReadinessRules.funds(.success(funds), of: Sample.account).verdict == .ok)
    #expect(
      ReadinessRules.funds(.success(BrokerFunds(available: .zero, used: nil, opening: nil)), of: Sample.account).verdict
        == .warning)
    #expect(ReadinessRules.funds(.failure(.unreadable(Self.refusal)), of: Sample.account).verdict == .failed)
    #expect(ReadinessRules.quote(nil, of: Sample.account).verdict == .unknown)
    #expect(ReadinessRules.quote(.success([]), of: Sample.account).verdict == .warning)
    #expect(ReadinessRules.journal(Self.refusal).verdict == .failed)
    #expect(ReadinessRules.journal(nil).verdict == .ok)
    #expect(ReadinessRules.disk(nil).verdict == .unknown)
    #expect(ReadinessRules.disk(2 << 30).verdict == .ok)
    #expect(ReadinessRules.disk(500 << 20).verdict == .warning)
    #expect(ReadinessRules.disk(99 << 20).verdict == .failed)
  }

  @Test func `a report is ready unless something fails, and says so in words and in JSON`() {
    let good = ReadinessReport(
      at: now,
      checks: [ReadinessCheck("disk", .ok, "fine"), ReadinessCheck("clock", of: Sample.account, .unknown, "?")])
    #expect(good.isReady)
    let bad = ReadinessReport(
      at: now, checks: good.checks + [ReadinessCheck("token", of: Sample.account, .failed, "none", fix: "log in")])
    #expect(!bad.isReady)
    #expect(bad.names(.failed) == "\(Sample.account)/token")
    #expect(bad.words.contains("failed   \(Sample.account): token: none. To do: log in.\n"))
    #expect(bad.words.hasSuffix("Not ready.\n"))
    let json = String(decoding: bad.json, as: UTF8.self)
    #expect(
      json.contains(#""name":"token","account":"\#(Sample.account)","result":"failed","cause":"none","fix":"log in""#))
  }
}
