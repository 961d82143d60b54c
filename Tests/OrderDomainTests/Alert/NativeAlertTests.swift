import OrderDomain
import Testing

@Suite("The native format says everything that an alert can say")
struct NativeAlertTests {
  static let full = #"""
    {"format": "order-engine/1", "secret": "s3cret", "alert_id": "orb-17", "strategy": "orb-15m", "account": "main",
     "timenow": "2026-11-24T03:45:00Z", "execution": "bracket", "end_policy": "hold_and_alert",
     "valid_for_ms": 15000, "value_limit": 500000.50, "quantity_limit": 750, "market_position": "short",
     "position_size": "-75", "order_id": "Short Entry", "note": "line one\nline two",
     "legs": [
       {"symbol": "NSE:RELIANCE", "exchange": "NSE", "instrument": "EQ", "side": "buy", "quantity": "10",
        "order_type": "stop_limit", "price": "2451.05", "trigger_price": 2450.95, "product": "intraday",
        "validity": "ioc", "after_market": true, "stop_loss": 10, "target": "20.5", "role": "entry",
        "account": "second"},
       {"underlying": "NIFTY", "strike": 25000, "option_type": "CE", "expiry": "2026-11-24", "side": "sell",
        "lots": 2, "product": "margin"}]}
    """#

  @Test("Every field arrives where it belongs")
  func everything() throws {
    let alert = try parsed(NativeAlertTests.full)
    #expect(alert.format == .native)
    #expect(alert.secret?.matches(Secret("s3cret")) == true)
    #expect(alert.alertID == "orb-17")
    #expect(alert.strategy == "orb-15m")
    #expect(alert.account == AccountID("main"))
    #expect(alert.firedAt?.description == "2026-11-24T03:45:00.000Z")
    #expect(alert.execution == .bracket)
    #expect(alert.endPolicy == .holdAndAlert)
    #expect(alert.validForMilliseconds == 15_000)
    #expect(alert.valueLimit == Money(tenThousandths: 5_000_005_000))
    #expect(alert.quantityLimit == Quantity(750))
    #expect(alert.marketPosition == .short)
    #expect(alert.positionSize == Quantity(75))
    #expect(alert.strategyOrderID == "Short Entry")
    #expect(alert.note == "line one\nline two")
    #expect(alert.ignoredFields == [])

    let first = alert.legs[0]
    #expect(first.number == 1)
    #expect(first.account == AccountID("second"))
    #expect(first.instrument == .symbol("NSE:RELIANCE", exchange: .nse, hint: .equity))
    #expect(first.side == .buy)
    #expect(first.quantity == requestedUnits(10))
    #expect(first.orderType == .stopLimit(trigger: rupees("2450.95"), limit: rupees("2451.05")))
    #expect(first.product == .product(.intraday))
    #expect(first.validity == .immediateOrCancel)
    #expect(first.isAfterMarket)
    #expect(first.stopLossDistance == rupees("10"))
    #expect(first.targetDistance == rupees("20.5"))
    #expect(first.role == .entry)

    let second = alert.legs[1]
    let expiry = try #require(CalendarDate(year: 2026, month: 11, day: 24))
    #expect(
      second.instrument
        == .option(underlying: "NIFTY", exchange: nil, strike: rupees("25000"), type: .call, expiry: .date(expiry)))
    #expect(second.quantity == Lots(2).map { .lots($0) })
    #expect(second.orderType == .market)
    #expect(second.validity == .day)
    #expect(!second.isAfterMarket)
    #expect(second.account == nil && second.role == nil && second.stopLossDistance == nil)
  }

  private static let leg = #"{"symbol":"INFY","side":"buy","quantity":1,"product":"delivery"}"#

  @Test("What is left out, null or empty is simply not said")
  func holes() throws {
    let alert = try parsed(
      #"{"format":"order-engine/1","account":null,"note":"","strategy":null,"timenow":"","legs":[{"symbol":"INFY","side":"buy","quantity":1,"product":"delivery","price":0,"trigger_price":"0","stop_loss":null,"role":""}]}"#
    )
    #expect(alert.account == nil && alert.note == nil && alert.strategy == nil && alert.firedAt == nil)
    #expect(alert.legs[0].orderType == .market)
    #expect(alert.secret == nil)
  }

  @Test("A misspelt field is refused, with the known ones named; so is a legacy spelling")
  func unknownField() throws {
    let top = try refusal(of: #"{"format":"order-engine/1","valeu_limit":5,"legs":[\#(NativeAlertTests.leg)]}"#)
    #expect(top.code == "alert.unknownField")
    #expect(top.cause.contains("valeu_limit") && top.fix.contains("value_limit"))
    let leg = try refusal(
      of: #"{"format":"order-engine/1","legs":[\#(NativeAlertTests.leg),{"transactionType":"B"}]}"#)
    #expect(leg.code == "alert.unknownField")
    #expect(leg.leg == 2)
    #expect(leg.cause.contains("transactionType"))
  }

  @Test("A caller may let unknown fields pass; they say nothing then")
  func ignored() throws {
    let text =
      #"{"format":"order-engine/1","sl":5,"x":1,"legs":[{"symbol":"INFY","side":"buy","quantity":1,"product":"delivery","sl":7,"y":{"x":2}}]}"#
    let alert = try parsed(text, policy: .ignore)
    #expect(alert.ignoredFields == ["sl", "x", "y"])
    #expect(alert.legs[0].stopLossDistance == nil)
  }

  @Test("At most eight ignored names are kept")
  func eightNames() throws {
    let extra = (0..<20).map { "\"x\($0)\":0" }.joined(separator: ",")
    let alert = try parsed(#"{"format":"order-engine/1",\#(extra),"legs":[\#(NativeAlertTests.leg)]}"#, policy: .ignore)
    #expect(alert.ignoredFields == (0..<8).map { "x\($0)" })
  }

  @Test(
    "A word that is none of a field's is named with the legal ones",
    arguments: [
      (#""execution":"serial""#, "sequential"), (#""end_policy":"panic""#, "unwind"),
      (#""market_position":"up""#, "flat"), (#""account":"my account""#, "letters"),
    ])
  func topWords(_ field: String, _ legal: String) throws {
    let error = try refusal(of: #"{"format":"order-engine/1",\#(field),"legs":[\#(NativeAlertTests.leg)]}"#)
    #expect(error.code == "alert.badValue")
    #expect(error.fix.contains(legal))
  }

  @Test(
    "Limits are taken at their bounds and refused past them",
    arguments: [
      (#""valid_for_ms":86400000"#, nil), (#""valid_for_ms":86400001"#, "alert.quantityTooLarge"),
      (#""valid_for_ms":0"#, "alert.quantityNotPositive"), (#""valid_for_ms":1.5"#, "alert.quantityFractional"),
      (#""value_limit":0.0001"#, nil), (#""value_limit":0.00001"#, "alert.badLimit"),
      (#""value_limit":0"#, "alert.badLimit"), (#""value_limit":-5"#, "alert.badLimit"),
      (#""quantity_limit":100000000"#, nil), (#""quantity_limit":100000001"#, "alert.quantityTooLarge"),
      (#""position_size":0"#, nil), (#""position_size":0.5"#, "alert.badPositionSize"),
      (#""position_size":-100000000"#, nil), (#""position_size":-100000001"#, "alert.badPositionSize"),
      (#""alert_id":12345"#, nil), (#""alert_id":true"#, "alert.badType"),
      (#""strategy":"a\u0007b""#, "alert.badText"), (#""note":"a\u0007b""#, "alert.badText"),
      (#""timenow":"yesterday""#, "alert.badTime"), (#""timenow":1700000000"#, "alert.badType"),
    ] as [(String, String?)])
  func limits(_ field: String, _ code: String?) throws {
    let text = #"{"format":"order-engine/1",\#(field),"legs":[\#(NativeAlertTests.leg)]}"#
    if let code { #expect(try refusal(of: text).code == code) } else { _ = try parsed(text) }
  }

  @Test(
    "Texts are taken at their longest and refused one byte longer",
    arguments: [
      ("alert_id", 128), ("order_id", 128), ("strategy", 128), ("note", 1_000),
    ])
  func longTexts(_ field: String, _ limit: Int) throws {
    func body(_ length: Int) -> String {
      #"{"format":"order-engine/1","\#(field)":"\#(String(repeating: "x", count: length))","legs":[\#(NativeAlertTests.leg)]}"#
    }
    _ = try parsed(body(limit))
    #expect(try refusal(of: body(limit + 1)).code == "alert.textTooLong")
  }

  @Test(
    "A leg that contradicts itself is refused",
    arguments: [
      (#""symbol":"INFY","lots":1"#, "alert.quantityAndLots"),
      (#""symbol":"INFY","exchange":"NFO","instrument":"EQ""#, "alert.contradiction"),
      (#""symbol":"INFY","exchange":"NSE_EQ","instrument":"FUT""#, "alert.contradiction"),
      (#""underlying":"NIFTY","strike":0,"option_type":"CE","expiry":"weekly""#, "alert.strikeNotPositive"),
      (#""underlying":"NIFTY","strike":"0","option_type":"PE","expiry":"weekly""#, "alert.strikeNotPositive"),
      (#""symbol":"INFY","after_market":"maybe""#, "alert.badValue"),
      (#""symbol":"INFY","after_market":1"#, "alert.badType"),
      (#""symbol":"INFY","stop_loss":-1"#, "alert.priceNegative"),
      (#""symbol":["INFY"]"#, "alert.badType"),
    ])
  func contradictions(_ fields: String, _ code: String) throws {
    let text = #"{"format":"order-engine/1","legs":[{\#(fields),"side":"buy","quantity":1,"product":"delivery"}]}"#
    let error = try refusal(of: text)
    #expect(error.code == code)
    #expect(error.leg == 1)
  }

  @Test("A symbol beside a whole option is refused")
  func symbolAndOption() throws {
    let error = try refusal(
      of:
        #"{"format":"order-engine/1","legs":[{"symbol":"INFY","underlying":"NIFTY","strike":1,"option_type":"CE","expiry":"weekly","side":"buy","quantity":1,"product":"margin"}]}"#
    )
    #expect(error.code == "alert.symbolAndOption")
  }

  @Test("Another version of the format is refused")
  func version() throws {
    let error = try refusal(of: #"{"format":"order-engine/2","legs":[\#(NativeAlertTests.leg)]}"#)
    #expect(error.code == "alert.badValue")
    #expect(error.fix.contains("order-engine/1"))
  }
}
