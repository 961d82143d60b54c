import Foundation
import Testing

/// What an operator sees and does by hand.
@Suite(.timeLimit(.minutes(2)))
struct OperatorTests {
  /// An engine with an order that nobody can prove anything of: it was lost, and the book cannot be read.
  private func withUnknownOrder(
    _ body: (EngineProcess, SimulatorProcess, _ alert: String, _ order: String) throws -> Void
  ) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment("dhan"))
    try simulator.add("status", on: "dhan.orders", "\"count\":0,\"status\":503")
    try simulator.add("reset_before", on: "dhan.place")
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    let legs = try engine.legs(of: alert) { $0.first?["outcome"] as? String == "unknown" }
    try body(engine, simulator, alert, try #require(legs.first?["correlation_id"] as? String))
  }

  private func post(_ engine: EngineProcess, _ path: String, token: String? = nil) throws -> RawClient.Answer {
    try RawClient(port: engine.port).post(
      path, "", fields: ["Authorization": "Bearer \(token ?? engine.operatorToken)"])
  }

  @Test func `a person ends the doubt about an order, and the instrument trades again`() throws {
    try withUnknownOrder { engine, simulator, alert, order in
      let path = "/api/v1/orders/\(order)/resolve?as=absent&by=ravi"
      #expect(try post(engine, path, token: "wrong").status == 401)
      #expect(
        try RawClient(port: engine.port).post(path, "", fields: ["Cookie": "order_engine=\(engine.operatorToken)"])
          .status == 401)
      #expect(try post(engine, "/api/v1/orders/\(order)/resolve?as=absent").errorCodes == ["operator.nameMissing"])
      #expect(
        try post(engine, "/api/v1/orders/\(order)/resolve?as=gone&by=ravi").errorCodes == ["order.badResolution"])
      let answer = try post(engine, path)
      #expect(answer.status == 200, "\(answer.body)")
      #expect(answer.body.contains("ravi"))
      #expect(try engine.outcomes(of: alert) { $0 == ["denied"] } == ["denied"])
      #expect(try post(engine, path).errorCodes == ["order.notUnknown"])
      let next = try RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "b"))
      #expect(try engine.outcomes(of: try acceptedAlert(next)) { $0 == ["accepted"] } == ["accepted"])
    }
  }

  @Test func `a person holds an account's entries back, and lets them go`() throws {
    let engine = try EngineProcess()
    let held = try post(engine, "/api/v1/breakers/paper/entries?state=open&by=ravi")
    #expect(held.status == 200 && held.body.contains("by ravi"), "\(held.body)")
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    #expect(try engine.outcomes(of: alert, seconds: 0.5) { _ in false } == ["pending"])
    #expect(try post(engine, "/api/v1/breakers/paper/entries?state=closed&by=ravi").status == 200)
    #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"])
    #expect(try post(engine, "/api/v1/breakers/nobody/entries?state=open&by=ravi").errorCodes == ["account.notFound"])
    #expect(try post(engine, "/api/v1/breakers/paper/both?state=open&by=ravi").errorCodes == ["breaker.badState"])
  }

  @Test func `limits and circuits are shown for each account`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(
      environment: simulator.environment("dhan").merging(["DHAN_RATE_LIMIT": "10/1s,250/60s"]) { $1 })
    let client = try RawClient(port: engine.port)
    let limits = try client.get("/api/v1/limits", token: engine.operatorToken)
    #expect(limits.body.contains("\"window\":\"60s\"") && limits.body.contains("\"limit\":250"), "\(limits.body)")
    let breakers = try client.get("/api/v1/breakers", token: engine.operatorToken)
    #expect((breakers.json["items"] as? [[String: Any]])?.map { $0["state"] as? String } == ["closed", "closed"])
    #expect(try client.get("/api/v1/limits").status == 401)
  }

  @Test func `the metrics say where the time of every alert has gone`() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    for number in 0..<3 {
      let body = AlertBodies.market(engine.secret, quantity: "1", id: "stage-\(number)")
      #expect(try client.post("/webhook?wait=2000", body).status == 200)
    }
    #expect(try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "stage-0")).status == 200)
    let metrics = try client.get("/metrics", token: engine.operatorToken).body
    for stage in ["planned", "journaled", "started", "permitted", "acknowledged"] {
      let name = "order_engine_alert_stage_seconds"
      #expect(metrics.contains("\(name)_count{stage=\"\(stage)\"} 3\n"))
      #expect(metrics.contains("\(name)_bucket{stage=\"\(stage)\",le=\"+Inf\"} 3\n"))
      #expect(metrics.contains("\(name)_bucket{stage=\"\(stage)\",le=\"10\"} 3\n"))
    }
  }
}
