import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

/// The actor around the machine, with a clock that stands still.
@Suite(.timeLimit(.minutes(1)))
struct NotifierTests {
  /// Answers what it is told to, in order, then that it has everything.
  private final class ScriptedChannel: NotificationChannel {
    let name: String
    private let state = Mutex<(script: [NoticeDelivery], told: [String])>(([], []))
    /// Never answers, until its task is cancelled.
    private let isStuck: Bool

    init(_ name: String, _ script: [NoticeDelivery] = [], isStuck: Bool = false) {
      self.name = name
      self.isStuck = isStuck
      state.withLock { $0.script = script }
    }

    var told: [String] { state.withLock { $0.told } }

    func deliver(_ message: NoticeMessage) async -> NoticeDelivery {
      let answer = state.withLock { state in
        state.told.append(message.notice.title)
        return state.script.isEmpty ? NoticeDelivery.delivered : state.script.removeFirst()
      }
      while isStuck, !Task.isCancelled { await Task.yield() }
      return isStuck ? .failed(NotifierTests.refusal, retryAfter: nil) : answer
    }

    func waitUntilTold(_ count: Int) async { while told.count < count, !Task.isCancelled { await Task.yield() } }
  }

  static let refusal = Refusal(code: "notify.x", cause: "it does not answer", fix: "wait")

  private func notice(_ title: String, _ severity: Notice.Severity = .critical) -> Notice {
    Notice(.alarm, severity, title, at: Sample.opening)
  }

  private func notifier(_ channels: [any NotificationChannel], _ clock: ManualClock) -> Notifier {
    var settings = NotifierSettings()
    settings.leastPause = .zero
    return Notifier(
      executor: SerialQueueExecutor(), clock: clock, wallClock: ManualWallClock(Sample.opening), channels: channels,
      settings: settings)
  }

  @Test func `a channel that fails holds up no other, and is tried again when its time comes`() async {
    let clock = ManualClock()
    let (good, bad) = (
      ScriptedChannel("good"), ScriptedChannel("bad", [.failed(Self.refusal, retryAfter: .seconds(3))])
    )
    let notifier = notifier([bad, good], clock)
    let running = Task { await notifier.run() }
    notifier.tell(notice("a"))
    await good.waitUntilTold(1)
    await bad.waitUntilTold(1)
    await clock.sleeper(wakesWithin: .seconds(3))
    #expect(await notifier.status().map(\.health.lastFailure?.refusal) == [Self.refusal, nil])
    clock.advance(by: .seconds(3))
    await bad.waitUntilTold(2)
    while await notifier.status()[0].waitingCount > 0 { await Task.yield() }
    #expect(await notifier.status().map(\.health.delivered) == [1, 1])
    await notifier.shutdown(within: .seconds(1))
    await running.value
    #expect(bad.told == ["a", "a"])
    #expect(good.told == ["a"])
  }

  @Test func `who waits for a message learns what became of the first attempt`() async {
    let clock = ManualClock()
    let notifier = notifier(
      [ScriptedChannel("good"), ScriptedChannel("bad", [.refused(Self.refusal)])], clock)
    let outcomes = await notifier.deliver(notice("a"), within: .seconds(20))
    #expect(outcomes.map(\.name) == ["good", "bad"])
    #expect(outcomes.map(\.delivery) == [.delivered, .refused(Self.refusal)])
    await notifier.shutdown(within: .seconds(1))
  }

  @Test func `who waits for a message does not wait for ever`() async {
    let clock = ManualClock()
    let stuck = ScriptedChannel("stuck", isStuck: true)
    let notifier = notifier([stuck], clock)
    async let outcomes = notifier.deliver(notice("a"), within: .seconds(20))
    await clock.sleeper(wakesWithin: .seconds(20))
    clock.advance(by: .seconds(20))
    #expect(await outcomes.map(\.delivery) == [nil])
    async let end: Void = notifier.shutdown(within: .seconds(5))
    await clock.sleeper(wakesWithin: .seconds(5))
    clock.advance(by: .seconds(5))
    await end
  }

  @Test func `a stop gives what waits one attempt more, and ends`() async {
    let clock = ManualClock()
    let channel = ScriptedChannel("late", [.failed(Self.refusal, retryAfter: .seconds(600))])
    let notifier = notifier([channel], clock)
    let running = Task { await notifier.run() }
    notifier.tell(notice("a"))
    await channel.waitUntilTold(1)
    await clock.sleeper(wakesWithin: .seconds(600))
    notifier.tell(notice("stopped", .info))
    await notifier.shutdown(within: .seconds(5))
    await running.value
    #expect(channel.told == ["a", "a", "stopped"])
    // Nobody takes it out any more, and nobody is kept waiting.
    notifier.tell(notice("b"))
    #expect(channel.told.count == 3)
  }

  @Test func `an engine without channels tells nobody, at once`() async {
    let notifier = notifier([], ManualClock())
    notifier.tell(notice("a"))
    #expect(await notifier.deliver(notice("b"), within: .seconds(20)) == [])
    await notifier.shutdown(within: .seconds(5))
    await notifier.run()
  }
}
