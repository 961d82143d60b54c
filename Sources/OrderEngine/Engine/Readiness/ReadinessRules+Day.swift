package import Actors
package import OrderDomain

/// The day's trading, and whether people can be told of it.
extension ReadinessRules {
  // MARK: Calendar

  /// Informs, and keeps nothing from going out: the exchanges themselves know best when they trade.
  package static func calendar(
    at now: Timestamp, _ list: Result<HolidayCalendar.Source, Refusal>
  ) -> ReadinessCheck {
    let day = now.indianDate
    func check(_ verdict: ReadinessCheck.Verdict, _ cause: String, _ fix: String = "") -> ReadinessCheck {
      ReadinessCheck("calendar", verdict, cause, fix: fix)
    }
    let source: HolidayCalendar.Source
    switch list {
    case .success(let read): source = read
    case .failure(let refusal): return check(.warning, refusal.cause, refusal.fix)
    }
    guard source.calendar.covers(day) else {
      let year = day.components.year
      let fix = "write \(year)'s holidays into holidays.csv in the data directory; docs/holidays.md says how"
      // Monday is 0.
      if day.weekday >= 5 {
        return check(
          .warning,
          "\(day) is on a weekend: exchanges trade only in special sessions, and \(source.words) does not cover \(year)",
          fix)
      }
      return check(.unknown, "\(day) is a weekday, and \(source.words) does not cover \(year)", fix)
    }
    let days = HolidayCalendar.Exchange.allCases.map { ($0, source.calendar.day(day, at: $0)) }
    let words = "\(day): \(words(days)), by \(source.words)"
    if days.contains(where: { !$0.1.isUsual }) {
      return check(.warning, words, "see the exchange's circular if orders are expected today")
    }
    return check(.ok, words + nextWords(after: day, source.calendar))
  }

  /// Exchanges that do the same in one breath.
  private static func words(_ days: [(HolidayCalendar.Exchange, HolidayCalendar.Day)]) -> String {
    var groups: [(names: [String], day: HolidayCalendar.Day)] = []
    for (exchange, day) in days {
      if let index = groups.firstIndex(where: { $0.day == day }) {
        groups[index].names.append(exchange.rawValue)
      } else {
        groups.append(([exchange.rawValue], day))
      }
    }
    return groups.map { "\($0.names.joined(separator: ", ")) \($0.day.words)" }.joined(separator: "; ")
  }

  private static func nextWords(after day: CalendarDate, _ calendar: HolidayCalendar) -> String {
    guard let next = calendar.next(after: day) else { return "" }
    return "; next \(next.date): \(next.words) (\(next.exchange.rawValue))"
  }

  // MARK: Notification

  /// What arrived is proof; what was merely configured is none. Orders go out without it, so nothing here is a failure.
  package static func notification(_ channels: [Notifier.ChannelStatus]) -> ReadinessCheck {
    func check(_ verdict: ReadinessCheck.Verdict, _ cause: String, _ fix: String = "") -> ReadinessCheck {
      ReadinessCheck("notification", verdict, cause, fix: fix)
    }
    guard !channels.isEmpty else {
      return check(
        .unknown, "none configured: nobody is told when an order fails",
        "set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID, or NOTIFICATION_URL; docs/notifications.md says how")
    }
    for channel in channels {
      guard let failure = channel.health.lastFailure else { continue }
      return check(
        .warning, "\(channel.name) failed at \(failure.at.indianClock): \(failure.refusal.cause)", failure.refusal.fix)
    }
    let silent = channels.filter { $0.health.lastDelivered == nil }
    guard silent.isEmpty else {
      return check(
        .unknown, "nothing has been sent by \(silent.map(\.name).joined(separator: ", ")) since the start",
        "order-engine notify test, or POST /api/v1/notifications/test, shows whether messages arrive")
    }
    let last = channels.compactMap(\.health.lastDelivered).min().map { ", last at \($0.indianClock)" } ?? ""
    return check(.ok, "messages arrive by \(channels.map(\.name).joined(separator: ", "))\(last)")
  }
}

extension HolidayCalendar.Day {
  fileprivate var isUsual: Bool {
    switch self {
    case .trades, .tradesWithoutSettlement: true
    case .closed, .session, .weekend: false
    }
  }

  fileprivate var words: String {
    switch self {
    case .trades: "trade"
    case .tradesWithoutSettlement(let words): "trade, nothing is settled (\(words))"
    case .closed(let words): "closed (\(words))"
    case .session(let hours, let words): "trade \(hours ?? "at special hours") (\(words))"
    case .weekend: "closed (weekend)"
    }
  }
}
