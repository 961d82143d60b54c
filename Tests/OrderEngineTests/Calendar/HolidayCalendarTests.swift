import Foundation
import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

struct HolidayCalendarTests {
  private func check(_ date: String, _ text: String? = nil) throws -> ReadinessCheck {
    let calendar = try HolidayCalendar(text ?? HolidayCalendar.bundled)
    // 08:00 in India.
    let seconds = Int64(day(date).daysSinceEpoch) * 86_400 + 8 * 3_600 - 19_800
    return ReadinessRules.calendar(
      at: certain(Timestamp(seconds: seconds)), .success(HolidayCalendar.Source(calendar, "the test's list")))
  }

  @Test func `a usual day, and what comes next`() throws {
    let check = try check("2026-11-23")
    #expect(check.verdict == .ok)
    #expect(
      check.cause == "2026-11-23: NSE, BSE, MCX trade, by the test's list; next 2026-11-24: Prakash "
        + "Gurpurb Sri Guru Nanak Dev (NSE)")
  }

  @Test func `holidays, short days, sessions and weekends`() throws {
    #expect(
      try check("2026-11-24").cause
        == "2026-11-24: NSE, BSE closed (Prakash Gurpurb Sri Guru Nanak Dev); MCX trade 17:00-23:55 (Guru Nanak "
        + "Jayanti: evening session only), by the test's list")
    #expect(try check("2026-12-25").cause.hasPrefix("2026-12-25: NSE, BSE, MCX closed (Christmas)"))
    #expect(try check("2026-02-01").cause.contains("NSE, BSE trade 09:15-15:30 (Union Budget on a Sunday); MCX closed"))
    #expect(try check("2026-11-08").cause.contains("trade at special hours (Diwali Laxmi Pujan"))
    #expect(try check("2026-11-22").cause.contains("NSE, BSE, MCX closed (weekend)"))
    for date in ["2026-11-24", "2026-12-25", "2026-02-01", "2026-11-08", "2026-11-22"] {
      #expect(try check(date).verdict == .warning)
    }
    #expect(try check("2026-02-19").verdict == .ok)
    #expect(try check("2026-02-19").cause.contains("MCX trade, nothing is settled"))
  }

  @Test func `a year that the list does not cover is said, with what to do`() throws {
    let weekday = try check("2027-01-04")
    #expect(weekday.verdict == .unknown)
    #expect(weekday.cause == "2027-01-04 is a weekday, and the test's list does not cover 2027")
    #expect(weekday.fix.contains("holidays.csv"))
    #expect(try check("2027-01-03").verdict == .warning)
  }

  @Test func `comments, spaces and several sessions`() throws {
    let text = """
      # Holidays of one exchange.
      covers, 2026 \r
      2026-05-04, NSE , session, 09:15-11:00, Morning, and more
      2026-05-04,NSE,session,13:00-15:30,Afternoon   # by circular
      2026-05-05,all,holiday,,Words
      """
    let calendar = try HolidayCalendar(text)
    #expect(
      calendar.day(day("2026-05-04"), at: .nse) == .session(hours: "09:15-11:00 and 13:00-15:30", "Morning, and more"))
    #expect(calendar.day(day("2026-05-04"), at: .mcx) == .trades)
    #expect(
      HolidayCalendar.Exchange.allCases.allSatisfy { calendar.day(day("2026-05-05"), at: $0) == .closed("Words") })
  }

  @Test(
    arguments: [
      "covers", "covers,26", "2026-02-30,NSE,holiday,,x", "2026-01-01,NSE,holiday", "2026-01-01,NASDAQ,holiday,,x",
      "2026-01-01,,holiday,,x", "2026-01-01,NSE,closed,,x", "2026-01-01,NSE,session,17:00,x",
      "2026-01-01,NSE,session,17:00-09:00,x", "2026-01-01,NSE,session,24:00-25:00,x",
      "2026-01-01,NSE,holiday,09:00-10:00,x",
    ])
  func `a line that cannot be understood is named`(line: String) {
    #expect {
      _ = try HolidayCalendar("covers,2026\n\n\(line)\n")
    } throws: { error in
      let refusal = error as? Refusal
      return refusal?.code == "calendar.badLine" && refusal?.cause.hasPrefix("line 3 ") == true
    }
  }

  @Test func `the file of the setting counts, then the data directory's, then what came with the engine`() throws {
    let folder = NSTemporaryDirectory() + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func words(_ setting: String? = nil) -> String {
      switch HolidayFile.read(setting: setting, dataDirectory: folder) {
      case .success(let source): source.words
      case .failure(let refusal): refusal.code
      }
    }
    #expect(words() == "the list that came with the engine")
    try "covers,2027\n".write(toFile: folder + "/holidays.csv", atomically: true, encoding: .utf8)
    #expect(words() == folder + "/holidays.csv")
    #expect(words(folder + "/missing") == "calendar.notThere")
    try "nonsense".write(toFile: folder + "/bad", atomically: true, encoding: .utf8)
    #expect(words(folder + "/bad") == "calendar.badLine")
    let read = HolidayFile.read(setting: folder + "/bad", dataDirectory: folder)
    #expect(ReadinessRules.calendar(at: Sample.opening, read).verdict == .warning)
    try FileManager.default.removeItem(atPath: folder)
  }
}
