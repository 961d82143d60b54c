import Foundation
import Testing

/// The engine logs in at Dhan by itself, and orders wait for it.
@Suite(.timeLimit(.minutes(3)))
struct DhanTokenTests {
  /// An engine's settings for logging in by PIN and one-time password, beside the token that the simulator has made.
  private func settings(_ simulator: SimulatorProcess, _ more: [String: String] = [:]) -> [String: String] {
    simulator.environment("dhan").merging(simulator.dhanLogin) { $1 }.merging(more) { $1 }
  }

  private static let noToken = ["DHAN_ACCESS_TOKEN": ""]

  private func trade(_ engine: EngineProcess, _ id: String) throws -> [String] {
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: id)))
    return try engine.outcomes(of: alert) { $0 == ["filled"] || $0 == ["denied"] || $0 == ["rejected"] }
  }

  @Test func `without a token the engine logs in, trades, and has its token again after a restart`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(simulator, Self.noToken))
    #expect(try trade(engine, "a") == ["filled"])
    let status = try engine.tokenStatus("dhan")
    #expect(status["valid"] as? Bool == true)
    #expect(status["hours_remaining"] as? Int == 23)
    #expect(try simulator.calls("dhan.token") == 1)
    #expect(engine.stop() == 0)

    let file = engine.directory + "/tokens/dhan.json"
    #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    let again = try EngineProcess(directory: engine.directory, environment: settings(simulator, Self.noToken))
    #expect(again.log.contains("token.readBack"))
    #expect(try trade(again, "b") == ["filled"])
    #expect(try simulator.calls("dhan.token") == 1)
    for secret in simulator.dhanSecrets(kept: try String(contentsOfFile: file, encoding: .utf8)) {
      #expect(!engine.log.contains(secret) && !again.log.contains(secret))
    }
  }

  @Test(
    "a token that dies in a burst is renewed once, and every order goes out once",
    arguments: [[:], SimulatorProcess.noLimits])
  func burst(limits: [String: String]) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(simulator, limits))
    #expect(try trade(engine, "first") == ["filled"])
    #expect(try simulator.calls("dhan.token") == 0)
    try simulator.add("delay_after", on: "dhan.token", "\"milliseconds\":1000")
    try simulator.killToken()
    // Of another share: with a limit on value the first of them waits for a price, and that for the token.
    let client = try RawClient(port: engine.port)
    let alerts = try (0..<20).map {
      try acceptedAlert(client.post("/webhook", AlertBodies.native(engine.secret, id: "b\($0)", symbol: "RELIANCE")))
    }
    for alert in alerts { #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"]) }
    #expect(try simulator.calls("dhan.token") == 1)
    let received = try simulator.received()
    #expect(received.acknowledged == 21)
    #expect(received.doubled == 0)
    try expectEqualBooks(engine, simulator)
  }

  @Test func `alerts that come at once while there is no token wait for one price, and their orders leave`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(simulator, Self.noToken))
    try simulator.add("delay_before", on: "dhan.token", "\"milliseconds\":3000")
    // Each on a connection of its own, so that none waits for another's answer.
    let clients = try (0..<8).map { _ in try RawClient(port: engine.port) }
    for (number, client) in clients.enumerated() {
      let body = AlertBodies.native(engine.secret, id: "w\(number)")
      try client.send(
        "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
    }
    for client in clients {
      let alert = try acceptedAlert(client.answer())
      #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"])
    }
    #expect(try simulator.calls("dhan.token") == 1)
    #expect(try simulator.calls("dhan.ltp") <= 2)
    #expect(try simulator.received().doubled == 0)
  }

  @Test func `a new token is asked for by hand, by the operator alone, and never looks like a probe`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(simulator))
    #expect(try trade(engine, "a") == ["filled"])
    let client = try RawClient(port: engine.port)
    #expect(try client.post("/refresh-token", "").status == 401)
    #expect(try client.get("/refresh-token", token: engine.operatorToken).status == 404)
    for _ in 0..<3 { #expect(try client.get("/ready").status == 200) }
    #expect(try simulator.calls("dhan.token") == 0)
    let answer = try client.post("/refresh-token", "", fields: ["Authorization": "Bearer \(engine.operatorToken)"])
    #expect(answer.status == 200, "\(answer.body)")
    #expect(!answer.body.contains("eyJ"))
    #expect(try simulator.calls("dhan.token") == 1)
    #expect(try trade(engine, "b") == ["filled"])
    #expect(
      try client.post("/refresh-token?account=nobody", "", fields: ["Authorization": "Bearer \(engine.operatorToken)"])
        .errorCodes == ["account.notFound"])
    let ready = try client.get("/ready")
    #expect(ready.json["token_expires_in_hours"] as? Int == 23)
  }

  @Test func `a wrong PIN ends orders with what to do, and is not tried again`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(simulator, ["DHAN_PIN": "999999", "DHAN_ACCESS_TOKEN": ""]))
    // Its price cannot be asked for without a token, and the limit on value not be judged without a price.
    let answer = try RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a"))
    #expect(answer.status == 422)
    #expect(answer.errorCodes == ["auth.tokenNeeded"])
    #expect(answer.body.contains("\"fix\":\"correct DHAN_PIN\""), "\(answer.body)")
    let limit = try RawClient(port: engine.port).post(
      "/webhook", AlertBodies.native(engine.secret, id: "b", more: ",\"order_type\":\"limit\",\"price\":820"))
    #expect(try engine.outcomes(of: acceptedAlert(limit)) { $0 == ["denied"] } == ["denied"])
    #expect(try simulator.calls("dhan.token") == 1)
    let status = try engine.tokenStatus("dhan")
    #expect(status["needs_person"] as? Bool == true)
    #expect((status["last_error"] as? [String: Any])?["fix"] as? String == "correct DHAN_PIN")
    #expect(!engine.log.contains("999999"))
  }

  @Test func `two engines on one account share the token that one of them makes`() throws {
    let simulator = try SimulatorProcess()
    let folder = EngineProcess.newDirectory()
    let one = try EngineProcess(environment: settings(simulator, ["TOKEN_DIR": folder]))
    let two = try EngineProcess(environment: settings(simulator, ["TOKEN_DIR": folder]))
    #expect(try trade(one, "a") == ["filled"])
    #expect(try trade(two, "b") == ["filled"])
    // Both find it dead. One login in two minutes is all that Dhan allows, and one is enough.
    try simulator.killToken()
    #expect(try trade(one, "c") == ["filled"])
    #expect(try trade(two, "d") == ["filled"])
    #expect(try simulator.calls("dhan.token") == 1)
  }

  @Test func `two engines that need a token at one moment make one, and both have it`() throws {
    let simulator = try SimulatorProcess()
    let folder = EngineProcess.newDirectory()
    let settings = settings(simulator, SimulatorProcess.noLimits.merging(["TOKEN_DIR": folder]) { $1 })
    let (one, two) = (try EngineProcess(environment: settings), try EngineProcess(environment: settings))
    // Long enough for the second to come while the first is waiting for its answer.
    try simulator.add("delay_before", on: "dhan.token", "\"milliseconds\":1500")
    try simulator.killToken()
    let alerts = try [one, two].map { engine in
      try acceptedAlert(
        RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "x\(engine.port)")))
    }
    for (engine, alert) in zip([one, two], alerts) {
      #expect(try engine.outcomes(of: alert, seconds: 25) { $0 == ["filled"] } == ["filled"])
    }
    #expect(try simulator.calls("dhan.token") == 1)
    #expect(try simulator.received().acknowledged == 2)
    // It was made by the one and read back by the other, whose engine started with another token.
    #expect([one, two].count { $0.log.contains("token.renewed") } == 1)
    #expect([one, two].count { $0.log.contains("token.readBack") } == 1)
    // The turn's file holds nothing.
    let lock = try FileManager.default.attributesOfItem(atPath: folder + "/dhan.lock")
    #expect(lock[.size] as? Int == 0)
    #expect(lock[.posixPermissions] as? Int == 0o600)
  }

  @Test func `two engines that start without a token make one between them`() throws {
    let simulator = try SimulatorProcess()
    let folder = EngineProcess.newDirectory()
    let settings = settings(
      simulator, Self.noToken.merging(SimulatorProcess.noLimits) { $1 }.merging(["TOKEN_DIR": folder]) { $1 })
    try simulator.add("delay_before", on: "dhan.token", "\"milliseconds\":1500")
    let engines = [try EngineProcess(environment: settings), try EngineProcess(environment: settings)]
    let alerts = try engines.map { engine in
      try acceptedAlert(
        RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "s\(engine.port)")))
    }
    for (engine, alert) in zip(engines, alerts) {
      #expect(try engine.outcomes(of: alert, seconds: 25) { $0 == ["filled"] } == ["filled"])
    }
    #expect(try simulator.calls("dhan.token") == 1)
  }
}
