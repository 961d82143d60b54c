import Actors
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

@Suite(.timeLimit(.minutes(1))) struct ProfileCheckTests {
  private let clock = ManualClock()
  private let manager: TokenManager
  private let told = Alarms()
  private let broker = Broker()

  private final class Alarms: Sendable {
    private let heard = Mutex<[String]>([])

    var codes: [String] { heard.withLock { $0 } }
    @Sendable func hear(_ refusal: Refusal) { heard.withLock { $0.append(refusal.code) } }
  }

  /// Answers in this order, the last one ever after.
  private final class Broker: Sendable {
    typealias Answer = Result<BrokerProfile, BrokerReadFailure>
    private let state = Mutex<(answers: [Answer], asked: Int)>(([], 0))

    var asked: Int { state.withLock { $0.asked } }

    func script(_ answers: [Answer]) { state.withLock { $0.answers = answers } }

    @Sendable func read() async -> Answer {
      state.withLock { state in
        state.asked += 1
        return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
      }
    }
  }

  init() {
    manager = TokenManager(
      executor: SerialQueueExecutor(), clock: clock, wallClock: ManualWallClock(Sample.opening),
      account: Sample.account, source: StaticTokenSource.configuration)
  }

  private static func profile(_ client: String) -> Broker.Answer {
    .success(BrokerProfile(clientID: client, tokenValidUntil: nil, hasDataPlan: nil))
  }

  private static let unreachable = Broker.Answer.failure(
    .unreachable(Refusal(code: "broker.noAnswer", cause: "nobody answers", fix: "wait")))

  private func start(client: String?, _ answers: [Broker.Answer]) -> Task<Void, Never> {
    broker.script(answers)
    let check = ProfileCheck(
      account: Sample.account, broker: .dhan, client: client, tokens: manager, clock: clock, read: broker.read,
      alarm: told.hear)
    return Task { await check.run() }
  }

  private func supply(_ name: String) async {
    #expect(await manager.supply(IssuedToken(secret: Secret(name), expiresAt: nil)))
  }

  private func until(_ condition: () async -> Bool) async {
    while await !condition() { await Task.yield() }
  }

  @Test(arguments: ["1000000001", nil])
  func `each token is asked about once, and one of the right client serves`(client: String?) async {
    let work = start(client: client, [Self.profile("1000000001")])
    await supply("one")
    await until { broker.asked == 1 }
    await supply("two")
    await until { broker.asked == 2 }
    #expect(await manager.current()?.generation == 2)
    #expect(told.codes == [])
    work.cancel()
    await work.value
  }

  @Test func `a token of another client serves nobody, until one of the right client comes`() async {
    let work = start(client: "1000000001", [Self.profile("1000000002"), Self.profile("1000000001")])
    await supply("other")
    await until { await manager.current() == nil }
    let error = await manager.snapshot().lastError
    #expect(error?.kind == .needsPerson)
    #expect(error?.refusal.code == "auth.otherClient")
    #expect(error?.refusal.cause.contains("client 1000000002, and DHAN_CLIENT_ID says 1000000001") == true)
    #expect(error?.refusal.fix.contains("/auth-url?account=main") == true)
    #expect(told.codes == ["auth.otherClient"])
    await supply("right")
    await until { broker.asked == 2 }
    #expect(await manager.current()?.generation == 2)
    work.cancel()
    await work.value
  }

  @Test func `a profile that cannot be read is asked for again, then told, and stops nothing`() async {
    let work = start(client: "1000000001", [Self.unreachable])
    await supply("one")
    for attempt in 1..<ProfileCheck.attemptLimit {
      await clock.sleepers(atLeast: 1)
      #expect(broker.asked == attempt)
      #expect(told.codes == [])
      clock.advance(by: ProfileCheck.interval)
    }
    await until { told.codes == ["profile.notRead"] }
    #expect(broker.asked == ProfileCheck.attemptLimit)
    #expect(await manager.current()?.generation == 1)
    work.cancel()
    await work.value
  }

  @Test func `what is said about an earlier token is not held against the next`() async {
    let work = start(client: "1000000001", [Self.unreachable, Self.profile("1000000001")])
    await supply("one")
    await clock.sleepers(atLeast: 1)
    await supply("two")
    clock.advance(by: ProfileCheck.interval)
    await until { broker.asked >= 3 }
    #expect(await manager.current()?.generation == 2)
    work.cancel()
    await work.value
  }
}
