import OrderDomain
import TestSupport
import Testing

@testable import Actors

struct NotifierStateTests {
  private static let at = Sample.opening
  private static let refusal = Refusal(code: "notify.x", cause: "it does not answer", fix: "wait")

  private func seconds(_ seconds: Double) -> Uptime { Uptime(offset: .milliseconds(Int64(seconds * 1_000))) }

  private func notice(
    _ title: String, _ severity: Notice.Severity = .critical, likeness: String? = nil
  ) -> Notice {
    Notice(.alarm, severity, title, at: Self.at, likeness: likeness)
  }

  private func state(_ change: (inout NotifierSettings) -> Void = { _ in }) -> NotifierState {
    var settings = NotifierSettings()
    settings.leastPause = .zero
    change(&settings)
    return NotifierState(settings: settings)
  }

  /// What is asked to be carried now, taken as delivered.
  private func carry(_ state: inout NotifierState, at now: Uptime) -> NoticeMessage? {
    guard case .deliver(let message, _) = state.next(at: now) else { return nil }
    state.ended(.delivered, at: Self.at, now: now)
    return message
  }

  // MARK: Order and room

  @Test func `one is under way at a time, the worst first and of equals the oldest`() {
    var state = state()
    for (title, severity) in [("a", Notice.Severity.info), ("b", .critical), ("c", .warning), ("d", .critical)] {
      _ = state.post(notice(title, severity), at: seconds(0))
    }
    guard case .deliver(let first, _) = state.next(at: seconds(0)) else {
      Issue.record("nothing to carry")
      return
    }
    #expect(first.notice.title == "b")
    #expect(state.next(at: seconds(0)) == .doNothing)
    state.ended(.delivered, at: Self.at, now: seconds(0))
    #expect((0..<3).map { _ in carry(&state, at: seconds(0))?.notice.title } == ["d", "c", "a"])
    #expect(state.isIdle)
  }

  @Test func `when there is no room the least severe gives way, and a critical one never to a lesser`() {
    var state = state { $0.capacity = 3 }
    for title in ["a", "b", "c"] { _ = state.post(notice(title, .warning), at: seconds(0)) }
    #expect(state.post(notice("info", .info), at: seconds(0)) == .lost)
    #expect(state.post(notice("equal", .warning), at: seconds(0)) == .lost)
    for title in ["x", "y", "z"] {
      guard case .queued = state.post(notice(title, .critical), at: seconds(0)) else {
        Issue.record("\(title) had to find room")
        return
      }
    }
    #expect(state.post(notice("more", .critical), at: seconds(0)) == .lost)
    #expect(state.post(notice("lesser", .warning), at: seconds(0)) == .lost)
    let messages = (0..<3).compactMap { _ in carry(&state, at: seconds(0)) }
    #expect(messages.map(\.notice.title) == ["x", "y", "z"])
    // The first that goes says how many do not.
    #expect(messages.map(\.lostCount) == [7, 0, 0])
    #expect(messages[0].text.hasSuffix("7 other messages were given up; the log has them."))
    #expect(state.health.lost == 7)
  }

  // MARK: Likeness

  @Test func `equal ones that wait are counted`() {
    var state = state()
    for _ in 0..<5 { _ = state.post(notice("a", likeness: "a"), at: seconds(0)) }
    _ = state.post(notice("b", likeness: "b"), at: seconds(0))
    #expect(carry(&state, at: seconds(0))?.text == "a\nAnd 4 more like it.")
    #expect(carry(&state, at: seconds(0))?.text == "b")
    #expect(carry(&state, at: seconds(0)) == nil)
  }

