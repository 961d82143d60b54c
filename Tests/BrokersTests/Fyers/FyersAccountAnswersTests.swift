import Brokers
import OrderDomain
import TestSupport
import Testing

struct FyersAccountAnswersTests {
  private let now = BrokerSample.now

  private static func funds(_ id: Int, _ title: String) -> BrokerAnswer {
    BrokerAnswer(
      200,
      #"{"s":"ok","code":200,"fund_limit":[{"id":1,"title":"Total Balance","equityAmount":5.0,"commodityAmount":0.0},"#
        + #"{"id":2,"title":"Utilized Amount","equityAmount":1.5,"commodityAmount":0},"#
        + #"{"id":\#(id),"title":"\#(title)","equityAmount":"3.5","commodityAmount":2}]}"#)
  }

  @Test("the available balance is the row whose number and title both say so")
  func funds() throws {
    #expect(
      try FyersAccountAnswers.funds(Self.funds(10, "Available Balance"), now: now)
        == BrokerFunds(
          available: Money(tenThousandths: 35_000), used: Money(tenThousandths: 15_000), opening: nil,
          commodityAvailable: Money(rupees: 2)))
    for answer in [Self.funds(10, "Clear Cash"), Self.funds(3, "Available Balance")] {
      #expect(throws: BrokerReadFailure.self) { _ = try FyersAccountAnswers.funds(answer, now: now) }
    }
    #expect(throws: BrokerReadFailure.self) {
      _ = try FyersAccountAnswers.funds(BrokerAnswer(200, #"{"s":"error","code":-17}"#), now: now)
    }
  }

  @Test("the margin of the new order is what it would block")
  func margin() throws {
    let body =
      #"{"code":200,"message":"","data":{"margin_avail":100,"margin_total":30,"margin_new_order":20.25},"s":"ok"}"#
    #expect(
      try FyersAccountAnswers.margin(BrokerAnswer(200, body), now: now)
        == BrokerMargin(required: Money(tenThousandths: 202_500), available: Money(rupees: 100)))
    for body in [#"{"s":"ok","data":[]}"#, #"{"s":"ok","data":{}}"#, #"{"s":"error","code":-310,"message":"x"}"#] {
      #expect(throws: BrokerReadFailure.self) { _ = try FyersAccountAnswers.margin(BrokerAnswer(200, body), now: now) }
    }
  }

  @Test("the profile tells whose token it is")
  func profile() throws {
    let body = #"{"s":"ok","code":200,"message":"","data":{"name":"A","fy_id":"XA00001","totp":true}}"#
    #expect(
      try FyersAccountAnswers.profile(BrokerAnswer(200, body), now: now)
        == BrokerProfile(clientID: "XA00001", tokenValidUntil: nil, hasDataPlan: nil))
  }

  @Test("each quote says for itself whether it is one")
  func quotes() throws {
    let body =
      #"{"s":"ok","code":200,"d":[{"n":"NSE:RELIANCE-EQ","s":"ok","v":{"lp":2520.05,"bid":2520,"ask":0,"tt":"1"}},"#
      + #"{"n":"NSE:NIFTY26NOV26000CE","s":"error","v":{"lp":1}},{"n":"X","s":"ok","v":[]},7]}"#
    #expect(
      try FyersAccountAnswers.quotes(BrokerAnswer(200, body), for: [Sample.reliance, Sample.niftyCall], now: now)
        == [
          BrokerQuote(
            instrument: Sample.reliance.key, lastPrice: price("2520.05"), bid: price("2520"), ask: nil)
        ])
    #expect(throws: BrokerReadFailure.self) {
      _ = try FyersAccountAnswers.quotes(BrokerAnswer(200, #"{"s":"ok"}"#), for: [], now: now)
    }
  }
}
