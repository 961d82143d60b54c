import Foundation
import Testing

/// A person logs in at the broker's page, and the browser comes back to the engine.
@Suite(.timeLimit(.minutes(3)))
struct LoginTests {
  private func settings(_ broker: String, _ simulator: SimulatorProcess) -> [String: String] {
    simulator.environment(broker).merging(simulator.pageLogin) { $1 }.merging([
      "DHAN_ACCESS_TOKEN": "", "FYERS_ACCESS_TOKEN": "",
    ]) { $1 }
  }

  private func trade(_ engine: EngineProcess, _ id: String) throws -> [String] {
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: id)))
    return try engine.outcomes(of: alert) { $0 == ["filled"] || $0 == ["denied"] || $0 == ["rejected"] }
  }

  /// What the person's browser is sent back with, after the login at the broker's page.
  private func logIn(_ engine: EngineProcess, _ simulator: SimulatorProcess, _ broker: String) throws -> String {
    let answer = try RawClient(port: engine.port).get("/auth-url?account=\(broker)", token: engine.operatorToken)
    let address = try #require(answer.json["auth_url"] as? String, "\(answer.body)")
    let path = "/" + address.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)[2]
    let redirect = try simulator.visit(String(path))
    return "/callback?" + (redirect.split(separator: "?", maxSplits: 1).last.map(String.init) ?? "")
  }

  @Test("alerts are refused with where to log in, and go out after the login", arguments: ["fyers", "dhan"])
  func login(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(broker, simulator))
    // What a limit on value asks for first is a price, and what that needs is the token.
    let refused = try RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a"))
    #expect(refused.status == 422)
    #expect(refused.errorCodes == ["auth.tokenNeeded"])
    #expect(refused.body.contains("account \(broker) has no living token"), "\(refused.body)")
    #expect(refused.body.contains("/auth-url?account=\(broker)"), "\(refused.body)")
    let status = try engine.tokenStatus(broker)
    #expect(status["needs_person"] as? Bool == true)
    let fix = (status["last_error"] as? [String: Any])?["fix"] as? String ?? ""
    #expect(fix.contains("/auth-url?account=\(broker)"))

    let back = try logIn(engine, simulator, broker)
    let client = try RawClient(port: engine.port)
    let page = try client.get(back)
    #expect(page.status == 200 && page.body.contains("\(broker) is logged in"), "\(page.body)")
    #expect(try trade(engine, "b") == ["filled"])
    // It was good for once.
    #expect(try client.get(back).status == 403)
    #expect(try simulator.received().acknowledged == 1)
    #expect(!engine.log.contains("eyJ"))

    engine.stop()
    let again = try EngineProcess(directory: engine.directory, environment: settings(broker, simulator))
    #expect(try trade(again, "c") == ["filled"])
  }

  @Test("without a limit on value the order is denied with where to log in", arguments: ["fyers", "dhan"])
  func denied(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(
      environment: settings(broker, simulator).merging(SimulatorProcess.noLimits) { $1 })
    #expect(try trade(engine, "a") == ["denied"])
    _ = try RawClient(port: engine.port).get(logIn(engine, simulator, broker))
    #expect(try trade(engine, "b") == ["filled"])
  }

  @Test("a token of another client is refused, and one of the right client taken", arguments: ["dhan", "fyers"])
  func otherClient(broker: String) throws {
    let simulator = try SimulatorProcess(["--accounts", "2"])
    let other = simulator.clients(broker)[1]
    var environment = settings(broker, simulator)
    if broker == "dhan" {
      environment["DHAN_ACCESS_TOKEN"] = other["access_token"]
    } else {
      // Of Fyers' two the app and its token are the other's, who must be told by his own id.
      environment["FYERS_APP_ID"] = other["app_id"]
      environment["FYERS_ACCESS_TOKEN"] = other["access_token"]
      environment["FYERS_USER_ID"] = simulator.client(broker)["client_id"]
    }
    let engine = try EngineProcess(environment: environment)
    _ = try #require(engine.waitForLog("auth.otherClient"))
    let status = try engine.tokenStatus(broker)
    #expect(status["valid"] as? Bool == false)
    #expect(status["needs_person"] as? Bool == true)
    #expect((status["last_error"] as? [String: Any])?["code"] as? String == "auth.otherClient")
    let client = try RawClient(port: engine.port)
    let refused = try client.post("/webhook", AlertBodies.native(engine.secret, id: "a"))
    #expect(refused.errorCodes == ["auth.tokenNeeded"])
    #expect(refused.body.contains("opens the account of client \(other["client_id"] ?? "none")"), "\(refused.body)")
    #expect(try simulator.received().acknowledged == 0)
    if broker == "dhan" {
      #expect(try client.get(logIn(engine, simulator, broker)).status == 200)
      #expect(try trade(engine, "b") == ["filled"])
    }
  }

  @Test("nobody logs the engine in who was not sent out by it", arguments: ["fyers", "dhan"])
  func strangers(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings(broker, simulator))
    let client = try RawClient(port: engine.port)
    #expect(try client.get("/auth-url?account=\(broker)").status == 401)
    for query in ["", "?auth_code=x", "?auth_code=x&state=y", "?tokenId=x", "?auth_code=&state="] {
      let answer = try client.get("/callback" + query)
      #expect(answer.status == 400 || answer.status == 403, "\(query)")
    }
    #expect(try simulator.calls("\(broker).token") == 0)
    // A login is under way: a stranger's guess is refused, and the person's own still works.
    let back = try logIn(engine, simulator, broker)
    let guess = broker == "fyers" ? "/callback?auth_code=x&state=y" : "/callback?tokenId=x"
    #expect(try client.get(guess).status != 200)
    #expect(try client.get(back).status == 200)
  }

  @Test func `the way to the login is one tap`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings("fyers", simulator))
    let answer = try RawClient(port: engine.port).get("/auth-url?go=1", token: engine.operatorToken)
    #expect(answer.status == 303)
    #expect(answer.fields["location"]?.contains("/api/v3/generate-authcode?client_id=") == true)
  }

  @Test func `a code and a token can be posted by hand`() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: settings("fyers", simulator))
    let client = try RawClient(port: engine.port)
    let fields = ["Authorization": "Bearer \(engine.operatorToken)"]
    #expect(try client.post("/generate-token", "{}").status == 401)
    #expect(try client.post("/generate-token", "{}", fields: fields).errorCodes == ["auth.badGrant"])
    #expect(
      try client.post("/generate-token", "{\"auth_code\":\"wrong\"}", fields: fields).errorCodes == [
        "auth.loginRefused"
      ])
    let code = try #require(
      logIn(engine, simulator, "fyers").split(separator: "&").first { $0.hasPrefix("auth_code=") }?.dropFirst(10))
    let answer = try client.post("/generate-token", "{\"auth_code\":\"\(code)\"}", fields: fields)
    #expect(answer.status == 200, "\(answer.body)")
    #expect(!answer.body.contains("eyJ"))
    #expect(try trade(engine, "a") == ["filled"])

    let other = try EngineProcess(environment: settings("dhan", simulator))
    let token = simulator.client("dhan")["access_token"] ?? ""
    let posted = try RawClient(port: other.port).post(
      "/generate-token", "{\"access_token\":\"\(token)\"}",
      fields: ["Authorization": "Bearer \(other.operatorToken)"])
    #expect(posted.status == 200, "\(posted.body)")
    #expect(try trade(other, "b") == ["filled"])
  }

  @Test func `a refresh token renews the token where Fyers lets it`() throws {
    let simulator = try SimulatorProcess()
    try simulator.change("{\"fyers_refresh\":true}")
    let engine = try EngineProcess(environment: settings("fyers", simulator))
    let client = try RawClient(port: engine.port)
    #expect(try client.get(logIn(engine, simulator, "fyers")).status == 200)
    #expect(try trade(engine, "a") == ["filled"])
    try simulator.killToken("fyers")
    #expect(try trade(engine, "b") == ["filled"])
    #expect(try simulator.received().acknowledged == 2)
  }
}
