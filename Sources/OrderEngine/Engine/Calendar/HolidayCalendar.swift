package import OrderDomain

/// When the exchanges do not trade, or not at their usual hours: a list with dates, for the years that it says it covers.
/// It informs people; no order depends on it.
///
/// Text, one fact a line, `#` begins a comment:
///
/// ```
/// covers,2026
/// 2026-01-26,NSE BSE MCX,holiday,,Republic Day
/// 2026-03-03,MCX,session,17:00-23:55,Holi: evening session only
/// 2026-11-08,NSE BSE MCX,session,,Muhurat trading at hours to be announced
/// 2026-02-19,MCX,settlement,,Chhatrapati Shivaji Maharaj Jayanti
/// ```
package struct HolidayCalendar: Sendable {
  package enum Exchange: String, CaseIterable, Sendable {
    case nse = "NSE"
    case bse = "BSE"
    case mcx = "MCX"
  }

  package enum Kind: String, Sendable, CaseIterable {
    /// No trading.
    case holiday
    /// Trading in these hours alone: a short day, or a session on a day that has none.
    case session
    /// Trading as usual, and nothing is settled.
    case settlement
  }

  package struct Entry: Hashable, Sendable {
    package let date: CalendarDate
    package let exchange: Exchange
    package let kind: Kind
    /// `17:00-23:55`; `nil` where it is not known, or says nothing.
    package let hours: String?
    package let words: String
  }

  /// What one exchange does on one day.
  package enum Day: Hashable, Sendable {
    case trades
    /// As usual, and nothing is settled.
    case tradesWithoutSettlement(String)
    case closed(String)
    /// `nil` for hours that are not known.
    case session(hours: String?, String)
    case weekend
  }

  package let years: Set<Int>
  private let entries: [CalendarDate: [Entry]]

  /// Where a list comes from, for people.
  package struct Source: Sendable {
    package let calendar: HolidayCalendar
    package let words: String

    package init(_ calendar: HolidayCalendar, _ words: String) {
      self.calendar = calendar
      self.words = words
    }
  }

  /// - Throws: what is wrong with the first line that cannot be understood.
  package init(_ text: String) throws(Refusal) {
    var years: Set<Int> = []
    var entries: [CalendarDate: [Entry]] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let bare = HolidayCalendar.trimmed(line.prefix { $0 != "#" })
      if bare.isEmpty { continue }
      let fields = bare.split(separator: ",", maxSplits: 4, omittingEmptySubsequences: false).map {
        HolidayCalendar.trimmed($0)
      }
      if fields[0] == "covers" {
        guard fields.count == 2, let year = Int(fields[1]), (2000...2999).contains(year) else {
          throw HolidayCalendar.badLine(index, "names no year", "write covers,2026")
        }
        years.insert(year)
        continue
      }
      for entry in try HolidayCalendar.entries(fields, index) { entries[entry.date, default: []].append(entry) }
    }
    self.years = years
    self.entries = entries
  }

  private static func entries(_ fields: [String], _ index: Int) throws(Refusal) -> [Entry] {
    guard fields.count == 5 else {
      throw badLine(index, "has \(fields.count) fields", "write date,exchanges,kind,hours,words")
    }
    guard let date = CalendarDate(iso: fields[0]) else {
      throw badLine(index, "begins with no date", "write the date as 2026-01-26")
    }
    guard let kind = Kind(rawValue: fields[2]) else {
      throw badLine(index, "has no known kind", "write holiday, session or settlement")
    }
    let hours = fields[3].isEmpty ? nil : fields[3]
    guard kind == .session ? hours.map(areHours) ?? true : hours == nil else {
      throw badLine(index, "has no such hours", "write 17:00-23:55 for a session, and nothing for the other kinds")
    }
    var exchanges = fields[1] == "all" ? Exchange.allCases : []
    if exchanges.isEmpty {
      for name in fields[1].split(separator: " ") {
        guard let exchange = Exchange(rawValue: String(name)) else {
          throw badLine(index, "names an unknown exchange", "write NSE, BSE and MCX with spaces between, or all")
        }
        exchanges.append(exchange)
      }
    }
    if exchanges.isEmpty { throw badLine(index, "names no exchange", "write NSE, BSE, MCX or all") }
    return exchanges.map { Entry(date: date, exchange: $0, kind: kind, hours: hours, words: fields[4]) }
  }

  private static func badLine(_ index: Int, _ cause: String, _ fix: String) -> Refusal {
    Refusal(code: "calendar.badLine", cause: "line \(index + 1) of the list of holidays \(cause)", fix: fix)
  }

  /// `17:00-23:55`, the end after the beginning.
  private static func areHours(_ text: String) -> Bool {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { minute($0) }
    guard ends.count == 2, let begin = ends[0], let end = ends[1] else { return false }
    return begin < end
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = UInt8(parts[0]), hour < 24,
      let minute = UInt8(parts[1]), minute < 60
    else { return nil }
    return Int(hour) * 60 + Int(minute)
  }

  private static func trimmed(_ text: Substring) -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }

  // MARK: Asking

  package func covers(_ day: CalendarDate) -> Bool { years.contains(day.components.year) }

  /// What `exchange` does on a day of a year that is covered.
  package func day(_ day: CalendarDate, at exchange: Exchange) -> Day {
    let found = (entries[day] ?? []).filter { $0.exchange == exchange }
    // A session on a holiday is what there is of that day.
    let sessions = found.filter { $0.kind == .session }
    if let first = sessions.first {
      let hours = sessions.compactMap(\.hours)
      return .session(
        hours: hours.count == sessions.count ? hours.joined(separator: " and ") : nil, first.words)
    }
    if let holiday = found.first(where: { $0.kind == .holiday }) { return .closed(holiday.words) }
    // Monday is 0.
    if day.weekday >= 5 { return .weekend }
    if let settlement = found.first { return .tradesWithoutSettlement(settlement.words) }
    return .trades
  }

  /// The next day after `day` on which an exchange is closed or has other hours: what the list says of it first.
  package func next(after day: CalendarDate) -> Entry? {
    entries.filter { entry in entry.key > day && entry.value.contains { $0.kind != .settlement } }
      .min { $0.key < $1.key }?.value.first { $0.kind != .settlement }
  }
}
