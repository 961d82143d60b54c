import BrokerSimulation
import HTTP
import OrderDomain
import Testing

/// Scripts: which calls they meet, and what is left of an order that met one.
struct FaultTests {
  /// A fault, whether the broker has the order afterwards, and whether the client gets an answer that says so.
  @Test(arguments: [
    (#""fault":"delay_before","milliseconds":5"#, false), (#""fault":"delay_after","milliseconds":5"#, true),
    (#""fault":"blackhole_before""#, false), (#""fault":"blackhole_after""#, true),
    (#""fault":"timeout_after_acceptance""#, true), (#""fault":"reset_before""#, false),
    (#""fault":"reset_after""#, true), (#""fault":"close_before""#, false), (#""fault":"close_after""#, true),
    (#""fault":"stale_keepalive""#, true), (#""fault":"cut""#, true), (#""fault":"cut","ending":"close""#, true),
    (#""fault":"status","status":503"#, false), (#""fault":"status_after","status":502"#, true),
    (#""fault":"too_many_calls""#, false), (#""fault":"token_death""#, false), (#""fault":"wrong_address""#, false),
    (#""fault":"html""#, true), (#""fault":"html","taken":false"#, false), (#""fault":"empty""#, true),
    (#""fault":"broken_json""#, true), (#""fault":"garbage""#, true), (#""fault":"huge","bytes":100000"#, true),
    (#""fault":"drip","milliseconds":1"#, true), (#""fault":"twice""#, true), (#""fault":"interim""#, true),
    (#""fault":"unacknowledged""#, true), (#""fault":"unacknowledged","taken":false"#, false),
    (#""fault":"reject""#, true), (#""fault":"partial_then_reject","quantity":3"#, true),
    (#""fault":"stuck_in_transit""#, true), (#""fault":"stale_books","milliseconds":10"#, true),
  ])
  func `each fault meets one call, and takes the order or does not`(_ fault: String, _ isTaken: Bool) throws {
    for (broker, path) in [("dhan", "/orders"), ("fyers", "/api/v3/orders/sync")] {
      var desk = try Desk()
      let rule = desk.control(.post, "/faults", #"{"on":"\#(broker).place",\#(fault)}"#)
      #expect(rule.status == 200, "\(rule)")
      let request =
        broker == "dhan"
        ? desk.dhanRequest(.post, path, desk.dhanOrder()) : desk.fyersRequest(.post, path, desk.fyersOrder())
      let delivery = desk.send(request)
      let taken = desk.control(.get, "/received/summary").json["acknowledged"]?.integer
      #expect(taken == (isTaken ? 1 : 0), "\(broker) \(delivery)")
      if fault.contains("token_death") { _ = desk.control(.post, "/clients/1000000001", #"{"token":"new"}"#) }
      let second =
        broker == "dhan"
        ? desk.dhan(.post, path, desk.dhanOrder())
        : desk.ask(
          BrokerRequest(
            .post, path, fields: request.fields, body: desk.fyersOrder()))
      if !fault.contains("token_death") || broker == "dhan" { #expect(second.status == 200, "\(broker) \(second)") }
      #expect(desk.control(.get, "/faults").json["faults"]?.elements?.first?["is_spent"]?.flag == true)
    }
  }

  @Test func `a rule passes some calls, then meets each so-manieth, then is spent`() throws {
    var desk = try Desk { $0.enforcesRates = false }
    let rule = #"{"on":"dhan.*","method":"get","fault":"status","status":500,"skip":2,"every":3,"count":2}"#
    _ = desk.control(.post, "/faults", rule)
    let statuses = (0..<10).map { _ in desk.dhan(.get, "/fundlimit").status }
    #expect(statuses == [200, 200, 500, 200, 200, 500, 200, 200, 200, 200])
  }

  @Test func `a rule may look for a text in the body, or for a path`() throws {
    var desk = try Desk()
    _ = desk.control(.post, "/faults", #"{"on":"/v2/orders","containing":"tag-9","fault":"status","status":504}"#)
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder()).status == 200)
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder(["correlationId": "\"tag-9\""])).status == 504)
  }

  @Test func `chance is drawn from the seed`() throws {
    func statuses(_ seed: UInt64) throws -> [Int] {
      var desk = try Desk {
        $0.seed = seed
        $0.enforcesRates = false
      }
      _ = desk.control(.post, "/faults", #"{"on":"dhan.funds","fault":"status","count":0,"chance_percent":30}"#)
      return (0..<1_000).map { _ in desk.dhan(.get, "/fundlimit").status }
    }
    let first = try statuses(1)
    #expect(try statuses(1) == first)
    #expect(try statuses(2) != first)
    #expect((230...370).contains(first.count { $0 == 500 }))
  }

  @Test func `a partial fill before a rejection stays filled`() throws {
    var desk = try Desk()
    let rule = #"{"on":"dhan.place","fault":"partial_then_reject","quantity":3,"words":"RMS: enough"}"#
    _ = desk.control(.post, "/faults", rule)
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder(["price": "2600"]))["orderId"])
    desk.wait(milliseconds: 30)
    let row = desk.dhan(.get, "/orders/\(id)")
    #expect(row["orderStatus"] == "REJECTED")
    #expect(row.json["filledQty"]?.integer == 3)
    #expect(row["omsErrorDescription"]?.hasSuffix("RMS: enough") == true)
    #expect(desk.dhan(.get, "/positions").json.elements?.first?["netQty"]?.integer == 3)
  }

  @Test func `stale books show an order only afterwards`() throws {
    var desk = try Desk()
    _ = desk.control(.post, "/faults", #"{"on":"dhan.place","fault":"stale_books","milliseconds":500}"#)
    _ = desk.dhan(.post, "/orders", desk.dhanOrder())
    desk.wait(milliseconds: 499)
    #expect(desk.dhan(.get, "/orders").text == "[]")
    #expect(desk.dhan(.get, "/orders/external/tag-1").status == 404)
    desk.wait(milliseconds: 1)
    #expect(desk.dhan(.get, "/orders").json.elements?.count == 1)
  }

  @Test func `a 429 carries what the script says, however absurd`() throws {
    for value in ["7", "1000000000", "Tue, 24 Nov 2026 04:31:00 GMT", "soon"] {
      var desk = try Desk()
      _ = desk.control(.post, "/faults", #"{"on":"dhan.place","fault":"too_many_calls","retry_after":"\#(value)"}"#)
      let delivery = desk.send(desk.dhanRequest(.post, "/orders", desk.dhanOrder()))
      guard case .answer(let response) = delivery else { return #expect(Bool(false), "\(delivery)") }
      #expect(response.status == .tooManyRequests)
      #expect(response.fields["Retry-After"] == value)
    }
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"on":"dhan.place"}"#, #"{"on":"dhan.place","fault":"nonsense"}"#,
    #"{"on":"","fault":"empty"}"#, #"{"on":"x","fault":"drip"}"#, #"{"on":"x","fault":"status","status":99}"#,
    #"{"on":"x","fault":"empty","every":0}"#, #"{"on":"x","fault":"empty","chance_percent":101}"#,
    #"{"on":"x","fault":"empty","nonsense":1}"#, #"{"on":"x","fault":"partial_then_reject"}"#,
    #"{"on":"x","fault":"cut","ending":"never"}"#,
  ])
  func `a rule that says nothing clear is refused`(_ body: String) throws {
    var desk = try Desk()
    let answer = desk.control(.post, "/faults", body)
    #expect(answer.status == 400)
    #expect(answer["error"]?.isEmpty == false)
    #expect(desk.control(.get, "/faults").text == #"{"faults":[]}"#)
  }
}
