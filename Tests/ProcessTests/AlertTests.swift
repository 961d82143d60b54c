import Foundation
import Testing

/// Alerts in, orders out: the built engine over real sockets, on both event loops.
@Suite(.timeLimit(.minutes(3)))
struct AlertTests {
  @Test("a market order of the multi-leg format is filled and becomes a position", arguments: ["uring", "epoll"])
  func multiLegMarketOrder(eventLoop: String) throws {
    let engine = try EngineProcess(environment: ["EVENT_LOOP": eventLoop])
    let client = try RawClient(port: engine.port)
    let answer = try client.post("/webhook?wait=2000", AlertBodies.market(engine.secret))
    #expect(answer.status == 200)
    #expect(answer.json["status"] as? String == "accepted")
    let leg = try #require(answer.legs.first)
    #expect(leg["outcome"] as? String == "filled")
    #expect(leg["filled_quantity"] as? Int == 10)
    #expect(leg["order_id"] is String)
    #expect(answer.fields["x-request-id"] != nil)

    let positions = try client.get("/api/v1/positions", token: engine.operatorToken)
    let items = try #require(positions.json["items"] as? [[String: Any]])
    #expect(items.first?["symbol"] as? String == "RELIANCE")
    #expect(items.first?["net_quantity"] as? Int == 10)
    let orders = try client.get("/api/v1/orders", token: engine.operatorToken)
    #expect((orders.json["items"] as? [[String: Any]])?.count == 1)
    #expect(engine.log.contains("\"backend\":\"\(eventLoop)\""))
    #expect(engine.stop() == 0)
  }

  @Test(
    "an option order by strike and expiry is filled, and guarded by the exits it asks for",
    arguments: ["uring", "epoll"])
  func optionOrderWithExits(eventLoop: String) throws {
    let engine = try EngineProcess(environment: ["EVENT_LOOP": eventLoop])
    let client = try RawClient(port: engine.port)
    let answer = try client.post(
      "/webhook?wait=2000", AlertBodies.option(engine.secret, exits: ",\"sl\":10.0,\"tp\":20.0"))
    #expect(answer.status == 200)
    #expect(answer.legs.count == 3)
    #expect(answer.legs.first?["outcome"] as? String == "filled")
    let alert = try #require(answer.json["alert_id"] as? String)
    let exits = try poll(client, engine, alert) { legs in
      legs.dropFirst().allSatisfy { $0["outcome"] as? String == "accepted" }
    }
    #expect(exits.map { $0["role"] as? String } == ["entry", "stop", "target"])
    #expect(exits.dropFirst().allSatisfy { $0["side"] as? String == "sell" && $0["quantity"] as? Int == 30 })
    #expect(engine.stop() == 0)
  }

  @Test("the bracket sample places one entry and then two exits sized by its fill")
  func bracketSample() throws {
    let engine = try EngineProcess(environment: ["MAX_ALERT_VALUE": "100000000"])
    let client = try RawClient(port: engine.port)
    let answer = try client.post("/webhook?wait=2000", try sample("dhan-bracket", engine.secret))
    #expect(answer.status == 200, "\(answer.body)")
    #expect(answer.json["execution"] as? String == "bracket")
    let alert = try #require(answer.json["alert_id"] as? String)
    let legs = try poll(client, engine, alert) { legs in
      legs.dropFirst().allSatisfy { $0["outcome"] as? String == "accepted" }
    }
    #expect(legs.map { $0["role"] as? String } == ["entry", "stop", "target"])
  }

