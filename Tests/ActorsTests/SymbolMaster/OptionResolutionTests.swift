import OrderDomain
import Testing

@testable import Actors

@Suite struct OptionResolutionTests {
  static let today = day(2026, 11, 23)
  static let table = sampleTable(today: today)

  @Test(
    "expiry words pick listed expiries",
    arguments: [
      // The nearest contract of a weekly series is the monthly one in its week.
      ("NIFTY", ExpirySelector.weekly, day(2026, 11, 23), day(2026, 11, 24)),
      ("NIFTY", .weekly, day(2026, 11, 24), day(2026, 11, 24)),
      ("NIFTY", .weekly, day(2026, 11, 25), day(2026, 12, 1)),
      ("NIFTY", .monthly, day(2026, 11, 23), day(2026, 11, 24)),
      ("NIFTY", .monthly, day(2026, 11, 25), day(2026, 12, 29)),
      ("BANKNIFTY", .monthly, day(2026, 11, 23), day(2026, 11, 24)),
      ("SENSEX", .weekly, day(2026, 11, 23), day(2026, 11, 26)),
      ("NIFTY", .date(day(2026, 12, 8)), day(2026, 11, 23), day(2026, 12, 8)),
    ]) func expiries(underlying: String, selector: ExpirySelector, today: CalendarDate, expected: CalendarDate) throws
  {
    let strike = underlying == "NIFTY" ? 26_000 : underlying == "SENSEX" ? 85_000 : 48_400
    let found = try Self.table.option(underlying, Int64(strike), .put, selector, on: today).get()
    #expect(found.contract == .option(expiry: expected, strike: rupees(Int64(strike)), type: .put))
  }

  @Test("BANKNIFTY WEEKLY is answered with the nearest monthly expiry")
  func noWeeklySeries() {
    #expect(
      Self.table.option("NSE:BANKNIFTY", 48_400, .put, .weekly, on: Self.today)
        == .failure(.noWeeklySeries(underlying: "BANKNIFTY", nearestMonthly: day(2026, 11, 24))))
    #expect(
      Self.table.option("NSE:BANKNIFTY", 48_400, .put, .weekly, on: day(2026, 11, 25))
        == .failure(.noWeeklySeries(underlying: "BANKNIFTY", nearestMonthly: day(2026, 12, 29))))
  }

  @Test(
    "an underlying may be spelt as charts and brokers spell it",
    arguments: [
      "BANKNIFTY", "NSE:BANKNIFTY", "nse:banknifty", "NIFTY BANK", "NIFTYBANK", "NSE:BANKNIFTY1!", "NIFTYBANK-INDEX",
    ])
  func spellings(underlying: String) throws {
    let found = try Self.table.option(underlying, 48_400, .put, .monthly, on: Self.today).get()
    #expect(found.tradingSymbol == "BANKNIFTY-Nov2026-48400-PE")
    #expect(found.lotSize == LotSize(30))
    #expect(found.freezeQuantity?.quantity == Quantity(600))
  }

  @Test("what is not listed is answered with what is near")
  func nearMisses() {
    #expect(
      Self.table.option("NIFTY", 26_050, .call, .monthly, on: Self.today)
        == .failure(
          .noSuchStrike(
            underlying: "NIFTY", expiry: day(2026, 11, 24), strike: rupees(26_050),
            nearest: [25_900, 26_000, 26_100, 26_200].map { rupees($0) })))
    #expect(
      Self.table.option("NIFTY", 26_000, .call, .date(day(2026, 12, 2)), on: Self.today)
        == .failure(
          .noSuchExpiry(
            underlying: "NIFTY",
            available: [day(2026, 11, 24), day(2026, 12, 1), day(2026, 12, 8), day(2026, 12, 29)])))
    #expect(
      Self.table.option("NIFTY", 26_000, .call, .date(day(2026, 11, 17)), on: Self.today)
        == .failure(.expired(symbol: "NIFTY", on: day(2026, 11, 17))))
    #expect(
      Self.table.option("NIFTI", 26_000, .call, .monthly, on: Self.today)
        == .failure(.notFound(query: "NIFTI", suggestions: ["NIFTY"])))
    #expect(
      Self.table.option("BSE:NIFTY", 26_000, .call, .monthly, on: Self.today)
        == .failure(.notFound(query: "BSE:NIFTY", suggestions: [])))
    #expect(
      Self.table.option("{{ticker}}", 26_000, .call, .monthly, on: Self.today)
        == .failure(.unfilledTemplate("{{ticker}}")))
  }

  @Test("when all contracts are over, nothing is picked")
  func allExpired() {
    let late = day(2027, 6, 1)
    #expect(
      Self.table.option("NIFTY", 26_000, .call, .monthly, on: late)
        == .failure(.noSuchExpiry(underlying: "NIFTY", available: [])))
    #expect(
      Self.table.option("NIFTY", 26_000, .call, .weekly, on: late)
        == .failure(.noWeeklySeries(underlying: "NIFTY", nearestMonthly: nil)))
  }

  @Test("the chain can be listed")
  func chain() {
    #expect(Self.table.optionExpiries(of: "BANKNIFTY", today: Self.today) == [day(2026, 11, 24), day(2026, 12, 29)])
    #expect(Self.table.strikes(of: "NSE:X", expiry: day(2026, 11, 24)).isEmpty)
    #expect(Self.table.strikes(of: "NIFTY", expiry: day(2026, 11, 24)).first == rupees(25_000))
    #expect(Self.table.strikes(of: "NIFTY", expiry: day(2026, 11, 24)).count == 21)
  }
}