  @Test func `equal ones after it are told once a window, with how many there were`() {
    var state = state()
    _ = state.post(notice("a", likeness: "a"), at: seconds(0))
    #expect(carry(&state, at: seconds(0))?.moreCount == 0)
    for second in [1.0, 20, 59] { #expect(state.post(notice("a", likeness: "a"), at: seconds(second)) == .counted) }
    #expect(state.next(at: seconds(59)) == .wait(until: seconds(60)))
    #expect(carry(&state, at: seconds(60))?.moreCount == 2)
    // The next window begins with that, and one without repeats ends in silence.
    #expect(state.post(notice("a", likeness: "a"), at: seconds(61)) == .counted)
    #expect(carry(&state, at: seconds(120))?.moreCount == 0)
    #expect(carry(&state, at: seconds(180)) == nil)
    guard case .queued = state.post(notice("a", likeness: "a"), at: seconds(181)) else {
      Issue.record("after a silent window it is new")
      return
    }
  }

  @Test func `what has no likeness is always told`() {
    var state = state()
    for _ in 0..<3 { _ = state.post(notice("a"), at: seconds(0)) }
    #expect((0..<4).compactMap { _ in carry(&state, at: seconds(0)) }.count == 3)
  }

  @Test func `likenesses are bounded: the oldest is told and forgotten`() {
    var state = state { $0.likenessCapacity = 2 }
    for likeness in ["a", "b"] { _ = state.post(notice(likeness, likeness: likeness), at: seconds(0)) }
    while carry(&state, at: seconds(0)) != nil {}
    _ = state.post(notice("a", likeness: "a"), at: seconds(1))
    _ = state.post(notice("c", likeness: "c"), at: seconds(1))
    #expect([carry(&state, at: seconds(1)), carry(&state, at: seconds(1))].map { $0?.notice.title } == ["a", "c"])
  }

  // MARK: Rate

  @Test func `no more than so many in a window, and none within the least pause`() {
    var state = state {
      $0.rateLimit = 3
      $0.leastPause = .seconds(1)
    }
    for title in ["a", "b", "c", "d"] { _ = state.post(notice(title), at: seconds(0)) }
    #expect(carry(&state, at: seconds(0))?.notice.title == "a")
    #expect(state.next(at: seconds(0.5)) == .wait(until: seconds(1)))
    #expect(carry(&state, at: seconds(1))?.notice.title == "b")
    #expect(carry(&state, at: seconds(2))?.notice.title == "c")
    #expect(state.next(at: seconds(3)) == .wait(until: seconds(60)))
    #expect(carry(&state, at: seconds(60))?.notice.title == "d")
  }

  // MARK: Failure

  /// The attempt fails at that moment.
  private func fail(_ state: inout NotifierState, at now: Uptime, retryAfter: Duration? = nil) {
    guard case .deliver = state.next(at: now) else {
      Issue.record("nothing to carry at \(now)")
      return
    }
    state.ended(.failed(Self.refusal, retryAfter: retryAfter), at: Self.at, now: now)
  }

  @Test func `what fails is tried again after pauses that grow to a limit`() {
    var state = state { $0.longestRetryPause = .seconds(10) }
    _ = state.post(notice("a"), at: seconds(0))
    var now = 0.0
    for pause in [2.0, 4, 8, 10, 10] {
      fail(&state, at: seconds(now))
      #expect(state.next(at: seconds(now)) == .wait(until: seconds(now + pause)))
      now += pause
    }
    #expect(state.health.failed == 5)
    #expect(state.health.lastFailure?.refusal == Self.refusal)
    #expect(carry(&state, at: seconds(now))?.notice.title == "a")
    #expect(state.health.lastFailure == nil)
    // Well again: the next failure begins anew.
    _ = state.post(notice("b"), at: seconds(now))
    fail(&state, at: seconds(now))
    #expect(state.next(at: seconds(now)) == .wait(until: seconds(now + 2)))
  }

  @Test func `a channel's own word on when to come again is kept, up to an hour`() {
    var state = state()
    _ = state.post(notice("a"), at: seconds(0))
    fail(&state, at: seconds(0), retryAfter: .seconds(33))
    #expect(state.next(at: seconds(1)) == .wait(until: seconds(33)))
    fail(&state, at: seconds(33), retryAfter: .seconds(1_000_000))
    #expect(state.next(at: seconds(33)) == .wait(until: seconds(33 + 3_600)))
  }

  @Test func `what failed keeps its place before what came later`() {
    var state = state()
    for title in ["a", "b"] { _ = state.post(notice(title), at: seconds(0)) }
    fail(&state, at: seconds(0))
    #expect(carry(&state, at: seconds(2))?.notice.title == "a")
  }

  @Test func `what is refused for good is given up, and the next goes at once`() {
    var state = state()
    for title in ["a", "b"] { _ = state.post(notice(title), at: seconds(0)) }
    guard case .deliver = state.next(at: seconds(0)) else {
      Issue.record("nothing to carry")
      return
    }
    state.ended(.refused(Self.refusal), at: Self.at, now: seconds(0))
    let next = carry(&state, at: seconds(0))
    #expect(next?.notice.title == "b")
    #expect(next?.lostCount == 1)
  }

  @Test func `news that nobody could be told for an hour are dropped, critical ones after a day`() {
    var state = state()
    _ = state.post(notice("info", .info), at: seconds(0))
    _ = state.post(notice("critical"), at: seconds(0))
    fail(&state, at: seconds(0))
    #expect(carry(&state, at: seconds(3_600))?.notice.title == "critical")
    #expect(state.isIdle)
    #expect(state.health.lost == 1)
    _ = state.post(notice("again"), at: seconds(3_600))
    fail(&state, at: seconds(3_600))
    #expect(state.next(at: seconds(3_600 + 86_400)) == .doNothing)
    #expect(state.isIdle)
  }

  // MARK: The end

  @Test func `at the end each gets one attempt at once, and what was counted is told`() {
    var state = state { $0.leastPause = .seconds(1) }
    _ = state.post(notice("a", likeness: "a"), at: seconds(0))
    #expect(carry(&state, at: seconds(0)) != nil)
    _ = state.post(notice("a", likeness: "a"), at: seconds(1))
    _ = state.post(notice("b"), at: seconds(1))
    fail(&state, at: seconds(1), retryAfter: .seconds(100))
    state.end()
    var told: [String] = []
    while case .deliver(let message, _) = state.next(at: seconds(2)) {
      told.append(message.notice.title)
      state.ended(.failed(Self.refusal, retryAfter: nil), at: Self.at, now: seconds(2))
    }
    #expect(told == ["b", "a"])
    #expect(state.isIdle)
  }

  @Test func `without time left everything that waits is lost`() {
    var state = state()
    for title in ["a", "b"] { _ = state.post(notice(title), at: seconds(0)) }
    guard case .deliver = state.next(at: seconds(0)) else {
      Issue.record("nothing to carry")
      return
    }
    state.end()
    state.giveUp()
    #expect(!state.isIdle)
    state.ended(.failed(Self.refusal, retryAfter: nil), at: Self.at, now: seconds(0))
    #expect(state.isIdle)
    #expect(state.health.lost == 2)
  }

  @Test func `a delivery that nobody asked for is a mistake of ours`() async {
    await #expect(processExitsWith: .failure) {
      var state = NotifierState()
      state.ended(.delivered, at: Timestamp(nanoseconds: 0), now: Uptime(nanoseconds: 0))
    }
  }
}
