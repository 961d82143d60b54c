import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

@Suite(.timeLimit(.minutes(1))) struct PriceDeskTests {
  private let wallClock = ManualWallClock(Sample.opening)
  private let broker = Broker()

  /// Answers when the test says so.
  private final class Broker: Sendable {
    typealias Answer = Result<[BrokerQuote], BrokerReadFailure>
    struct Question {
      let instruments: [InstrumentKey]
      let deadline: Timestamp
      let continuation: CheckedContinuation<Answer, Never>
    }
    private let state = Mutex<(questions: [Question], hasToken: Bool, alarms: [String])>(([], true, []))

    var hasToken: Bool {
      get { state.withLock { $0.hasToken } }
      set { state.withLock { $0.hasToken = newValue } }
    }
    var alarms: [String] { state.withLock { $0.alarms } }
    var questionCount: Int { state.withLock { $0.questions.count } }

    @Sendable func read(_ instruments: [Instrument], _ deadline: Timestamp) async -> Answer {
      await withCheckedContinuation { continuation in
        state.withLock {
          $0.questions.append(
            Question(instruments: instruments.map(\.key), deadline: deadline, continuation: continuation))
        }
      }
    }

    @Sendable func alarm(_ failure: BrokerReadFailure) {
      state.withLock { $0.alarms.append(failure.refusal.code) }
    }

    /// The oldest question, once there is one.
    func question() async -> Question {
      while true {
        let question = state.withLock { $0.questions.isEmpty ? nil : $0.questions.removeFirst() }
        if let question { return question }
        await Task.yield()
      }
    }
  }

  private func desk() -> PriceDesk {
    let broker = broker
    return PriceDesk(
      executor: SerialQueueExecutor(), wallClock: wallClock, hasToken: { broker.hasToken }, read: broker.read,
      alarm: broker.alarm)
  }

  private func answer(_ instruments: [InstrumentKey]) -> Broker.Answer {
    .success(instruments.map { BrokerQuote(instrument: $0, lastPrice: price("100"), bid: nil, ask: nil) })
  }

  private static let refused = Broker.Answer.failure(
    .tokenRefused(Refusal(code: "broker.tokenRefused", cause: "dead", fix: "log in")))

  private func seconds(_ question: Broker.Question) -> Int64 {
    question.deadline.nanoseconds(since: Sample.opening) / 1_000_000_000
  }

  @Test func `many alerts that need one price ask once, and who needs another asks for himself`() async {
    let desk = desk()
    let first = Task { await desk.fetch([Sample.reliance, Sample.niftyCall]) }
    let question = await broker.question()
    let same = (0..<5).map { _ in Task { await desk.fetch([Sample.reliance]) } }
    let other = Task { await desk.fetch([Sample.goldFuture]) }
    let second = await broker.question()
    #expect(second.instruments == [Sample.goldFuture.key])
    while await desk.waitingCount < 7 { await Task.yield() }
    #expect(broker.questionCount == 0)
    second.continuation.resume(returning: answer(second.instruments))
    await other.value
    question.continuation.resume(returning: answer(question.instruments))
    await first.value
    for task in same { await task.value }
    #expect(broker.questionCount == 0)
    #expect(await desk.lastPrice(Sample.reliance.key) == price("100"))
    #expect(await desk.lastPrice(Sample.bankNiftyPut.key) == nil)
    #expect(broker.alarms == [])
  }

  @Test func `a token that is refused is waited for, once`() async {
    let desk = desk()
    let broker = broker
    let fetch = Task { await desk.fetch([Sample.reliance]) }
    let first = await broker.question()
    #expect(seconds(first) == 2)
    broker.hasToken = false
    first.continuation.resume(returning: Self.refused)
    let second = await broker.question()
    #expect(seconds(second) == 15)
    second.continuation.resume(returning: answer(second.instruments))
    await fetch.value
    #expect(await desk.lastPrice(Sample.reliance.key) == price("100"))

    let again = Task { await desk.fetch([Sample.niftyCall]) }
    for _ in 0..<2 { await broker.question().continuation.resume(returning: Self.refused) }
    await again.value
    #expect(broker.alarms == ["broker.tokenRefused"])
    #expect(await desk.lastPrice(Sample.niftyCall.key) == nil)
  }
}
