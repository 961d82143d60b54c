import OrderDomain
import Testing

@Suite("What users have in their alerts today parses unchanged")
struct AlertSamplesTests {
  @Test("A bracket's later legs inherit exchange, product and symbol, and nothing else")
  func bracket() throws {
    let alert = try parsed(AlertFixtures.bytes("dhan-bracket.json"))
    #expect(alert.format == .multiLegOrder)
    #expect(alert.secret?.matches(Secret("<WEBHOOK_SECRET>")) == true)
    #expect(alert.execution == nil)
    #expect(alert.legs.map(\.number) == [1, 2, 3])
    #expect(alert.legs.map(\.side) == [.buy, .sell, .sell])
    #expect(
      alert.legs.map(\.orderType) == [.market, .stopMarket(trigger: rupees("2450")), .limit(rupees("2600"))])
    for leg in alert.legs {
      #expect(leg.instrument == .symbol("RELIANCE", exchange: .nse, hint: nil))
      #expect(leg.product == .product(.intraday))
      #expect(leg.quantity == requestedUnits(10))
    }
  }

  @Test("Each of the three sample legs parses alone")
  func legs() throws {
    let text = String(decoding: try AlertFixtures.bytes("dhan-legs.json"), as: UTF8.self)
    let legs = text.split(separator: "\n").filter { $0.contains("transactionType") }
    let expected: [OrderType] = [.market, .limit(rupees("2550")), .stopMarket(trigger: rupees("2450"))]
    #expect(legs.count == 3)
    for (leg, orderType) in zip(legs, expected) {
      let line = leg.hasSuffix(",") ? leg.dropLast() : leg
      let alert = try parsed("{\"alertType\":\"multi_leg_order\",\"order_legs\":[\(line)]}")
      #expect(alert.legs.map(\.orderType) == [orderType])
      #expect(alert.legs[0].instrument == .symbol("RELIANCE", exchange: .nse, hint: .equity))
      #expect(alert.legs[0].product == .product(.delivery))
    }
  }

  @Test("A placeholder that TradingView fills in is named when it arrives literally")
  func placeholder() throws {
    let sample = try AlertFixtures.bytes("dhan-one-leg.json")
    let error = try refusal(of: sample)
    #expect(error.code == "alert.unfilledTemplate")
    #expect(error.leg == 1)
    #expect(error.cause.contains("symbol") && error.cause.contains("{{ticker}}"))
    #expect(error.secret?.matches(Secret("<WEBHOOK_SECRET>")) == true)

    let filled = String(decoding: sample, as: UTF8.self).split(separator: "{{ticker}}").joined(separator: "INFY")
    #expect(try parsed(filled).legs.map(\.symbol) == ["INFY"])
  }

  @Test("The option order of the Fyers bot says everything that it said")
  func option() throws {
    let alert = try parsed(AlertFixtures.bytes("fyers-bot-option.json"))
    #expect(alert.format == .optionOrder)
    #expect(alert.secret?.matches(Secret("<WEBHOOK_SECRET_TOKEN>")) == true)
    let leg = try #require(alert.legs.first)
    #expect(
      leg.instrument
        == .option(
          underlying: "NSE:BANKNIFTY", exchange: nil, strike: rupees("48400"), type: .put, expiry: .weekly))
    #expect(leg.side == .sell)
    #expect(leg.orderType == .market)
    #expect(leg.quantity == requestedUnits(25))
    #expect(leg.product == .bracketOrder)
    #expect(leg.stopLossDistance == rupees("10"))
    #expect(leg.targetDistance == rupees("20"))
  }

  @Test("An unknown nested object is passed over and named")
  func nested() throws {
    let alert = try parsed(AlertFixtures.bytes("one-leg-with-meta.json"))
    #expect(alert.legs.map(\.quantity) == [requestedUnits(1_000_000)])
    #expect(alert.ignoredFields == ["meta"])
    #expect(alert.firedAt == nil)
  }

  @Test("Four equal legs stay four legs")
  func four() throws {
    let alert = try parsed(AlertFixtures.bytes("four-legs.json"))
    #expect(alert.legs.map(\.number) == [1, 2, 3, 4])
    #expect(alert.ignoredFields == [])
  }

  @Test("An option order with chart values keeps strategy and time and passes over the rest")
  func extras() throws {
    let alert = try parsed(AlertFixtures.bytes("option-with-extras.json"))
    #expect(alert.strategy == "orb-15m")
    #expect(alert.firedAt?.description == "2026-01-26T09:30:01.000Z")
    #expect(alert.ignoredFields == ["interval", "time", "close", "comment"])
  }
}
