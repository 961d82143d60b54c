import Brokers
import OrderDomain
import TestSupport
import Testing

struct FyersAnswersTests {
  typealias Case = DhanAnswersTests.Case

  private static func error(_ code: Int, _ message: String) -> String {
    #"{"s":"error","code":\#(code),"message":"\#(message)"}"#
  }

  static let accepted = #"{"s":"ok","code":1101,"message":"Order submitted successfully.","id":"808058117761"}"#

  static let placements: [Case] = [
    Case(200, accepted, "accepted"),
    Case(200, #"{"s":"ok","code":"1101","message":"","id":808058117761,"new":[{}]}"#, "accepted"),
    Case(200, #"{"s":"ok","code":200,"id":"808058117761"}"#, "accepted"),

    // An ok that proves nothing.
    Case(200, #"{"s":"ok","code":201,"message":"sent","id":"808058117761"}"#, "unknown", "fyers.notAcknowledged"),
    Case(201, #"{"s":"ok","code":201,"message":"sent"}"#, "unknown", "fyers.notAcknowledged"),
    Case(
      200, #"{"s":"ok","code":1101,"message":"Order queued successfully.","id_fyers":"u"}"#, "unknown",
      "broker.strangeAnswer"),
    Case(200, #"{"s":"ok","code":1103,"id":"808058117761"}"#, "unknown", "broker.contradictoryAnswer"),
    Case(200, #"{"s":"ok","id":"808058117761"}"#, "unknown", "broker.contradictoryAnswer"),
    Case(200, #"{"s":"ok","code":-99,"id":"808058117761"}"#, "unknown", "broker.contradictoryAnswer"),
    Case(400, accepted, "unknown", "broker.contradictoryAnswer"),
    Case(200, #"{"code":1101,"id":"808058117761"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"s":"no_data","code":1101,"id":"808058117761"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"s":"ok","code":1101,"id":"80-80"}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"s":"ok","code":1101,"id":{"x":"1"}}"#, "unknown", "broker.strangeAnswer"),
    Case(200, #"{"s":"ok","code":1101,"id":"1","id":"2"}"#, "unknown", "broker.notJSON"),
    Case(200, #"{"s":"ok","code":1101,"id":"1"}{}"#, "unknown", "broker.notJSON"),
    Case(200, #"{"s":"ok","code":1101,"id":"1""#, "unknown", "broker.notJSON"),
    Case(200, "", "unknown", "broker.emptyAnswer"),
    Case(200, "<html>busy</html>", "unknown", "broker.notJSON"),
    Case(200, "{}", "unknown", "broker.strangeAnswer"),
    Case(200, "[]", "unknown", "broker.notJSON"),

    // Refusals, most of them under 200.
    Case(
      200, error(-99, "RED:Margin Shortfall:INR 5,25,690.20 Available:INR 0.00"), "rejected", "fyers.insufficientFunds"),
    Case(200, error(-99, "RED:RULE:{Check circuit limit 1 to 2}"), "rejected", "fyers.outsideBand"),
    Case(200, error(-99, "RED:anything"), "rejected", "fyers.riskRefused"),
    Case(400, error(-50, "StopLoss not a multiple of tick size 0.0500"), "rejected", "fyers.notOnTick"),
    Case(400, error(-50, "Invalid input"), "rejected", "fyers.badInput"),
    Case(400, error(-300, "symbol"), "rejected", "fyers.badSymbol"),
    Case(403, error(-373, "no permission"), "rejected", "fyers.noPermission"),
    Case(400, error(-352, "Invalid app id"), "rejected", "fyers.badAppID"),
    Case(200, error(-4711, "new"), "rejected", "broker.unlistedRefusal"),
    Case(403, #"{"s":"error","code":403,"message":"address"}"#, "rejected", "broker.unlistedRefusal"),
    Case(400, #"{"s":"error","message":"no code"}"#, "rejected", "broker.unlistedRefusal"),

    // Refusals that prove nothing.
    Case(200, error(-96, "unexpected"), "unknown", "fyers.unexpected"),
    Case(200, error(-201, "connection"), "unknown", "fyers.marketConnection"),
    Case(400, error(-203, "connection"), "unknown", "fyers.marketConnection"),
    Case(400, error(-205, "connection"), "unknown", "fyers.marketConnection"),
    Case(200, error(201, "no ack"), "unknown", "fyers.notAcknowledged"),
    Case(200, error(1101, "odd"), "unknown", "broker.strangeAnswer"),
    Case(400, error(1101, "odd"), "unknown", "broker.unprovenRefusal"),
    Case(200, #"{"s":"error","message":"no code"}"#, "unknown", "broker.strangeAnswer"),
    Case(400, #"{"s":"error","code":-50,"id":"808058117761"}"#, "unknown", "broker.contradictoryAnswer"),
    Case(403, "<html>Cloudflare</html>", "unknown", "broker.unprovenRefusal"),
    Case(400, "", "unknown", "broker.unprovenRefusal"),
    Case(500, error(-50, "Invalid input"), "unknown", "broker.serverError"),
    Case(500, "", "unknown", "broker.serverError"),
    Case(503, accepted, "unknown", "broker.serverError"),
    Case(408, "", "unknown", "broker.requestTimeout"),
    Case(302, "", "unknown", "broker.redirected"),

    // The token, in each of its numbers.
    Case(401, error(-17, "Could not authenticate the user"), "tokenRefused", "fyers.tokenInvalid"),
    Case(401, error(-16, "cannot"), "tokenRefused", "fyers.tokenInvalid"),
    Case(200, error(-8, "expired"), "tokenRefused", "fyers.tokenExpired"),
    Case(400, error(-15, "invalid"), "tokenRefused", "fyers.tokenInvalid"),
    Case(401, "", "tokenRefused", "broker.tokenRefused"),
    Case(401, "<html>", "tokenRefused", "broker.tokenRefused"),
    Case(401, error(-50, "Invalid input"), "tokenRefused", "fyers.badInput"),

    // The rate.
    Case(429, error(-429, "limit"), "rateLimited"),
    Case(429, "", "rateLimited"),
    Case(200, error(-429, "limit"), "rateLimited"),
    Case(400, error(-353, "API limit"), "rateLimited"),
  ]

  @Test("standing, code and status together decide over a placing", arguments: placements)
  func placement(_ sample: Case) {
    let outcome = FyersAnswers.placement(BrokerAnswer(sample.status, sample.body), now: BrokerSample.now)
    #expect(outcome.kind == sample.kind)
    #expect(outcome.code == sample.code)
    if case .accepted(let id) = outcome { #expect(sample.body.contains(id.text)) }
  }

  @Test("an order that risk refused after numbering keeps its number")
  func numbered() {
    let answer = BrokerAnswer(200, #"{"s":"error","code":-99,"message":"RED:x","id":"25120400000372"}"#)
    if case .rejected(let refusal, let id) = FyersAnswers.placement(answer, now: BrokerSample.now) {
      #expect(id == BrokerSample.id("25120400000372"))
      #expect(refusal.cause.hasSuffix(": RED:x"))
    } else {
      Issue.record("not rejected")
    }
  }

  @Test(
    "a change is believed when it speaks of the same order",
    arguments: [
      Case(200, #"{"s":"ok","code":1103,"message":"Successfully cancelled order","id":"7"}"#, "requested"),
      Case(200, #"{"s":"ok","code":1102,"id":7}"#, "requested"),
      Case(200, #"{"s":"ok","code":1101,"id":"7"}"#, "requested"),
      Case(200, #"{"s":"ok","code":201,"id":"7"}"#, "unknown", "fyers.notAcknowledged"),
      Case(200, #"{"s":"ok","code":1605,"id":"7"}"#, "unknown", "broker.contradictoryAnswer"),
      Case(200, #"{"s":"ok","code":1103,"id":"8"}"#, "unknown", "broker.contradictoryAnswer"),
      Case(200, #"{"s":"ok","code":1103}"#, "unknown", "broker.strangeAnswer"),
      Case(400, error(-51, "bad id"), "refused", "fyers.unknownOrder"),
      Case(200, error(-162, "traded"), "refused", "fyers.alreadyFilled"),
      Case(200, "", "unknown", "broker.emptyAnswer"),
      Case(401, "", "tokenRefused", "broker.tokenRefused"),
      Case(429, "", "rateLimited"),
    ])
  func change(_ sample: Case) {
    let outcome = FyersAnswers.change(
      BrokerAnswer(sample.status, sample.body), of: BrokerSample.id("7"), now: BrokerSample.now)
    #expect(outcome.kind == sample.kind)
    #expect(outcome.code == sample.code)
  }

  private static func items(_ bodies: (Int, String)...) -> String {
    bodies.map { #"{"statusCode":\#($0.0),"body":\#($0.1),"statusDescription":"x"}"# }.joined(separator: ",")
  }

  @Test("a batch is ok although its items are not: each is judged by itself")
  func batch() {
    let list = Self.items((200, Self.accepted), (400, Self.error(-50, "no")), (500, Self.error(-50, "no")), (200, "1"))
    let answer = BrokerAnswer(200, #"{"s":"ok","code":200,"message":"","data":[\#(list)]}"#)
    let outcomes = FyersAnswers.batch(answer, count: 4, now: BrokerSample.now)
    #expect(outcomes.map(\.kind) == ["accepted", "rejected", "unknown", "unknown"])
    // One answer too few: which order has which number nobody can say.
    #expect(FyersAnswers.batch(answer, count: 5, now: BrokerSample.now).map(\.kind).allSatisfy { $0 == "unknown" })
  }

  @Test("a batch that was refused whole is refused for each, and one that was accepted whole for none")
  func wholeBatch() {
    let refused = FyersAnswers.batch(BrokerAnswer(400, Self.error(-50, "no")), count: 2, now: BrokerSample.now)
    #expect(refused.map(\.kind) == ["rejected", "rejected"])
    let accepted = FyersAnswers.batch(BrokerAnswer(200, Self.accepted), count: 2, now: BrokerSample.now)
    #expect(accepted.map(\.kind) == ["unknown", "unknown"])
    let error = #"{"s":"error","code":-50,"data":[\#(Self.items((200, Self.accepted), (200, Self.accepted)))]}"#
    #expect(
      FyersAnswers.batch(BrokerAnswer(200, error), count: 2, now: BrokerSample.now).map(\.kind)
        == ["accepted", "accepted"])
    #expect(
      FyersAnswers.batch(BrokerAnswer(400, error), count: 2, now: BrokerSample.now).map(\.kind)
        == ["unknown", "unknown"])
  }

  @Test("slices come without a standing and without a number of their own")
  func slices() {
    let list = Self.items((200, Self.accepted), (200, Self.error(-99, "RED:x")))
    let answer = BrokerAnswer(200, #"{"code":1101,"message":"Order Slice placed successfully","data":[\#(list)]}"#)
    #expect(FyersAnswers.slices(answer, now: BrokerSample.now).map(\.kind) == ["accepted", "rejected"])
    let empty = BrokerAnswer(200, #"{"code":1101,"data":[]}"#)
    #expect(FyersAnswers.slices(empty, now: BrokerSample.now).map(\.kind) == ["unknown"])
    let single = BrokerAnswer(200, Self.accepted)
    #expect(FyersAnswers.slices(single, now: BrokerSample.now) == [.accepted(BrokerSample.id("808058117761"))])
    let cut = BrokerAnswer(200, #"{"code":1101,"data":[\#(list)"#)
    #expect(FyersAnswers.slices(cut, now: BrokerSample.now).map(\.kind) == ["unknown"])
  }

  @Test("each cancel of a list has an outcome of its own")
  func cancels() {
    let ids = [BrokerSample.id("7"), BrokerSample.id("8"), BrokerSample.id("9")]
    let list = Self.items(
      (200, #"{"s":"ok","code":1103,"id":"7"}"#), (200, #"{"s":"ok","code":1103,"id":"7"}"#),
      (400, Self.error(-51, "bad")))
    let answer = BrokerAnswer(200, #"{"s":"ok","code":200,"data":[\#(list)]}"#)
    #expect(
      FyersAnswers.changes(answer, of: ids, now: BrokerSample.now).map(\.kind) == ["requested", "unknown", "refused"])
    #expect(
      FyersAnswers.changes(BrokerAnswer(401, ""), of: ids, now: BrokerSample.now).map(\.kind)
        == ["tokenRefused", "tokenRefused", "tokenRefused"])
  }
}
