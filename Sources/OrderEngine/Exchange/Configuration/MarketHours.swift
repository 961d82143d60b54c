package import OrderDomain

/// When orders are taken and matched.
package enum MarketHours: Sendable {
  case aroundTheClock
  case sessions(SessionTable)

  package func isOpen(_ segment: ExchangeSegment, at time: Timestamp) -> Bool {
    switch self {
    case .aroundTheClock: true
    case .sessions(let table): table.isOpen(segment, at: time)
    }
  }

  var hasSessions: Bool {
    switch self {
    case .aroundTheClock: false
    case .sessions: true
    }
  }

  /// The first opening after `time`, searched over 30 days; `nil` around the clock and for segments without sessions.
  func nextOpening(_ segment: ExchangeSegment, after time: Timestamp) -> Timestamp? {
    switch self {
    case .aroundTheClock: nil
    case .sessions(let table): table.nextOpening(segment, after: time)
    }
  }
}

/// Daily sessions per segment, in Indian time. Weekends are closed unless a day is special.
package struct SessionTable: Sendable {
  package var sessions: [ExchangeSegment: TradingSession]
  package var holidays: Set<CalendarDate>
  /// Weekend days with a session, and days that override a holiday.
  package var specialDays: Set<CalendarDate>

  package init(
    sessions: [ExchangeSegment: TradingSession], holidays: Set<CalendarDate> = [], specialDays: Set<CalendarDate> = []
  ) {
    self.sessions = sessions
    self.holidays = holidays
    self.specialDays = specialDays
  }

  package func trades(on day: CalendarDate) -> Bool {
    specialDays.contains(day) || (day.weekday < 5 && !holidays.contains(day))
  }

  func isOpen(_ segment: ExchangeSegment, at time: Timestamp) -> Bool {
    guard let session = sessions[segment], trades(on: time.indianDate) else { return false }
    return session.seconds.contains(time.indianSecondOfDay)
  }

  func nextOpening(_ segment: ExchangeSegment, after time: Timestamp) -> Timestamp? {
    guard let session = sessions[segment] else { return nil }
    let today = time.indianDate
    for days in Int32(0)...30 {
      let day = today.adding(days: days)
      guard trades(on: day) else { continue }
      let opening = session.opening(on: day)
      if opening > time { return opening }
    }
    return nil
  }
}

/// One stretch of trading a day.
package struct TradingSession: Hashable, Sendable {
  /// Of the Indian day; the upper bound is the first second that is closed.
  package let seconds: Range<Int32>

  /// For `9, 15, 15, 30`: from 09:15 until 15:30.
  package init(from hour: Int32, _ minute: Int32, until lastHour: Int32, _ lastMinute: Int32) {
    seconds = (hour * 3_600 + minute * 60)..<(lastHour * 3_600 + lastMinute * 60)
  }

  func opening(on day: CalendarDate) -> Timestamp {
    // India is UTC+05:30 the whole year.
    let second = Int64(day.daysSinceEpoch) * 86_400 + Int64(seconds.lowerBound) - 19_800
    return Timestamp(nanoseconds: second * 1_000_000_000)
  }
}
