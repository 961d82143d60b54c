import Foundation
import Glibc
import Testing

/// Settings as a running engine reads them: at its start, and again when it is told to.
@Suite(.timeLimit(.minutes(2)))
struct ConfigurationTests {
  private func envFile(_ text: String) throws -> String {
    let path = EngineProcess.newDirectory() + "/settings.env"
    try write(text, path)
    return path
  }

  private func write(_ text: String, _ path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o600)
  }

  private func post(_ engine: EngineProcess, _ path: String) throws -> RawClient.Answer {
    try RawClient(port: engine.port).post(path, "", fields: ["Authorization": "Bearer \(engine.operatorToken)"])
  }

  private func alert(
    _ engine: EngineProcess, _ secret: String, id: String, path: String = "/webhook"
  ) throws -> RawClient.Answer {
    try RawClient(port: engine.port).post(path, AlertBodies.native(secret, id: id, quantity: 10))
  }

  @Test func `a limit holds from SIGHUP on, and the journal says who changed it`() throws {
    let file = try envFile("MAX_LEG_QUANTITY=5\nWEBHOOK_SECRET=first-canary\n")
    let engine = try EngineProcess(arguments: ["--env-file", file])
    #expect(try alert(engine, "first-canary", id: "1").errorCodes == ["risk.quantityAboveLimit"])
    try write("MAX_LEG_QUANTITY=50\nWEBHOOK_SECRET=second-canary\n", file)
    engine.signal(SIGHUP)
    let line = try #require(engine.waitForLog("config.changed"))
    #expect(line.contains("MAX_LEG_QUANTITY"))
    #expect(try alert(engine, "first-canary", id: "2").status == 401)
    _ = try acceptedAlert(alert(engine, "second-canary", id: "3"))
    engine.stop()
    let show = try EngineProcess.run(["journal", "show", "--data-dir", engine.directory])
    #expect(show.output.contains("settings changed by SIGHUP: WEBHOOK_SECRET, MAX_LEG_QUANTITY"), "\(show.output)")
    #expect(!show.output.contains("canary"))
    #expect(try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory]).status == 0)
    // What it was is known again at the next start, by whoever asks.
    let next = try EngineProcess(directory: engine.directory, arguments: ["--env-file", file])
    _ = try acceptedAlert(alert(next, "second-canary", id: "4"))
  }

  @Test func `an operator reads settings again by hand, whole or not at all`() throws {
    let file = try envFile("LOG_LEVEL=info\n")
    let engine = try EngineProcess(arguments: ["--env-file", file])
    #expect(try post(engine, "/api/v1/configuration/reload").errorCodes == ["operator.nameMissing"])
    let path = "/api/v1/configuration/reload?by=ravi"
    #expect(try RawClient(port: engine.port).post(path, "").status == 401)
    #expect(try post(engine, path).json["status"] as? String == "unchanged")

    try write("LOG_LEVEL=debug\nMAX_ALERT_ORDERS=none\nNONSENSE=1\n", file)
    let refused = try post(engine, path)
    #expect(refused.status == 422)
    #expect(refused.errorCodes == ["config.bad", "config.bad"], "\(refused.body)")
    try write("LOG_LEVEL=debug\nHOST=127.0.0.2\n", file)
    #expect(try post(engine, path).errorCodes == ["config.needsRestart"])
    try write("LOG_LEVEL=warning\nMAX_ALERT_ORDERS=3\n", file)
    let changed = try post(engine, path)
    #expect(changed.json["keys"] as? [String] == ["LOG_LEVEL", "MAX_ALERT_ORDERS"], "\(changed.body)")

    let shown = try RawClient(port: engine.port).get("/api/v1/configuration", token: engine.operatorToken)
    let items = (shown.json["items"] as? [[String: Any]] ?? []).filter { $0["name"] as? String == "MAX_ALERT_ORDERS" }
    #expect(items.first?["value"] as? String == "3")
    #expect(items.first?["source"] as? String == "\(file) line 2")
    #expect(try RawClient(port: engine.port).get("/api/v1/configuration").status == 401)
  }

  @Test func `a strategy has its own secret, products and limits`() throws {
    let engine = try EngineProcess(environment: [
      "STRATEGIES": "breakout,hedge", "WEBHOOK_SECRET": "general-secret",
      "STRATEGY_BREAKOUT_WEBHOOK_SECRET": "old-secret", "STRATEGY_BREAKOUT_WEBHOOK_SECRET_NEXT": "new-secret",
      "STRATEGY_BREAKOUT_MAX_LEG_QUANTITY": "9", "STRATEGY_HEDGE_PRODUCTS": "delivery",
    ])
    #expect(try alert(engine, "general-secret", id: "1", path: "/webhook/breakout").status == 401)
    #expect(try alert(engine, "old-secret", id: "2", path: "/webhook/hedge").status == 401)
    for (number, secret) in ["old-secret", "new-secret"].enumerated() {
      let answer = try alert(engine, secret, id: "b\(number)", path: "/webhook/breakout")
      #expect(answer.errorCodes == ["risk.quantityAboveLimit"], "\(answer.body)")
      // The secret alone says which strategy it is.
      #expect(try alert(engine, secret, id: "c\(number)").errorCodes == ["risk.quantityAboveLimit"])
    }
    #expect(
      try alert(engine, "general-secret", id: "3", path: "/webhook/hedge").errorCodes == ["risk.productNotAllowed"])
    _ = try acceptedAlert(alert(engine, "general-secret", id: "4"))
    _ = try acceptedAlert(alert(engine, "general-secret", id: "5", path: "/webhook/another"))
  }

  @Test func `a secret in the vault opens the door, and the file shows nothing of it`() throws {
    let directory = EngineProcess.newDirectory()
    let environment = ["VAULT_PASSPHRASE": "canary passphrase"]
    let place = ["--data-dir", directory]
    func vault(_ arguments: [String], input: String = "") throws -> (status: Int32, output: String) {
      try EngineProcess.run(["vault"] + arguments + place, environment: environment, input: input)
    }
    #expect(try vault(["set", "PORT"], input: "1").output.contains("only secret settings"))
    #expect(try vault(["set", "WEBHOOK_SECRT"], input: "1").output.contains("no setting"))
    let set = try vault(["set", "WEBHOOK_SECRET"], input: "canary-secret\n")
    #expect(set.status == 0, "\(set.output)")
    #expect(try vault(["list"]).output == "WEBHOOK_SECRET\n")
    let file = try Data(contentsOf: URL(fileURLWithPath: directory + "/vault"))
    #expect(file.range(of: Data("canary".utf8)) == nil)

    let wrong = try EngineProcess.run(
      ["serve", "--port", "0"] + place, environment: ["VAULT_PASSPHRASE": "another passphrase"])
    #expect(wrong.status != 0 && wrong.output.contains("secret.vaultWrongKey"), "\(wrong.output)")
    let none = try EngineProcess.run(["serve", "--port", "0"] + place)
    #expect(none.status != 0 && none.output.contains("secret.vaultKeyMissing"), "\(none.output)")

    let engine = try EngineProcess(directory: directory, environment: environment)
    _ = try acceptedAlert(alert(engine, "canary-secret", id: "1"))
    #expect(try vault(["set", "WEBHOOK_SECRET"], input: "canary-two").status == 0)
    engine.signal(SIGHUP)
    #expect(engine.waitForLog("config.changed") != nil)
    _ = try acceptedAlert(alert(engine, "canary-two", id: "2"))
    #expect(try vault(["remove", "WEBHOOK_SECRET"]).status == 0)
    #expect(try vault(["remove", "WEBHOOK_SECRET"]).status != 0)
    #expect(!engine.log.contains("canary"))
  }

  @Test func `a vault gets another key`() throws {
    let directory = EngineProcess.newDirectory()
    let place = ["--data-dir", directory]
    let key = directory + "/key"
    try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(to: URL(fileURLWithPath: key))
    chmod(key, 0o600)
    let first = ["VAULT_PASSPHRASE": "the first passphrase"]
    _ = try EngineProcess.run(["vault", "set", "DHAN_PIN"] + place, environment: first, input: "111111")
    let rekeyed = try EngineProcess.run(["vault", "rekey", "--key-file", key] + place, environment: first)
    #expect(rekeyed.status == 0, "\(rekeyed.output)")
    #expect(
      try EngineProcess.run(["vault", "list"] + place, environment: first).output.contains("secret.vaultKeyKind"))
    let list = try EngineProcess.run(["vault", "list"] + place, environment: ["VAULT_KEY_FILE": key])
    #expect(list.output == "DHAN_PIN\n")
    chmod(key, 0o644)
    let exposed = try EngineProcess.run(["vault", "list"] + place, environment: ["VAULT_KEY_FILE": key])
    #expect(exposed.output.contains("secret.keyFileExposed"))
  }

  @Test func `a file with secrets that others may read is warned of, and a setting without effect`() throws {
    let file = try envFile("WEBHOOK_SECRET=canary\nENABLE_TELEGRAM=true\n")
    chmod(file, 0o644)
    let engine = try EngineProcess(arguments: ["--env-file", file])
    #expect(engine.log.contains("config.fileExposed"))
    #expect(engine.log.contains("ENABLE_TELEGRAM"))
    #expect(!engine.log.contains("canary"))
  }

  @Test func `the settings of a JSON file are the last to count`() throws {
    let path = EngineProcess.newDirectory() + "/engine.json"
    try write(#"{"MAX_LEG_QUANTITY": 5, "strategies": {"one": {"MAX_LEG_QUANTITY": 4}}}"#, path)
    let engine = try EngineProcess(environment: ["MAX_LEG_QUANTITY": "50"], arguments: ["--config", path])
    _ = try acceptedAlert(alert(engine, engine.secret, id: "1"))
    #expect(try alert(engine, engine.secret, id: "2", path: "/webhook/one").errorCodes == ["risk.quantityAboveLimit"])
    let missing = try EngineProcess.run(["check", "--config", path + ".none"])
    #expect(missing.status != 0 && missing.output.contains("config.fileMissing"))
  }
}
