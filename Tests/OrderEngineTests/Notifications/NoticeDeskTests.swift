import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors
@testable import OrderEngine

/// Which news become messages, and how many.
@Suite(.timeLimit(.minutes(1)))
struct NoticeDeskTests {
  private final class Told: NotificationChannel {
    let name = "test"
    private let state = Mutex<[NoticeMessage]>([])
    var messages: [NoticeMessage] { state.withLock { $0 } }
    var notices: [Notice] { messages.map(\.notice) }

    func deliver(_ message: NoticeMessage) async -> NoticeDelivery {
      state.withLock { $0.append(message) }
      return .delivered
    }
  }

  private let told = Told()
  private let wallClock = ManualWallClock(Sample.opening)
  private static let refusal = Refusal(code: "broker.rejected", cause: "no funds", fix: "add some")

  /// What was told of all that `body` does.
  private func notices(
    optional: [NoticeEvent] = [], _ body: (NoticeDesk) async -> Void
  ) async -> [Notice] {
    var settings = NotifierSettings()
    settings.leastPause = .zero
    let notifier = Notifier(
      executor: SerialQueueExecutor(), clock: ManualClock(), wallClock: wallClock, channels: [told], settings: settings)
    await body(NoticeDesk(notifier: notifier, wallClock: wallClock, optionalEvents: optional))
    await notifier.shutdown(within: .seconds(5))
    return told.notices
  }

  private func order(_ transitions: OrderTransition..., number: String? = nil, leg: Int = 1) -> Order {
    var order = Order(Sample.request(leg: leg), createdAt: Sample.opening)
    for transition in transitions {
      let refusal = [.denied, .rejected, .outcomeLost].contains(transition) ? Self.refusal : nil
      _ = order.apply(
        OrderReport(
          correlationID: order.request.correlationID, transition: transition,
          brokerOrderID: number.flatMap { BrokerOrderID($0) }, refusal: refusal, at: Sample.opening))
    }
    return order
  }

  @Test func `an order's failure is told once, however often it is reported`() async {
    let rejected = order(.submitted, .rejected)
    let told = await notices { desk in
      for _ in 0..<3 { desk.take(.order(rejected)) { _ in nil } }
    }
    #expect(told.map(\.event) == [.orderFailed])
    // Nor is it counted as one more like it.
    #expect(self.told.messages.map(\.moreCount) == [0])
    #expect(told.first?.severity == .critical)
    #expect(
      told.first?.text == "Order rejected by the broker: BUY 10 RELIANCE on main\nCause: no funds.\nTo do: add some.")
  }

  @Test func `denied and unknown orders are told, and an unknown one again when something is known`() async {
    let told = await notices { desk in
      desk.take(.order(order(.denied))) { _ in nil }
      desk.take(.order(order(.submitted, .outcomeLost, leg: 2))) { _ in nil }
      desk.take(.order(order(.submitted, .outcomeLost, .accepted, number: "7", leg: 2))) { _ in nil }
    }
    #expect(
      told.map(\.title) == [
        "Order denied by the engine: BUY 10 RELIANCE on main",
        "Order unknown: it may be at the broker: BUY 10 RELIANCE on main",
        "No longer unknown: BUY 10 RELIANCE on main is accepted",
      ])
  }

  @Test func `what goes well is told only when asked for`() async {
    let silent = await notices { desk in
      desk.take(.order(order(.submitted, .accepted, number: "7"))) { _ in nil }
      desk.take(.alert(Sample.alert)) { _ in "BUY 10 RELIANCE" }
      desk.started([])
      desk.stopped()
      await desk.tell(ReadinessReport(at: Sample.opening, checks: [ReadinessCheck("disk", .ok, "fine")]))
    }
    #expect(silent == [])
    let loud = await notices(optional: [.alertReceived, .engineStarted, .engineStopped, .morningReport]) { desk in
      // Each of its legs brings it again.
      for _ in 0..<2 { desk.take(.alert(Sample.alert)) { _ in "BUY 10 RELIANCE" } }
      desk.started(["Accounts: paper."])
      await desk.tell(ReadinessReport(at: Sample.opening, checks: [ReadinessCheck("disk", .ok, "fine")]))
    }
    #expect(loud.map(\.event).sorted { $0.rawValue < $1.rawValue } == [.alertReceived, .engineStarted, .morningReport])
  }

  @Test func `a bad morning is told whatever is asked for, with each cause and what to do`() async {
    let report = ReadinessReport(
      at: Sample.opening,
      checks: [
        ReadinessCheck("token", of: Sample.account, .failed, "there is none", fix: "log in"),
        ReadinessCheck("disk", .warning, "little room", fix: "make some"),
        ReadinessCheck("address", of: Sample.account, .unknown, "nobody says"),
      ])
    let told = await notices { await $0.tell(report) }
    #expect(told.map(\.severity) == [.critical])
    #expect(
      told.first?.text == """
        NOT READY for the market: main/token
        main: token (failed): there is none. To do: log in.
        disk (warning): little room. To do: make some.
        Nobody can say: main/address.
        """)
  }

  @Test func `alarms are told, those of doors as lesser ones`() async {
    let told = await notices { desk in
      desk.alarm(Refusal(code: "auth.turnedAway", cause: "1 request", fix: "x"))
      desk.alarm(Refusal(code: "bracket.unguarded", cause: "10 units", fix: "close them"))
    }
    #expect(told.map(\.severity) == [.critical, .warning])
    #expect(told.map(\.code) == ["bracket.unguarded", "auth.turnedAway"])
  }

  @Test func `a token with less than an hour is told once`() async {
    func status(minutes: Int64) -> TokenStatus {
      TokenStatus(
        valid: true, expiry: Sample.opening.adding(nanoseconds: minutes * 60_000_000_000), hoursRemaining: 0,
        needsRefresh: false, isRefreshing: false, generation: 1, waiterCount: 0, lastError: nil,
        counters: TokenStatus.Counters())
    }
    let told = await notices { desk in
      desk.look(at: status(minutes: 61), of: Sample.account, renewsItself: false)
      for _ in 0..<3 { desk.look(at: status(minutes: 59), of: Sample.account, renewsItself: false) }
    }
    #expect(told.map(\.event) == [.tokenExpiring])
    #expect(told.first?.title == "The access token of main ends at 10:14, in less than an hour")
    #expect(told.first?.text.contains("/auth-url?account=main") == true)
  }

  @Test func `a refused alert is told with its reasons`() async {
    let told = await notices { $0.take(.refused([Self.refusal])) { _ in nil } }
    #expect(told.map(\.event) == [.orderFailed])
    #expect(told.first?.text.contains("no funds") == true)
  }
}
