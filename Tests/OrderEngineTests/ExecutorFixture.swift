import Actors
import OrderDomain
import Synchronization
import TestSupport

@testable import OrderEngine

/// An executor of plans over one router with a scripted broker, and all that it says on the way.
struct ExecutorFixture: Sendable {
  struct Said: Sendable {
    var alarms: [Refusal] = []
    var ended: [(leg: Int, code: String)] = []
    var intents: [IntendedOrder] = []
    var isJournalBroken = false
  }

  /// A log of what was said, shared by the closures.
  final class Log: Sendable {
    let said = Mutex(Said())
  }

  let clock = ManualClock()
  let broker = ScriptedBroker()
  let log = Log()
  let router: OrderRouter
  let executor: MultiLegExecutor

  init() {
    let engine = SerialQueueExecutor()
    let wallClock = ManualWallClock(Sample.opening)
    let (clock, log) = (clock, log)
    let router = OrderRouter(
      executor: engine, account: Sample.account, gateway: broker,
      admission: RouterAdmission(
        clock: clock, wallClock: wallClock,
        tokens: TokenManager(
          executor: engine, clock: clock, wallClock: wallClock, account: Sample.account,
          source: StaticTokenSource.paper),
        breaker: CircuitBreaker(executor: engine, clock: clock),
        limiter: RateLimiter(executor: engine, clock: clock, settings: RateLimiterSettings(policy: .off)),
        jitter: { _ in 0 }),
      wallClock: wallClock, stages: StageTimes(executor: engine, clock: clock), sink: { _ in })
    self.router = router
    executor = MultiLegExecutor(
      router: { $0 == Sample.account ? router : nil },
      recordIntent: { intent in
        log.said.withLock { said in
          if !said.isJournalBroken { said.intents.append(intent) }
          return !said.isJournalBroken
        }
      },
      alarm: { alarm in log.said.withLock { $0.alarms.append(alarm) } },
      legEnded: { _, leg, refusal in log.said.withLock { $0.ended.append((leg.number, refusal.code)) } },
      orderSent: { _ in },
      clock: { try await clock.sleep(for: $0) })
  }

  var alarms: [String] { log.said.withLock { $0.alarms.map(\.code) } }
  var ended: [Int] { log.said.withLock { $0.ended.map(\.leg) } }
  var intents: [IntendedOrder] { log.said.withLock { $0.intents } }
  func breakJournal() { log.said.withLock { $0.isJournalBroken = true } }
  func mendJournal() { log.said.withLock { $0.isJournalBroken = false } }

  /// News of a leg's order at attempt 0: so much filled in all at ₹100, and how it stands.
  func report(
    _ leg: Leg, _ transition: OrderTransition, filled: Int64 = 0, slice: Int = 1, attempt: Int = 0
  ) async {
    let id = certain(CorrelationID(alert: Sample.alert, leg: leg.number, slice: slice, attempt: attempt))
    let fill =
      filled > 0 ? OrderReport.CumulativeFill(quantity: quantityOf(filled), value: Money(rupees: 100 * filled)) : nil
    await router.receive(
      OrderReport(
        correlationID: id, transition: transition, brokerOrderID: ScriptedBroker.number(of: id), cumulativeFill: fill,
        at: Sample.opening))
  }

  func state(_ leg: Leg, attempt: Int = 0) async -> OrderState? {
    let id = certain(CorrelationID(alert: Sample.alert, leg: leg.number, slice: 1, attempt: attempt))
    return await router.order(id)?.state
  }
}
