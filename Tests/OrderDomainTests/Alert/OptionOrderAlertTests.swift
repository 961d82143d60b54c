import OrderDomain
import Testing

@Suite("Option order alerts")
struct OptionOrderAlertTests {
  private func body(_ fields: String) -> String {
    let usual = [
      ("symbol", "\"NSE:BANKNIFTY\""), ("strikeprice", "48400"), ("optionType", "\"PE\""), ("expiry", "\"MONTHLY\""),
      ("action", "\"SELL\""), ("qty", "30"), ("productType", "\"INTRADAY\""),
    ]
    let rest = usual.filter { !fields.contains("\"\($0.0)\"") }.map { "\"\($0.0)\":\($0.1)" }
    return "{\((rest + [fields]).filter { !$0.isEmpty }.joined(separator: ","))}"
  }

  @Test(
    "Numbers may be text", arguments: [#""strikeprice":"48400","qty":"30""#, #""strikeprice":48400.00,"qty":3e1"#, ""])
  func texts(_ fields: String) throws {
    let leg = try parsed(body(fields)).legs[0]
    #expect(
      leg.instrument
        == .option(
          underlying: "NSE:BANKNIFTY", exchange: nil, strike: rupees("48400"), type: .put, expiry: .monthly))
    #expect(leg.quantity == requestedUnits(30))
    #expect(leg.stopLossDistance == nil && leg.targetDistance == nil)
  }

  @Test(
    "Expiries are a word or a date",
    arguments: [
      ("WEEKLY", ExpirySelector.weekly), ("monthly", .monthly),
      ("2026-11-24", .date(CalendarDate(daysSinceEpoch: 20_781))),
      ("24-NOV-2026", .date(CalendarDate(daysSinceEpoch: 20_781))),
      ("24-Nov-2026", .date(CalendarDate(daysSinceEpoch: 20_781))),
    ])
  func expiries(_ text: String, _ expiry: ExpirySelector) throws {
    let leg = try parsed(body("\"expiry\":\"\(text)\"")).legs[0]
    guard case .option(_, _, _, _, let found) = leg.instrument else { throw UnreadableFile(path: "no option") }
    #expect(found == expiry)
  }

  @Test(
    "A date that does not exist is refused",
    arguments: ["2026-02-30", "30-FEB-2026", "24-XYZ-2026", "24/11/2026", "TODAY", "2026-11-24T00:00:00Z"])
  func badExpiries(_ text: String) throws {
    #expect(try refusal(of: body("\"expiry\":\"\(text)\"")).code == "alert.badValue")
  }

  @Test("A price needs the order type that uses it")
  func prices() throws {
    #expect(try refusal(of: body("\"price\":120")).code == "alert.unexpectedPrice")
    #expect(try parsed(body("\"price\":120,\"orderType\":\"LIMIT\"")).legs[0].orderType == .limit(rupees("120")))
    #expect(try parsed(body("\"price\":0")).legs[0].orderType == .market)
  }

  @Test("Stop and target are distances in rupees, as number or text")
  func distances() throws {
    let leg = try parsed(body(#""sl":"10.5","tp":20"#)).legs[0]
    #expect(leg.stopLossDistance == rupees("10.5"))
    #expect(leg.targetDistance == rupees("20"))
    #expect(try refusal(of: body(#""sl":-1"#)).code == "alert.priceNegative")
  }

  @Test("An invalid product is refused, never replaced by another")
  func products() throws {
    let error = try refusal(of: body(#""productType":"SUPER""#))
    #expect(error.code == "alert.badValue")
    #expect(error.cause.contains("SUPER") && error.fix.contains("INTRADAY"))
    #expect(error.leg == nil)
  }

  @Test("Every missing field is named")
  func missing() throws {
    let error = try refusal(of: #"{"action":"BUY"}"#)
    #expect(error.code == "alert.missingFields")
    for field in ["symbol", "strikeprice", "optionType", "expiry", "qty", "productType"] {
      #expect(error.cause.contains(field))
    }
    #expect(!error.cause.contains("action"))
  }
}
