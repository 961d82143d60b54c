import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

/// Answers when it is let go, and counts how often it was asked.
private final class HeldSource: TokenSource {
  private struct State {
    var asked = 0
    var held: CheckedContinuation<Result<IssuedToken, TokenError>, Never>?
  }
  private let state = Mutex(State())

  var asked: Int { state.withLock { $0.asked } }

  func fetchToken() async throws(TokenError) -> IssuedToken {
    try await withCheckedContinuation { continuation in
      state.withLock {
        $0.asked += 1
        $0.held = continuation
      }
    }.get()
  }

  func answer(_ result: Result<IssuedToken, TokenError>) async {
    while true {
      if let held = state.withLock({ $0.held.take() }) { return held.resume(returning: result) }
      await Task.yield()
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct TokenManagerRenewTests {
  private let clock = ManualClock()
  private let wallClock = ManualWallClock(Sample.opening)
  private let source = HeldSource()
  private let manager: TokenManager

  init() {
    manager = TokenManager(
      executor: SerialQueueExecutor(), clock: clock, wallClock: wallClock, account: Sample.account, source: source)
  }

  private func issued(hours: Int64) -> IssuedToken {
    IssuedToken(
      secret: Secret("hush"), expiresAt: wallClock.now().adding(nanoseconds: hours * 3_600_000_000_000))
  }

  @Test func `many who want a new token at once get one, and wait for it though the old one is good`() async {
    await manager.supply(issued(hours: 5))
    let renewals = (0..<10).map { _ in Task { await manager.renew() } }
    while source.asked == 0 { await Task.yield() }
    await source.answer(.success(issued(hours: 20)))
    for renewal in renewals { #expect(await renewal.value.hoursRemaining == 20) }
    #expect(source.asked == 1)
    await manager.shutdown()
  }

  @Test func `a renewal that fails ends the wait and keeps the old token`() async {
    await manager.supply(issued(hours: 5))
    async let renewal = manager.renew()
    await source.answer(
      .failure(TokenError(kind: .needsPerson, refusal: Refusal(code: "auth.x", cause: "no", fix: "log in"))))
    let status = await renewal
    #expect(status.valid)
    #expect(status.lastError?.refusal.code == "auth.x")
    await manager.shutdown()
  }

  @Test func `a renewal that never ends is given up after its time`() async {
    async let renewal = manager.renew()
    await clock.sleepers(atLeast: 1)
    clock.advance(by: TokenManagerSettings().attemptTimeout)
    #expect(await renewal.lastError?.refusal.code == "auth.refreshTimedOut")
    await source.answer(.success(issued(hours: 20)))
    await manager.shutdown()
  }

  @Test func `whoever waits for a renewal is let go at the end`() async {
    async let renewal = manager.renew()
    while source.asked == 0 { await Task.yield() }
    await manager.shutdown()
    #expect(await !renewal.valid)
    await source.answer(.failure(TokenRefusals.timedOut))
  }
}
