import Brokers
import OrderDomain
import TestSupport
import Testing

struct DhanAnswersTests {
  /// A status, a body, and what both together prove of a placing.
  struct Case: Sendable, CustomTestStringConvertible {
    let status: Int
    let body: String
    let kind: String
    let code: String?

    init(_ status: Int, _ body: String, _ kind: String, _ code: String? = nil) {
      self.status = status
      self.body = body
      self.kind = kind
      self.code = code
    }

    var testDescription: String { "\(status) \(body.prefix(60)) is \(kind)" }
  }

  private static func error(_ code: String, _ message: String, type: String = "Order_Error") -> String {
    #"{"errorType":"\#(type)","errorCode":"\#(code)","errorMessage":"\#(message)"}"#
  }

  static let placements: [Case] = [
    Case(200, #"{"orderId":"112111182198","orderStatus":"TRANSIT"}"#, "accepted"),
    Case(200, #"{"orderId":"112111182198","orderStatus":"PENDING"}"#, "accepted"),
    Case(201, #"{"orderId":112111182198,"orderStatus":"TRADED","extra":{"deep":[1,{}]}}"#, "accepted"),
    Case(200, #"{"orderId":"112111182198","orderStatus":"SOMETHING_NEW"}"#, "accepted"),
    Case(
      200, #"{"orderId":"112111182198","orderStatus":"REJECTED","message":"RMS: no"}"#, "rejected", "dhan.orderRefused"),

    // Success by the status line alone proves nothing.
    Case(200, "", "unknown", "broker.emptyAnswer"),
    Case(200, "<html>busy</html>", "unknown", "broker.notJSON"),
    Case(200, "{}", "unknown", "broker.strangeAnswer"),
    Case(200, "[]", "unknown", "broker.notJSON"),
    Case(200, "null", "unknown", "broker.notJSON"),
    Case(200, #"{"orderId":"","orderStatus":"TRANSIT"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"orderId":null,"orderStatus":"TRANSIT"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"orderId":"12a","orderStatus":"TRANSIT"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"orderId":-1,"orderStatus":"TRANSIT"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"orderId":1e12,"orderStatus":"TRANSIT"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"orderId":["1"],"orderStatus":"TRANSIT"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"orderId":"1","orderId":"2","orderStatus":"TRANSIT"}"#, "unknown", "broker.notJSON"),
    Case(200, #"{"orderId":"1","orderStatus":"TRANSIT"} x"#, "unknown", "broker.notJSON"),
    Case(200, #"{"orderId":"1","orderStatus":"TRANSIT""#, "unknown", "broker.notJSON"),
    Case(200, #"{"orderId":"1","errorCode":"DH-906"}"#, "unknown", "broker.contradictoryAnswer"),
    Case(400, #"{"orderId":"1","orderStatus":"TRANSIT"}"#, "unknown", "broker.contradictoryAnswer"),

    // Refusals, under their own status and under 200.
    Case(400, error("DH-905", "Missing required fields, bad values for parameters etc."), "rejected", "dhan.badInput"),
    Case(400, error("DH-905", "Invalid IP"), "rejected", "dhan.addressNotRegistered"),
    Case(400, error("DH-905", "Invalid Price for orderType"), "rejected", "dhan.priceForType"),
    Case(400, error("DH-906", "Insufficient Funds", type: "FUND_LIMIT_ERROR"), "rejected", "dhan.insufficientFunds"),
    Case(400, error("DH-906", "Markets are Offline or Blocked"), "rejected", "dhan.marketClosed"),
    Case(400, error("DH-906", "Trigger Price should be greater than Price"), "rejected", "dhan.triggerPrice"),
    Case(400, error("DH-906", "something never seen"), "rejected", "dhan.orderRefused"),
    Case(200, error("DH-906", "Insufficient Funds"), "rejected", "dhan.insufficientFunds"),
    Case(403, error("DH-902", "no access"), "rejected", "dhan.noAccess"),
    Case(400, error("DH-999", "new"), "rejected", "broker.unlistedRefusal"),
    Case(200, error("DH-999", "new"), "unknown", "broker.unlistedRefusal"),
    Case(
      404, #"{"timestamp":"t","status":404,"error":"Not Found","path":"/v2/x"}"#, "rejected", "broker.unlistedRefusal"),
    Case(200, #"{"status":"error","message":"no"}"#, "unknown", "broker.unlistedRefusal"),

    // A refusal that proves nothing.
    Case(400, error("DH-908", "internal"), "unknown", "dhan.internalError"),
    Case(200, error("DH-909", "unreachable"), "unknown", "dhan.backendUnreachable"),
    Case(400, error("DH-910", "other"), "unknown", "dhan.otherError"),
    Case(400, "", "unknown", "broker.unprovenRefusal"),
    Case(403, "<html>blocked</html>", "unknown", "broker.unprovenRefusal"),
    Case(400, "{}", "unknown", "broker.unprovenRefusal"),
    Case(500, error("DH-906", "Insufficient Funds"), "unknown", "broker.serverError"),
    Case(500, "", "unknown", "broker.serverError"),
    Case(502, "<html>", "unknown", "broker.serverError"),
    Case(504, #"{"orderId":"1","orderStatus":"TRANSIT"}"#, "unknown", "broker.serverError"),
    Case(500, error("DH-1111", "No holdings available"), "unknown", "broker.strangeAnswer"),
    Case(408, "", "unknown", "broker.requestTimeout"),
    Case(302, "", "unknown", "broker.redirected"),
    Case(103, "", "unknown", "broker.strangeAnswer"),

    // The token.
    Case(401, error("DH-901", "expired", type: "Invalid_Authentication"), "tokenRefused", "dhan.tokenRefused"),
    Case(
      401, #"{"status":"failed","data":{"808":"Authentication Failed"}}"#, "tokenRefused", "dhan.authenticationFailed"),
    Case(400, #"{"status":"failed","data":{"807":"Token expired"}}"#, "tokenRefused", "dhan.tokenExpired"),
    Case(400, error("DH-906", "Invalid Token"), "tokenRefused", "dhan.tokenRefused"),
    Case(401, "", "tokenRefused", "broker.tokenRefused"),
    Case(401, error("DH-905", "Invalid IP"), "rejected", "dhan.addressNotRegistered"),

    // The rate.
    Case(429, error("DH-904", "Too many requests", type: "Rate_Limit"), "rateLimited"),
    Case(429, "", "rateLimited"),
    Case(200, error("DH-904", "Too many requests"), "rateLimited"),
    Case(200, #"{"status":"failed","data":{"805":"Too many requests"}}"#, "rateLimited"),
  ]

  @Test("status and body together decide over a placing", arguments: placements)
  func placement(_ sample: Case) {
    let outcome = DhanAnswers.placement(BrokerAnswer(sample.status, sample.body), now: BrokerSample.now)
    #expect(outcome.kind == sample.kind)
    #expect(outcome.code == sample.code)
    if case .accepted(let id) = outcome { #expect(sample.body.contains(id.text)) }
  }

  @Test("the broker's words are kept, and its number where it refuses after numbering")
  func words() {
    let refused = DhanAnswers.placement(
      BrokerAnswer(400, Self.error("DH-906", "RMS:\\u0007 12: Order Price needs to be Circuit Limits of 1 to 2")),
      now: BrokerSample.now)
    #expect(refused.refusal?.cause.hasSuffix(": RMS: 12: Order Price needs to be Circuit Limits of 1 to 2") == true)
    let numbered = DhanAnswers.placement(
      BrokerAnswer(200, #"{"orderId":"7","orderStatus":"REJECTED"}"#), now: BrokerSample.now)
    if case .rejected(_, let id) = numbered {
      #expect(id == BrokerSample.id("7"))
    } else {
      Issue.record("\(numbered)")
    }
  }

  @Test("no token that a broker repeats comes through")
  func echo() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    let outcome = DhanAnswers.placement(
      BrokerAnswer(400, Self.error("DH-905", "bad header access-token=\(jwt)")), now: BrokerSample.now)
    #expect(outcome.refusal?.cause.contains("eyJ") == false)
    #expect(outcome.refusal?.cause.contains("<redacted>") == true)
  }

  @Test("a rest is read in seconds, capped, and from the rate limit alone")
  func retryAfter() {
    let answer = BrokerAnswer(429, "", retryAfter: "3")
    #expect(DhanAnswers.placement(answer, now: BrokerSample.now) == .rateLimited(retryAfter: .seconds(3)))
    let none = BrokerAnswer(429, "")
    #expect(DhanAnswers.placement(none, now: BrokerSample.now) == .rateLimited(retryAfter: nil))
  }

  @Test(
    "a change is believed when it speaks of the same order",
    arguments: [
      Case(200, #"{"orderId":"112111182198","orderStatus":"CANCELLED"}"#, "requested"),
      Case(202, #"{"orderId":"112111182198","orderStatus":"TRANSIT"}"#, "requested"),
      Case(202, "", "unknown", "broker.emptyAnswer"),
      Case(200, #"{"orderId":"5","orderStatus":"CANCELLED"}"#, "unknown", "broker.contradictoryAnswer"),
      Case(200, #"{"orderStatus":"CANCELLED"}"#, "unknown", "broker.strangeAnswer"),
      Case(200, #"{"orderId":"112111182198","orderStatus":"REJECTED"}"#, "refused", "dhan.orderRefused"),
      Case(400, error("DH-906", "Order is in Transit state"), "refused", "dhan.inTransit"),
      Case(
        400, error("DH-906", "Incorrect request for order and cannot be processed"), "refused", "dhan.orderNotShown"),
      Case(401, "", "tokenRefused", "broker.tokenRefused"),
      Case(429, "", "rateLimited"),
      Case(500, "", "unknown", "broker.serverError"),
    ])
  func change(_ sample: Case) {
    let outcome = DhanAnswers.change(
      BrokerAnswer(sample.status, sample.body), of: BrokerSample.id("112111182198"), now: BrokerSample.now)
    #expect(outcome.kind == sample.kind)
    #expect(outcome.code == sample.code)
  }

  @Test("each slice has an outcome of its own")
  func slices() {
    let body =
      #"[{"orderId":"1","orderStatus":"TRANSIT"},"# + Self.error("DH-906", "Insufficient Funds")
      + #",{"orderId":"3","orderStatus":"REJECTED"},{}]"#
    let outcomes = DhanAnswers.slices(BrokerAnswer(200, body), now: BrokerSample.now)
    #expect(outcomes.map(\.kind) == ["accepted", "rejected", "rejected", "unknown"])
    #expect(DhanAnswers.slices(BrokerAnswer(200, "[]"), now: BrokerSample.now).map(\.kind) == ["unknown"])
    #expect(DhanAnswers.slices(BrokerAnswer(200, "[{"), now: BrokerSample.now).map(\.kind) == ["unknown"])
    #expect(DhanAnswers.slices(BrokerAnswer(500, body), now: BrokerSample.now).map(\.kind) == ["unknown"])
    let single = DhanAnswers.slices(
      BrokerAnswer(200, #"{"orderId":"9","orderStatus":"TRANSIT"}"#), now: BrokerSample.now)
    #expect(single == [.accepted(BrokerSample.id("9"))])
  }
}
