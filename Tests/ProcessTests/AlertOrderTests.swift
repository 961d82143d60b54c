import Foundation
import Testing

/// In which order alerts leave that concern the same instrument.
@Suite(.timeLimit(.minutes(3)))
struct AlertOrderTests {
  @Test func `alerts of one instrument leave as they came, and others do not wait for them`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment("dhan"))
    let client = try RawClient(port: engine.port)
    try simulator.add("delay_before", on: "dhan.place", "\"milliseconds\":1000")
    var alerts: [String] = []
    for (id, side, quantity, symbol) in [
      ("a", "buy", 1, "SBIN"), ("b", "sell", 2, "SBIN"), ("c", "buy", 3, "SBIN"), ("d", "buy", 4, "TCS"),
    ] {
      alerts.append(
        try acceptedAlert(
          client.post(
            "/webhook", AlertBodies.native(engine.secret, id: id, quantity: quantity, symbol: symbol, side: side))))
    }
    for alert in alerts { #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"]) }
    let quantities = try simulator.receivedQuantities()
    #expect(quantities.filter { $0 != 4 } == [1, 2, 3])
    #expect(quantities.first == 4)
  }

  @Test func `what opens waits for the fill of what closes, and not longer than it is valid`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(
      environment: simulator.environment("dhan").merging(["ALERT_VALIDITY_MS": "10000"]) { $1 })
    let client = try RawClient(port: engine.port)
    let limit = ",\"order_type\":\"limit\",\"price\":900,\"role\":\"exit\""
    func post(_ id: String, _ side: String, _ more: String = "") throws -> String {
      try acceptedAlert(
        client.post("/webhook", AlertBodies.native(engine.secret, id: id, side: side, more: more)))
    }
    let close = try post("close", "sell", limit)
    let working = try engine.legs(of: close) { $0.first?["outcome"] as? String == "accepted" }
    let open = try post("open", "sell")
    #expect(try engine.outcomes(of: open, seconds: 1) { _ in false } == ["pending"])
    try simulator.fill(try #require(working.first?["order_id"] as? String))
    #expect(try engine.outcomes(of: open) { $0 == ["filled"] } == ["filled"])

    _ = try engine.legs(of: try post("close-late", "sell", limit)) { $0.first?["outcome"] as? String == "accepted" }
    let late = try post("late", "sell")
    let legs = try engine.legs(of: late) { $0.first?["outcome"] as? String == "expired" }
    #expect(legs.first?["outcome"] as? String == "expired", "\(legs)")
    #expect(
      try RawClient(port: engine.port).get("/api/v1/alerts/\(late)", token: engine.operatorToken).body
        .contains("order.earlierNotDone"))
  }
}
