import Foundation
import Testing

/// The morning's look, from a running engine and without one.
@Suite(.timeLimit(.minutes(3)))
struct DiagnosisTests {
  private func results(_ json: [String: Any]) -> [String: String] {
    var results: [String: String] = [:]
    for check in json["checks"] as? [[String: Any]] ?? [] {
      results[check["name"] as? String ?? ""] = check["result"] as? String
    }
    return results
  }

  @Test("a running engine says what is right and what is not", arguments: ["dhan", "fyers"])
  func running(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    let client = try RawClient(port: engine.port)
    #expect(try client.get("/api/v1/diagnosis").status == 401)
    let answer = try client.get("/api/v1/diagnosis", token: engine.operatorToken)
    let results = results(answer.json)
    // Whether the token lasts until the close depends on when the test runs; that it is taken does not.
    for name in ["clock", "symbols", "funds", "quote", "journal"] {
      #expect(results[name] == "ok", "\(name): \(answer.body)")
    }
    #expect(results["token"] != "failed" || answer.body.contains("closes later"), "\(answer.body)")
    #expect(results["address"] == (broker == "dhan" ? "ok" : "unknown"))
    #expect(results["notification"] == "unknown")
    #expect(engine.waitForLog("readiness.checked") != nil)
  }

  @Test func `an address that is not registered keeps orders from going out`() throws {
    let simulator = try SimulatorProcess()
    try simulator.change("{\"static_ip\":true}")
    let engine = try EngineProcess(environment: simulator.environment("dhan"))
    let answer = try RawClient(port: engine.port).get("/api/v1/diagnosis", token: engine.operatorToken)
    #expect(answer.json["ready"] as? Bool == false)
    #expect(results(answer.json)["address"] == "failed")
    #expect(answer.body.contains("127.0.0.1"))
  }

  @Test func `without a login of its own the command says where a person logs in`() throws {
    let simulator = try SimulatorProcess()
    var settings = simulator.environment("fyers").merging(simulator.pageLogin) { $1 }
    settings["FYERS_ACCESS_TOKEN"] = ""
    let outcome = try EngineProcess.run(
      ["diagnose", "--data-dir", EngineProcess.newDirectory()], environment: settings)
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        "fyers: token: no living token is kept. To do: start the engine, open its /auth-url?account=fyers with the"),
      "\(outcome.output)")
  }

  @Test func `the command looks without an engine, beside one, and logs in nowhere`() throws {
    let simulator = try SimulatorProcess()
    let settings = simulator.environment("dhan").merging(simulator.dhanLogin) { $1 }.merging(["DHAN_ACCESS_TOKEN": ""])
    {
      $1
    }
    let directory = EngineProcess.newDirectory()
    let before = try EngineProcess.run(["diagnose", "--data-dir", directory], environment: settings)
    #expect(before.status == 1)
    #expect(
      before.output.contains(
        "failed   dhan: token: no living token is kept. To do: start the engine: it logs in by itself.\n"),
      "\(before.output)")
    #expect(before.output.contains("Not ready."))
    #expect(try simulator.calls("dhan.token") == 0)

    let engine = try EngineProcess(directory: directory, environment: settings)
    let fields = ["Authorization": "Bearer \(engine.operatorToken)"]
    #expect(try RawClient(port: engine.port).post("/refresh-token", "", fields: fields).status == 200)
    let limit = Date(timeIntervalSinceNow: 10)
    while !FileManager.default.fileExists(atPath: directory + "/tokens/dhan.json"), Date() < limit { usleep(20_000) }
    let beside = try EngineProcess.run(["diagnose", "--json", "--data-dir", directory], environment: settings)
    let json = try JSONSerialization.jsonObject(with: Data(beside.output.utf8)) as? [String: Any] ?? [:]
    #expect(results(json)["funds"] == "ok", "\(beside.output)")
    #expect(results(json)["symbols"] == "ok", "\(beside.output)")
    #expect(try simulator.calls("dhan.token") <= 1)
    #expect(!beside.output.contains("eyJ"))
  }
}
