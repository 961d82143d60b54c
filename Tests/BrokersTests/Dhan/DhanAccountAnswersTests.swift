import Brokers
import OrderDomain
import TestSupport
import Testing

struct DhanAccountAnswersTests {
  private let now = BrokerSample.now

  @Test("the available balance is read under either spelling, and its absence is not zero")
  func funds() throws {
    for name in ["availabelBalance", "availableBalance"] {
      let body = #"{"dhanClientId":"1","\#(name)":98440.0,"sodLimit":113642,"utilizedAmount":"15202.25"}"#
      #expect(
        try DhanAccountAnswers.funds(BrokerAnswer(200, body), now: now)
          == BrokerFunds(
            available: Money(rupees: 98_440), used: Money(tenThousandths: 152_022_500), opening: Money(rupees: 113_642))
      )
    }
    for body in [#"{"dhanClientId":"1","sodLimit":1}"#, "{}", "[]", #"{"availabelBalance":null}"#, ""] {
      #expect(throws: BrokerReadFailure.self) { _ = try DhanAccountAnswers.funds(BrokerAnswer(200, body), now: now) }
    }
  }

  @Test("the margin is what the calculator says")
  func margin() throws {
    let body = #"{"totalMargin":2800.0,"spanMargin":1200.0,"availableBalance":10500.0,"leverage":"4.00"}"#
    #expect(
      try DhanAccountAnswers.margin(BrokerAnswer(200, body), now: now)
        == BrokerMargin(required: Money(rupees: 2_800), available: Money(rupees: 10_500)))
  }

  @Test("the profile tells whose token it is and until when")
  func profile() throws {
    let body =
      #"{"dhanClientId":"1000000001","tokenValidity":"24/11/2026 09:15","activeSegment":"E, D, C, M, ","ddpi":"Active","#
      + #""mtf":"Active","dataPlan":"Deactive","dataValidity":"2024-12-05 09:37:52.0"}"#
    #expect(
      try DhanAccountAnswers.profile(BrokerAnswer(200, body), now: now)
        == BrokerProfile(clientID: "1000000001", tokenValidUntil: Sample.opening, hasDataPlan: false))
    #expect(throws: BrokerReadFailure.self) {
      _ = try DhanAccountAnswers.profile(
        BrokerAnswer(400, #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Invalid Token"}"#), now: now
      )
    }
  }

  @Test("whether this address may send orders is read as it is said")
  func addresses() throws {
    let body =
      #"{"modifyDatePrimary":"2026-04-01","primaryIP":"203.0.113.10","modifyDateSecondary":"","secondaryIP":"","#
      + #""detectedIP":"203.0.113.11","ipMatchStatus":"NO_MATCH","ordersAllowed":false}"#
    let addresses = try DhanAccountAnswers.addresses(BrokerAnswer(200, body), now: now)
    #expect(addresses.allowsOrders == false)
    #expect(addresses.primary == "203.0.113.10")
    #expect(addresses.secondary == nil)
    #expect(throws: BrokerReadFailure.self) {
      _ = try DhanAccountAnswers.addresses(BrokerAnswer(200, #"[{"message":"no","status":"ERROR"}]"#), now: now)
    }
  }

  @Test("a quote that is missing is left out, and nothing else is")
  func quotes() throws {
    let instruments = [Sample.reliance, Sample.niftyCall, Sample.bankNiftyPut]
    let body =
      #"{"data":{"NSE_EQ":{"2885":{"last_price":2520.05}},"NSE_FNO":{"51234":{},"61000":{"last_price":0}}},"#
      + #""status":"success"}"#
    #expect(
      try DhanAccountAnswers.quotes(BrokerAnswer(200, body), for: instruments, now: now)
        == [BrokerQuote(instrument: Sample.reliance.key, lastPrice: price("2520.05"))])
    let failed = #"{"status":"failed","data":{"806":"plan"}}"#
    for (status, text) in [(200, failed), (400, failed), (200, #"{"status":"success"}"#), (200, "{"), (500, body)] {
      #expect(throws: BrokerReadFailure.self) {
        _ = try DhanAccountAnswers.quotes(BrokerAnswer(status, text), for: instruments, now: now)
      }
    }
  }
}
