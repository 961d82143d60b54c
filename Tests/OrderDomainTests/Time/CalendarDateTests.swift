import OrderDomain
import TestSupport
import Testing

struct CalendarDateTests {
  /// Counts the days one by one, by the rules that a child learns, and compares.
  @Test func `every day of two centuries is counted as a calendar counts it`() {
    var days = certain(CalendarDate(year: 1900, month: 1, day: 1)).daysSinceEpoch
    var weekday = 0  // 1900-01-01 was a Monday.
    #expect(days == -25_567)
    for year in 1900...2100 {
      let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (index, length) in lengths.enumerated() {
        for day in 1...length {
          let date = certain(CalendarDate(year: year, month: index + 1, day: day))
          #expect(date.daysSinceEpoch == days)
          #expect(date.components == (year, index + 1, day))
          #expect(date.weekday == weekday)
          #expect(CalendarDate(iso: date.description) == date)
          days += 1
          weekday = (weekday + 1) % 7
        }
        #expect(CalendarDate(year: year, month: index + 1, day: length + 1) == nil)
      }
    }
  }

  @Test(arguments: [
    ("1970-01-01", 3), ("2000-02-29", 1), ("2024-02-29", 3), ("2026-11-24", 1), ("2026-11-26", 3), ("1899-12-31", 6),
    ("2100-03-01", 0), ("9999-12-31", 4), ("0001-01-01", 0),
  ])
  func `weekdays that are known`(text: String, weekday: Int) {
    #expect(day(text).weekday == weekday)
    #expect(day(text).description == text)
  }

  @Test(arguments: [
    (0, 1, 1), (10_000, 1, 1), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32), (2026, 2, 29), (1900, 2, 29),
    (2100, 2, 29), (2026, 4, 31),
  ])
  func `days that do not exist are refused`(year: Int, month: Int, day: Int) {
    #expect(CalendarDate(year: year, month: month, day: day) == nil)
  }

  @Test(arguments: [
    "", "2026-11-2", "2026-11-244", "2026/11/24", "26-11-24", "2026-1-24", "2026-11-24 ", " 2026-11-24", "+026-11-24",
    "2026-11-2٣", "20261124", "2026-02-30",
  ])
  func `only YYYY-MM-DD is read`(text: String) {
    #expect(CalendarDate(iso: text) == nil)
  }

  @Test func `days are added over months and years`() {
    #expect(day("2026-12-31").adding(days: 1) == day("2027-01-01"))
    #expect(day("2028-03-01").adding(days: -1) == day("2028-02-29"))
    #expect(day("2026-11-24") < day("2026-11-25"))
  }
}
