import Foundation
import Testing

/// Who may see and do what: keys with scopes, sessions of browsers, and what pages elsewhere cannot do.
@Suite(.timeLimit(.minutes(3)))
struct OperatorDoorTests {
  private func key(_ engine: EngineProcess, _ name: String, _ scope: String) throws -> String {
    let (status, output) = try EngineProcess.run(
      ["keys", "add", name, "--scope", scope, "--data-dir", engine.directory])
    guard status == 0, let key = output.split(separator: "\n").first(where: { $0.hasPrefix("oe_") }) else {
      throw EngineProcess.StartFailed(status: status, output: output)
    }
    return String(key)
  }

  private func reload(_ engine: EngineProcess) throws {
    let answer = try RawClient(port: engine.port).post(
      "/api/v1/keys/reload", "", fields: ["Authorization": "Bearer \(engine.operatorToken)"])
    #expect(answer.status == 200, "\(answer.body)")
  }

  private func post(_ engine: EngineProcess, _ path: String, _ fields: [String: String]) throws -> RawClient.Answer {
    try RawClient(port: engine.port).post(path, "", fields: fields)
  }

  private func get(_ engine: EngineProcess, _ path: String, _ fields: [String: String]) throws -> RawClient.Answer {
    let client = try RawClient(port: engine.port)
    let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    try client.send("GET \(path) HTTP/1.1\r\nHost: engine\r\n\(lines)\r\n")
    return try client.answer()
  }

  // MARK: Keys

  @Test func `a key does what its scope says, by its name, until it is revoked`() throws {
    let engine = try EngineProcess()
    let (read, trade) = (try key(engine, "grafana", "read"), try key(engine, "desk", "trade"))
    try reload(engine)
    let client = try RawClient(port: engine.port)
    #expect(try client.get("/api/v1/orders", token: read).status == 200)
    #expect(try client.get("/api/v1/keys", token: trade).errorCodes == ["auth.scopeMissing"])
    let path = "/api/v1/breakers/paper/entries?state=open"
    #expect(try post(engine, path, ["Authorization": "Bearer \(read)"]).errorCodes == ["auth.scopeMissing"])
    let held = try post(engine, path, ["Authorization": "Bearer \(trade)"])
    #expect(held.status == 200 && held.body.contains("by key desk"), "\(held.body)")
    let named = try post(engine, path + "&by=ravi", ["Authorization": "Bearer \(engine.operatorToken)"])
    #expect(named.body.contains("by ravi (operator)"), "\(named.body)")
    let list = try client.get("/api/v1/keys", token: engine.operatorToken)
    #expect((list.json["items"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["grafana", "desk"])
    #expect(!list.body.contains(read.dropFirst(3)))

    #expect(try EngineProcess.run(["keys", "revoke", "grafana", "--data-dir", engine.directory]).status == 0)
    // Without being told, within seconds.
    var status = 200
    for _ in 0..<100 where status == 200 {
      status = try client.get("/api/v1/orders", token: read).status
      if status == 200 { usleep(100_000) }
    }
    #expect(status == 401)
    #expect(try client.get("/api/v1/orders", token: trade).status == 200)
  }