  @Test("the option sample is refused with every reason and the nearest legal order")
  func optionSampleIsRefused() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    let answer = try client.post("/webhook", try sample("fyers-bot-option", engine.secret))
    #expect(answer.status == 422)
    #expect(Set(answer.errorCodes) == ["plan.productNotOffered", "symbol.noWeeklySeries", "plan.notALotMultiple"])
    #expect(answer.body.contains("send 30"))
    #expect(answer.body.contains("MONTHLY"))
  }

  @Test("a template that TradingView did not fill in is named as such")
  func unfilledTemplate() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    let answer = try client.post("/webhook", try sample("dhan-one-leg", engine.secret))
    #expect(answer.status == 422)
    #expect(answer.errorCodes == ["alert.unfilledTemplate"])
    #expect(answer.body.contains("{{ticker}}"))
  }

  @Test("the same alert again gets the first answer and makes no second order, also after a restart")
  func duplicates() throws {
    let engine = try EngineProcess()
    let body = AlertBodies.market(engine.secret, id: "once")
    let first = try RawClient(port: engine.port).post("/webhook?wait=2000", body)
    let second = try RawClient(port: engine.port).post("/webhook", body)
    #expect(second.json["status"] as? String == "duplicate")
    #expect(second.json["alert_id"] as? String == first.json["alert_id"] as? String)
    #expect(second.legs.first?["order_id"] as? String == first.legs.first?["order_id"] as? String)
    let changed = try RawClient(port: engine.port).post(
      "/webhook", AlertBodies.market(engine.secret, quantity: "20", id: "once"))
    #expect(changed.status == 422)
    #expect(changed.errorCodes == ["alert.keyReused"])
    #expect(changed.body.contains("quantity"))
    engine.killAtOnce()

    let again = try EngineProcess(directory: engine.directory)
    let third = try RawClient(port: again.port).post("/webhook", body)
    #expect(third.json["status"] as? String == "duplicate")
    #expect(third.legs.first?["outcome"] as? String == "filled")
    let orders = try RawClient(port: again.port).get("/api/v1/orders", token: again.operatorToken)
    #expect((orders.json["items"] as? [[String: Any]])?.count == 1)
    #expect(again.stop() == 0)
  }

  @Test("a hundred twins at once make one order")
  func twins() async throws {
    let engine = try EngineProcess()
    let body = AlertBodies.market(engine.secret, id: "twins")
    let statuses = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<100 {
        group.addTask {
          let answer = try RawClient(port: engine.port).post("/webhook", body)
          return "\(answer.status) \(answer.json["status"] as? String ?? "")"
        }
      }
      return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect(statuses == ["200 accepted": 1, "200 duplicate": 99])
    let orders = try RawClient(port: engine.port).get("/api/v1/orders", token: engine.operatorToken)
    #expect((orders.json["items"] as? [[String: Any]])?.count == 1)
  }

  @Test("whoever watches is told of the alert and of its fill as they happen")
  func serverSentEvents() throws {
    let engine = try EngineProcess()
    let watcher = try RawClient(port: engine.port)
    try watcher.send(
      "GET /events HTTP/1.1\r\nHost: engine\r\nAuthorization: Bearer \(engine.operatorToken)\r\n\r\n")
    _ = try watcher.read(until: Data("as they happen".utf8))
    _ = try RawClient(port: engine.port).post("/webhook", AlertBodies.market(engine.secret))
    _ = try watcher.read(until: Data("event: alert".utf8))
    _ = try watcher.read(until: Data("\"state\":\"filled\"".utf8))
    #expect(engine.stop() == 0)
    #expect(watcher.isClosedByPeer())
  }

  /// Asks for the alert until its legs look as wanted.
  private func poll(
    _ client: RawClient, _ engine: EngineProcess, _ alert: String, until isDone: ([[String: Any]]) -> Bool
  ) throws -> [[String: Any]] {
    var legs: [[String: Any]] = []
    for _ in 0..<100 {
      legs = try client.get("/api/v1/alerts/\(alert)", token: engine.operatorToken).legs
      if isDone(legs) { return legs }
      usleep(20_000)
    }
    Issue.record("the legs never got there: \(legs)")
    return legs
  }

  @Test("an alert that a thousand others came after can still be asked for, with what became of it")
  func oldAlert() throws {
    let engine = try EngineProcess(environment: ["DURABILITY": "overlapped"])
    let client = try RawClient(port: engine.port)
    let first = try acceptedAlert(client.post("/webhook?wait=2000", AlertBodies.market(engine.secret, id: "first")))
    var later = ""
    for number in 0..<1_000 {
      later = try acceptedAlert(
        client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "later-\(number)")))
    }
    let old = try client.get("/api/v1/alerts/\(first)", token: engine.operatorToken)
    #expect(old.status == 200)
    #expect(old.json["alert_id"] as? String == first)
    #expect(old.legs.map { $0["outcome"] as? String } == ["filled"])
    #expect(old.legs.map { $0["filled_quantity"] as? Int } == [10])
    let known = try client.get("/api/v1/alerts/\(later)", token: engine.operatorToken)
    #expect(Set(known.legs[0].keys) == Set(old.legs[0].keys))
    let unknown = try client.get("/api/v1/alerts/\(String(repeating: "0", count: 26))", token: engine.operatorToken)
    #expect(unknown.status == 404)
    #expect(unknown.errorCodes == ["alert.notFound"])
  }
}

/// A sample alert as users have it, with the secret put in.
func sample(_ name: String, _ secret: String) throws -> String {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let path = folder.appendingPathComponent("Fixtures/Alerts/\(name).json")
  return try String(contentsOf: path, encoding: .utf8)
    .replacingOccurrences(of: "<WEBHOOK_SECRET_TOKEN>", with: secret)
    .replacingOccurrences(of: "<WEBHOOK_SECRET>", with: secret)
}
