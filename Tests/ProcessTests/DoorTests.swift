import Foundation
import Testing

/// Bad input at every door: a clear error with a stable code, and nothing lost.
@Suite(.timeLimit(.minutes(3)))
struct DoorTests {
  @Test("an alert without the right secret is refused in one wording, whatever else is wrong with it")
  func wrongSecrets() throws {
    let engine = try EngineProcess()
    let secret = engine.secret
    var answers: Set<String> = []
    for offered in ["", "wrong", String(secret.dropLast()), secret + "x", secret.uppercased()] {
      let answer = try RawClient(port: engine.port).post("/webhook", AlertBodies.market(offered, symbol: "NOSUCH"))
      #expect(answer.status == 401)
      answers.insert(answer.body)
    }
    #expect(answers.count == 1)
    let noAlert = try RawClient(port: engine.port, host: 2).post("/webhook", "{")
    #expect(noAlert.status == 401)
    #expect(try orderCount(engine) == 0)
  }

  @Test("five wrong secrets from one address lock it out, and no other")
  func lockOut() throws {
    let engine = try EngineProcess()
    for _ in 0..<5 {
      #expect(try RawClient(port: engine.port).post("/webhook", AlertBodies.market("wrong")).status == 401)
    }
    let answer = try RawClient(port: engine.port).post("/webhook", AlertBodies.market(engine.secret))
    #expect(answer.status == 429)
    #expect(answer.errorCodes == ["auth.lockedOut"])
    #expect(Int(answer.fields["retry-after"] ?? "") ?? 0 >= 1)
    #expect(try RawClient(port: engine.port, host: 2).post("/webhook", AlertBodies.market(engine.secret)).status == 200)
  }

  @Test("the inbound limit answers 429 and says when to come back")
  func inboundLimit() throws {
    let engine = try EngineProcess(environment: ["WEBHOOK_RATE_LIMIT": "3/60s"])
    let client = try RawClient(port: engine.port)
    for number in 0..<3 {
      #expect(try client.post("/webhook", AlertBodies.market(engine.secret, id: "\(number)")).status == 200)
    }
    let answer = try client.post("/webhook", AlertBodies.market(engine.secret, id: "4"))
    #expect(answer.status == 429)
    #expect(answer.errorCodes == ["limit.tooManyAlerts"])
    #expect(try orderCount(engine) == 3)
  }

  @Test("the inbound limit holds for a secret too, whichever addresses it comes from")
  func inboundLimitOfSecret() throws {
    let engine = try EngineProcess(environment: ["WEBHOOK_RATE_LIMIT": "3/60s"])
    for number in 0..<3 {
      let client = try RawClient(port: engine.port, host: UInt8(2 + number))
      #expect(try client.post("/webhook", AlertBodies.market(engine.secret, id: "\(number)")).status == 200)
    }
    // A stranger uses nothing of it up.
    #expect(try RawClient(port: engine.port, host: 5).post("/webhook", AlertBodies.market("wrong")).status == 401)
    let answer = try RawClient(port: engine.port, host: 6).post("/webhook", AlertBodies.market(engine.secret, id: "4"))
    #expect(answer.status == 429)
    #expect(answer.errorCodes == ["limit.tooManyAlerts"])
    #expect(try orderCount(engine) == 3)
  }