  @Test func `the file of keys holds no key and is its owner's alone`() throws {
    let engine = try EngineProcess()
    let made = try key(engine, "grafana", "read")
    let path = engine.directory + "/api-keys"
    #expect(!(try String(contentsOfFile: path, encoding: .utf8)).contains(made.dropFirst(3)))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let list = try EngineProcess.run(["keys", "list", "--data-dir", engine.directory])
    #expect(list.output.contains("grafana: read"))
    #expect(try EngineProcess.run(["keys", "add", "x", "--scope", "all", "--data-dir", engine.directory]).status != 0)
    #expect(
      try EngineProcess.run(["keys", "add", "grafana", "--scope", "read", "--data-dir", engine.directory])
        .output.contains("auth.keyNameTaken"))
  }

  @Test func `guessing tokens locks out, also the right one for a while, and no other address`() throws {
    let engine = try EngineProcess()
    for _ in 0..<5 {
      #expect(try RawClient(port: engine.port, host: 7).get("/metrics", token: "guess").status == 401)
    }
    let locked = try RawClient(port: engine.port, host: 7).get("/metrics", token: engine.operatorToken)
    #expect(locked.status == 429)
    #expect(locked.errorCodes == ["auth.lockedOut"])
    #expect(Int(locked.fields["retry-after"] ?? "") ?? 0 > 0)
    let metrics = try RawClient(port: engine.port).get("/metrics", token: engine.operatorToken)
    #expect(metrics.body.contains("turned_away_total{door=\"operator\",reason=\"wrong_credential\"} 5\n"))
    #expect(metrics.body.contains("turned_away_total{door=\"operator\",reason=\"locked_out\"} 1\n"))
    // The webhook is another door.
    let alert = try RawClient(port: engine.port, host: 7).post("/webhook", AlertBodies.market(engine.secret))
    #expect(alert.status == 200)
  }

  // MARK: Sessions

  private func signIn(_ engine: EngineProcess, _ password: String, _ fields: [String: String] = [:]) throws
    -> RawClient.Answer
  {
    let client = try RawClient(port: engine.port)
    let body = "password=" + (password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    try client.send(
      "POST /login HTTP/1.1\r\nHost: engine\r\nContent-Type: application/x-www-form-urlencoded\r\n\(lines)"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    return try client.answer()
  }

  private func cookie(_ answer: RawClient.Answer) throws -> String {
    String(try #require(answer.fields["set-cookie"]).prefix { $0 != ";" })
  }

  @Test func `the printed address makes a session, which is not the token`() throws {
    let engine = try EngineProcess()
    let login = try RawClient(port: engine.port).get("/?token=\(engine.operatorToken)")
    #expect(login.status == 303 && login.fields["location"] == "/")
    let field = try #require(login.fields["set-cookie"])
    #expect(!field.contains(engine.operatorToken))
    #expect(field.contains("HttpOnly; SameSite=Strict") && !field.contains("Secure"))
    let cookie = try cookie(login)
    #expect(try get(engine, "/api/v1/orders", ["Cookie": cookie]).status == 200)
    #expect(try get(engine, "/", ["Cookie": "other=1; \(cookie)"]).status == 200)
    #expect(try get(engine, "/", ["Cookie": "order_engine=\(engine.operatorToken)"]).status == 401)
    #expect(try RawClient(port: engine.port).get("/?token=wrong").errorCodes == ["auth.wrongOperatorToken"])
  }

  @Test func `what changes something needs the page's own token besides the cookie`() throws {
    let engine = try EngineProcess()
    let cookie = try cookie(RawClient(port: engine.port).get("/?token=\(engine.operatorToken)"))
    let session = try get(engine, "/api/v1/session", ["Cookie": cookie])
    let token = try #require(session.json["csrf_token"] as? String)
    let path = "/api/v1/breakers/paper/entries?state=open&by=ravi"
    #expect(try post(engine, path, ["Cookie": cookie]).errorCodes == ["auth.crossSite"])
    #expect(try post(engine, path, ["Cookie": cookie, "X-CSRF-Token": "wrong"]).errorCodes == ["auth.crossSite"])
    for elsewhere in [["Origin": "https://evil.example"], ["Sec-Fetch-Site": "cross-site"], ["Origin": "null"]] {
      let fields = ["Cookie": cookie, "X-CSRF-Token": token].merging(elsewhere) { $1 }
      #expect(try post(engine, path, fields).errorCodes == ["auth.crossSite"])
    }
    let held = try post(engine, path, ["Cookie": cookie, "X-CSRF-Token": token, "Origin": "http://engine"])
    #expect(held.status == 200 && held.body.contains("by ravi (session)"), "\(held.body)")

    #expect(try post(engine, "/logout", ["Cookie": cookie]).status == 403)
    let out = try post(engine, "/logout", ["Cookie": cookie, "X-CSRF-Token": token])
    #expect(out.status == 200 && out.fields["set-cookie"]?.contains("Max-Age=0") == true)
    #expect(try get(engine, "/api/v1/orders", ["Cookie": cookie]).status == 401)
  }

  @Test func `a person signs in with the password, and a new one ends what had the old one`() throws {
    // A window that a slow machine's hashing does not outlast.
    let engine = try EngineProcess(environment: ["LOCK_OUT": "5/3600s"])
    func setPassword(_ password: String) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: EngineProcess.binary)
      process.arguments = ["password", "set", "--data-dir", engine.directory]
      let (input, output) = (Pipe(), Pipe())
      process.standardInput = input
      process.standardOutput = output
      process.standardError = output
      try process.run()
      input.fileHandleForWriting.write(Data((password + "\n").utf8))
      try input.fileHandleForWriting.close()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try signIn(engine, "correct horse 7").status == 401)
    #expect(try setPassword("short") != 0)
    #expect(try setPassword("correct horse 7") == 0)
    #expect(!(try String(contentsOfFile: engine.directory + "/password", encoding: .utf8)).contains("horse"))
    let wrong = try signIn(engine, "correct horse 8")
    #expect(wrong.status == 401 && wrong.body.contains("Not signed in"))
    let login = try signIn(engine, "correct horse 7", ["Origin": "http://engine"])
    #expect(login.status == 303)
    let cookie = try cookie(login)
    #expect(try get(engine, "/", ["Cookie": cookie]).status == 200)
    #expect(try signIn(engine, "correct horse 7", ["Sec-Fetch-Site": "cross-site"]).status == 403)

    #expect(try setPassword("another horse 9") == 0)
    var status = 200
    for _ in 0..<100 where status == 200 {
      status = try get(engine, "/", ["Cookie": cookie]).status
      if status == 200 { usleep(100_000) }
    }
    #expect(status == 401)
    #expect(try signIn(engine, engine.operatorToken).status == 303)
    for _ in 0..<3 { #expect(try signIn(engine, "guess guess").status == 401) }
    let locked = try signIn(engine, "another horse 9")
    #expect(locked.status == 429 && locked.fields["retry-after"] != nil)
    #expect(!engine.log.contains("horse"))
  }

  @Test func `pages cannot be framed, run nothing inline and are never stored`() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    let pages = [try client.get("/login"), try client.get("/", token: engine.operatorToken)]
    for page in pages {
      #expect(page.status == 200)
      let policy = page.fields["content-security-policy"] ?? ""
      #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
      #expect(!policy.contains("unsafe-inline"))
      #expect(page.fields["x-frame-options"] == "DENY")
      #expect(page.fields["x-content-type-options"] == "nosniff")
      #expect(page.fields["referrer-policy"] == "no-referrer")
      #expect(page.fields["cache-control"] == "no-store")
      #expect(!page.body.contains("<script>") && !page.body.contains("onclick") && !page.body.contains("style="))
    }
    #expect(try client.get("/api/v1/orders", token: engine.operatorToken).fields["cache-control"] == "no-store")
    // A browser is shown where to sign in; a program is told.
    let browser = try get(engine, "/", ["Accept": "text/html,*/*"])
    #expect(browser.status == 303 && browser.fields["location"] == "/login")
  }

  @Test func `behind an encrypting proxy the cookie is sent over TLS alone`() throws {
    let engine = try EngineProcess(environment: ["TRUSTED_PROXIES": "127.0.0.1"])
    let login = try get(
      engine, "/?token=\(engine.operatorToken)", ["X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"])
    #expect(login.fields["set-cookie"]?.hasSuffix("; Secure") == true)
  }

  @Test func `what is in no table is at no address, and strangers do not even learn that`() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    for path in ["/nothing", "/api/v1/keys/x", "/api/v1/orders/X/cancel", "/login/x"] {
      #expect(try client.get(path).status == 401)
      #expect(try client.get(path, token: engine.operatorToken).status == 404)
      #expect(try post(engine, path, [:]).status == 401)
    }
  }
}
