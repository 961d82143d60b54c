package import Actors
package import OrderDomain
import Synchronization

/// Decides which of the engine's news people are told, and in which words. Each failure of an order is told once, however
/// many reports bring it. Callable from any thread; nothing here waits.
package final class NoticeDesk: Sendable {
  package let notifier: Notifier
  private let wallClock: any WallClock
  private let optional: Set<NoticeEvent>
  private let memory = Mutex(Memory())

  /// What has been told, so that it is told once, and what the day's summary counts.
  private struct Memory {
    var orders = BoundedMemory<CorrelationID, OrderState>(limit: 4_096)
    var alerts = BoundedMemory<AlertIdentity, Bool>(limit: 1_024)
    var tokens: [AccountID: Timestamp] = [:]
    var day = DayTally()
  }

  package init(notifier: Notifier, wallClock: any WallClock, optionalEvents: [NoticeEvent]) {
    self.notifier = notifier
    self.wallClock = wallClock
    optional = Set(optionalEvents)
  }

  // MARK: Alarms

  /// What a person should read, whoever says it.
  package func alarm(_ refusal: Refusal) {
    // Who is turned away at a door changes with every address that tries, and no order hangs on it.
    let isOfDoors = refusal.code.hasPrefix("auth.")
    notifier.tell(
      Notice(
        .alarm, isOfDoors ? .warning : .critical, "Alarm: \(refusal.code)", refusal, at: wallClock.now(),
        likeness: isOfDoors ? "alarm \(refusal.code)" : "alarm \(refusal.code) \(refusal.cause)"))
  }

  // MARK: Alerts and orders

  /// - Parameter describe: an accepted alert in one line; `nil` when it is not known any more.
  package func take(_ news: EngineNews, describe: (AlertIdentity) -> String?) {
    switch news {
    case .order(let order): take(order)
    case .alert(let identity): accepted(identity, describe)
    case .refused(let refusals): refused(refusals)
    }
  }

  private func accepted(_ identity: AlertIdentity, _ describe: (AlertIdentity) -> String?) {
    let isNew = memory.withLock { memory in
      guard memory.alerts[identity] == nil else { return false }
      memory.alerts.keep(true, for: identity)
      memory.day.accepted += 1
      return true
    }
    guard isNew, optional.contains(.alertReceived), let words = describe(identity) else { return }
    notifier.tell(Notice(.alertReceived, .info, "Alert accepted: \(words)", at: wallClock.now()))
  }

  private func refused(_ refusals: [Refusal]) {
    memory.withLock { $0.day.refused += 1 }
    guard let first = refusals.first else { return }
    let shown = refusals.prefix(5).flatMap { ["Cause: \($0.cause).", "To do: \($0.fix)."] }
    let rest = refusals.count > 5 ? ["And \(refusals.count - 5) more reasons."] : []
    notifier.tell(
      Notice(
        .orderFailed, .critical, "Alert refused, no order was sent", lines: shown + rest, at: wallClock.now(),
        likeness: "refused \(first.code) \(first.cause)", code: first.code))
  }

  private func take(_ order: Order) {
    let failure = OrderFailureWords(order)
    guard failure != nil || order.state == .filled || order.brokerOrderID != nil else { return }
    let id = order.request.correlationID
    let before = memory.withLock { memory -> OrderState? in
      let before = memory.orders[id]
      guard before != order.state else { return before }
      // What has merely reached the broker is of interest after a doubt alone, and would fill the memory.
      if failure == nil, order.state != .filled, before == nil { return nil }
      memory.orders.keep(order.state, for: id)
      if failure != nil { memory.day.failed += 1 } else if order.state == .filled { memory.day.filled += 1 }
      return before
    }
    if before == order.state { return }
    if before == .unknown, failure == nil {
      return notifier.tell(
        Notice(
          .orderFailed, .warning, "No longer unknown: \(order.words) is \(order.state.words)",
          lines: order.detailLines, at: wallClock.now()))
    }
    if let failure {
      let refusal = failure.refusal
      let likeness =
        "order \(order.state) \(order.request.account) \(order.request.instrument.tradingSymbol) "
        + "\(order.request.side) \(refusal.code)"
      notifier.tell(
        Notice(
          .orderFailed, .critical, "\(failure.title): \(order.words)",
          lines: ["Cause: \(refusal.cause).", "To do: \(refusal.fix)."] + order.detailLines, at: wallClock.now(),
          likeness: likeness, code: refusal.code))
    } else if order.state == .filled, optional.contains(.orderFilled) {
      let price = order.averagePrice.map { " at \($0)" } ?? ""
      notifier.tell(
        Notice(.orderFilled, .info, "Filled: \(order.words)\(price)", lines: order.detailLines, at: wallClock.now()))
    }
  }

  // MARK: Tokens

  package func take(_ news: TokenKeeper.News, of account: AccountID) {
    switch news {
    case .readBack, .renewed: break
    case .renewalFailed(let error):
      notifier.tell(
        Notice(
          .tokenRefreshError, .critical, "No new access token for \(account)", error.refusal, at: wallClock.now(),
          likeness: "token \(account) \(error.refusal.code)"))
    case .endsToday(let expiry):
      notifier.tell(
        Notice(
          .tokenExpiring, .warning,
          "The access token of \(account) ends today at \(expiry.indianClock), and only a person brings the next",
          lines: ["To do: \(NoticeDesk.logIn(account))."], at: wallClock.now(), likeness: "token today \(account)"))
    case .storeFailed(let error): alarm(error.refusal)
    }
  }

  /// Told once for each token that has less than an hour left.
  package func look(at status: TokenStatus, of account: AccountID, renewsItself: Bool) {
    let now = wallClock.now()
    guard status.valid, let expiry = status.expiry, expiry > now, expiry.nanoseconds(since: now) < NoticeDesk.hour
    else { return }
    let isNew = memory.withLock { memory in
      guard memory.tokens[account] != expiry else { return false }
      memory.tokens[account] = expiry
      return true
    }
    guard isNew else { return }
    let fix =
      renewsItself
      ? "nothing if it is renewed by then, which the engine tries by itself; else \(NoticeDesk.logIn(account))"
      : NoticeDesk.logIn(account)
    notifier.tell(
      Notice(
        .tokenExpiring, .critical, "The access token of \(account) ends at \(expiry.indianClock), in less than an hour",
        lines: ["To do: \(fix)."], at: now))
  }

  private static let hour: Int64 = 3_600_000_000_000

  private static func logIn(_ account: AccountID) -> String {
    "log in at /auth-url?account=\(account)&go=1 of the engine, or post to /refresh-token"
  }

  // MARK: The day

  package func started(_ lines: [String]) {
    guard optional.contains(.engineStarted) else { return }
    notifier.tell(
      Notice(
        .engineStarted, .info, "Order engine \(OrderEngineVersion.current) takes alerts", lines: lines,
        at: wallClock.now()))
  }

  package func stopped() {
    guard optional.contains(.engineStopped) else { return }
    notifier.tell(
      Notice(
        .engineStopped, .warning, "Order engine stops: no alert is taken until it is started again",
        at: wallClock.now()))
  }

  /// Sends the morning's findings, and waits a while for them to arrive: that is what proves that messages do. A good
  /// morning is told when it was asked for; a bad one always.
  package func tell(_ report: ReadinessReport) async {
    guard !report.isReady || optional.contains(.morningReport) else { return }
    _ = await notifier.deliver(MorningWords.notice(report), within: NoticeDesk.morningPatience)
  }

  private static let morningPatience = Duration.seconds(20)

  var tellsSummary: Bool { optional.contains(.dailySummary) }

  /// What happened since the last one, or since the start.
  package func summarise(_ day: CalendarDate) {
    let tally = memory.withLock { memory in
      let tally = memory.day
      memory.day = DayTally()
      return tally
    }
    notifier.tell(
      Notice(
        .dailySummary, .info, "The day until now, \(day)",
        lines: [
          "Alerts accepted: \(tally.accepted), refused: \(tally.refused).",
          "Orders filled: \(tally.filled), failed or in doubt: \(tally.failed).",
        ], at: wallClock.now()))
  }

  // MARK: A test

  /// One message by every channel, and what became of it.
  package func test() async -> [Notifier.ChannelOutcome] {
    await notifier.deliver(NoticeDesk.testNotice(at: wallClock.now()), within: NoticeDesk.morningPatience)
  }

  static func testNotice(at now: Timestamp) -> Notice {
    Notice(
      .test, .info, "Test message of the order engine",
      lines: ["Messages arrive here. Failures will be told the same way."], at: now)
  }
}

/// Counts of one day.
private struct DayTally {
  var accepted = 0
  var refused = 0
  var filled = 0
  var failed = 0
}

/// A dictionary that forgets its oldest entries.
private struct BoundedMemory<Key: Hashable, Value> {
  let limit: Int
  private var values: [Key: Value] = [:]
  private var order: [Key] = []
  private var oldest = 0

  init(limit: Int) { self.limit = limit }

  subscript(key: Key) -> Value? { values[key] }

  mutating func keep(_ value: Value, for key: Key) {
    if values.updateValue(value, forKey: key) == nil { note(key) }
  }

  private mutating func note(_ key: Key) {
    if order.count < limit { return order.append(key) }
    values[order[oldest]] = nil
    order[oldest] = key
    oldest = (oldest + 1) % limit
  }
}