  @Test(
    "a body that is no alert is refused with its reason",
    arguments: [
      (#"{"secret":"S","alertType":"multi_leg_order","order_legs":[]}"#, 422, "alert.noLegs"),
      (#"{"secret":"S","alertType":"multi_leg_order","order_legs":[{}]"#, 400, "json.truncated"),
      (#"{"secret":"S","secret":"S"}"#, 400, "json.duplicateKey"),
      (#"{"secret":"S","hello":1}"#, 422, "alert.unknownFormat"),
    ])
  func badBodies(body: String, status: Int, code: String) throws {
    let engine = try EngineProcess(environment: ["WEBHOOK_SECRET": "S"])
    let answer = try RawClient(port: engine.port).post("/webhook", body)
    #expect(answer.status == status, "\(answer.body)")
    #expect(answer.errorCodes == [code])
    #expect((answer.error["cause"] as? String ?? "").isEmpty == false)
    #expect((answer.error["fix"] as? String ?? "").isEmpty == false)
    #expect(try orderCount(engine) == 0)
  }

  @Test("an unknown symbol, a wrong lot and a limit are refused before anything is sent")
  func refusedOrders() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    let unknown = try client.post("/webhook", AlertBodies.market(engine.secret, symbol: "RELIANSE"))
    #expect(unknown.errorCodes == ["symbol.notFound"])
    #expect((unknown.error["fix"] as? String ?? "").contains("RELIANCE"))
    let lot = try client.post("/webhook", AlertBodies.option(engine.secret, quantity: 31))
    #expect(lot.errorCodes == ["plan.notALotMultiple"])
    let limit = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "100001"))
    #expect(limit.errorCodes.contains("risk.quantityAboveLimit"))
    #expect(try orderCount(engine) == 0)
  }

  @Test(
    "a request that is not HTTP as it should be is refused and the connection closed",
    arguments: [
      ("POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
      ("POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
      ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
      ("GET /health HTTP/1.1\r\n\r\n", 400),
      ("POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413),
      ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
      ("GET /health HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ])
  func badRequests(request: String, status: Int) throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    try client.send(request)
    #expect(try client.answer().status == status)
    #expect(client.isClosedByPeer())
  }

  @Test("what the operator sees needs the operator's token; the probes do not")
  func operatorToken() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    for path in ["/", "/api/v1/orders", "/api/v1/alerts", "/events", "/metrics"] {
      #expect(try client.get(path).status == 401)
      // The guesses come from another address each: five from one would lock it out.
      let guesser = try RawClient(port: engine.port, host: UInt8(2 + path.utf8.count))
      #expect(try guesser.get(path, token: "wrong").status == 401)
    }
    #expect(try client.get("/health").status == 200)
    #expect(try client.get("/ready").status == 200)
    let page = try client.get("/", token: engine.operatorToken)
    #expect(page.status == 200)
    #expect(page.fields["content-security-policy"]?.contains("default-src 'none'") == true)
    let login = try client.get("/?token=\(engine.operatorToken)")
    #expect(login.status == 303)
    #expect(login.fields["set-cookie"]?.contains("HttpOnly; SameSite=Strict") == true)
  }

  @Test("a wrong setting stops the start and names key, place and fix")
  func badSettings() throws {
    let (status, output) = try EngineProcess.run(["check"], environment: ["PORT": "70000", "EVENT_LOOP": "kqueue"])
    #expect(status != 0)
    #expect(output.contains("PORT (environment)"))
    #expect(output.contains("EVENT_LOOP (environment)"))
    #expect(output.contains("automatic, epoll, uring"))

    let folder = EngineProcess.newDirectory()
    try "WEBHOOK_SECRT=x\nPORT=8080\n".write(toFile: folder + "/.env", atomically: true, encoding: .utf8)
    let unknown = try EngineProcess.run(["check", "--env-file", folder + "/.env"])
    #expect(unknown.status != 0)
    #expect(unknown.output.contains("line 1"))
    #expect(unknown.output.contains("did you mean WEBHOOK_SECRET"))
  }

  @Test("a damaged symbol file stops the start with its line and reason")
  func damagedSymbols() throws {
    let folder = EngineProcess.newDirectory()
    let file = folder + "/master.csv"
    let header =
      "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,"
      + "SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,"
      + "SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME\n"
    let row = "NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD\n"
    try (header + row + "NSE,E,11536,EQUITY,0,TC").write(toFile: file, atomically: true, encoding: .utf8)
    let (status, output) = try EngineProcess.run(
      ["serve", "--port", "0", "--data-dir", folder + "/data"], environment: ["SYMBOL_FILES": file])
    #expect(status != 0)
    #expect(output.contains("symbols."))
    #expect(output.contains("line 3"), "\(output)")

    try (header + row).write(toFile: file, atomically: true, encoding: .utf8)
    let engine = try EngineProcess(environment: ["SYMBOL_FILES": file])
    let answer = try RawClient(port: engine.port).post("/webhook?wait=2000", AlertBodies.market(engine.secret))
    #expect(answer.legs.first?["outcome"] as? String == "filled")
  }
}

/// Orders that the engine knows of.
func orderCount(_ engine: EngineProcess) throws -> Int {
  let answer = try RawClient(port: engine.port).get("/api/v1/orders?limit=200", token: engine.operatorToken)
  return (answer.json["items"] as? [[String: Any]])?.count ?? -1
}
