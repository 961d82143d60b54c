import OrderDomain
import Synchronization
import TestSupport

@testable import Actors

/// One account's router with a scripted broker, clocks that the test moves, and a token source that counts.
struct RouterFixture: Sendable {
  let clock = ManualClock()
  let wallClock = ManualWallClock(Sample.opening)
  let broker = ScriptedBroker()
  let tokens = CountingTokenSource()
  let changes = ChangeLog()
  let breaker: CircuitBreaker
  let limiter: RateLimiter
  let router: OrderRouter

  init(
    policy: RateLimitPolicy = .off, absenceInterval: Duration = .zero,
    alarm: @escaping @Sendable (Refusal) -> Void = { _ in }
  ) {
    let executor = SerialQueueExecutor()
    breaker = CircuitBreaker(executor: executor, clock: clock)
    limiter = RateLimiter(executor: executor, clock: clock, settings: RateLimiterSettings(policy: policy))
    let manager = TokenManager(
      executor: executor, clock: clock, wallClock: wallClock, account: Sample.account, source: tokens)
    let (changes, clock) = (changes, clock)
    router = OrderRouter(
      executor: executor, account: Sample.account, gateway: broker,
      admission: RouterAdmission(
        clock: clock, wallClock: wallClock, tokens: manager, breaker: breaker, limiter: limiter, jitter: { _ in 0 }),
      wallClock: wallClock, stages: StageTimes(executor: executor, clock: clock), absenceInterval: absenceInterval,
      uptime: { clock.now.offset },
      sink: { changes.add($0) }, alarm: alarm)
  }

  var deadline: Timestamp { Sample.opening.adding(nanoseconds: 30_000_000_000) }

  /// Both clocks, as time passes.
  func advance(_ duration: Duration) {
    wallClock.jump(by: duration)
    clock.advance(by: duration)
  }

  /// Sends the leg's order, and says what has become of it.
  func route(_ leg: Leg) async -> Order {
    let order = Sample.order(leg)
    await router.route(order, deadline: deadline)
    return await router.order(order.subject.correlationID) ?? Order(order.subject, createdAt: wallClock.now())
  }
}

/// Issues `token-1`, `token-2`, … and counts.
final class CountingTokenSource: TokenSource {
  private let issued = Mutex(0)

  var count: Int { issued.withLock { $0 } }

  func fetchToken() async throws(TokenError) -> IssuedToken {
    let number = issued.withLock { count in
      count += 1
      return count
    }
    return IssuedToken(secret: Secret("token-\(number)"), expiresAt: nil)
  }
}

/// The states that the router told of, in order.
final class ChangeLog: Sendable {
  private let changes = Mutex<[OrderChange]>([])

  func add(_ change: OrderChange) { changes.withLock { $0.append(change) } }
  var states: [OrderState] { changes.withLock { $0.map(\.order.state) } }
  var filled: [Int64] { changes.withLock { $0.map(\.filled.units) } }
}

let words = Refusal(code: "broker.words", cause: "the broker's words", fix: "none")
