import Foundation
import Glibc
import Testing

/// An engine with every secret set, through all that a small day brings: nothing that it writes or says holds one.
@Suite(.timeLimit(.minutes(3)))
struct SecrecyTests {
  /// Each of these stands in one setting, and must be found nowhere else.
  private static let names = [
    "WEBHOOK_SECRET", "WEBHOOK_SECRET_TOKEN", "WEBHOOK_SECRET_NEXT", "OPERATOR_TOKEN", "VAULT_PASSPHRASE",
    "FYERS_SECRET_ID", "FYERS_AUTH_CODE", "FYERS_PIN", "DHAN_API_KEY", "DHAN_API_SECRET", "DHAN_USER_ID",
    "DHAN_TOTP_SECRET", "DHAN_PASSWORD", "DHAN_PIN", "TELEGRAM_BOT_TOKEN", "NOTIFICATION_URL",
    "STRATEGY_ONE_WEBHOOK_SECRET", "STRATEGY_ONE_WEBHOOK_SECRET_NEXT",
  ]

  private static func canary(_ name: String) -> String {
    switch name {
    // An authenticator's secret has the letters and digits of base 32 alone.
    case "DHAN_TOTP_SECRET": "CANARYDHANTOTPSECRETQQQQ"
    // Nobody listens there: each message fails, and the failure is told.
    case "TELEGRAM_BOT_TOKEN": "1234567:CANARY-TELEGRAM-BOT-TOKEN-0"
    case "NOTIFICATION_URL": "http://127.0.0.1:1/CANARY-NOTIFICATION-URL-0"
    default: "CANARY-\(name.replacingOccurrences(of: "_", with: "-"))-0"
    }
  }

  @Test func `no secret is in a log, an answer, the metrics, the journal or any other file`() throws {
    let simulator = try SimulatorProcess()
    var environment = simulator.environment("dhan", "fyers")
    for name in Self.names { environment[name] = Self.canary(name) }
    environment["STRATEGIES"] = "one"
    environment["TELEGRAM_CHAT_ID"] = "1"
    environment["TELEGRAM_API_URL"] = "http://127.0.0.1:1"
    environment["LOG_LEVEL"] = "trace"
    // Where tokens are kept, they are; of these two files the second cannot be written, which is told.
    let places = EngineProcess.newDirectory()
    environment["TOKEN_DIR"] = places + "/tokens"
    environment["TOKEN_ENV_FILES"] = "\(places)/.env,\(places)/folder.env"
    mkdir(places + "/folder.env", 0o700)
    let directory = EngineProcess.newDirectory()
    let engine = try EngineProcess(directory: directory, environment: environment)
    var heard = ""
    func say(_ answer: RawClient.Answer) { heard += "\(answer.status) \(answer.fields) \(answer.body)\n" }

    // Alerts that are taken, by each secret that opens a door.
    let general = Self.canary("WEBHOOK_SECRET")
    let strategy = Self.canary("STRATEGY_ONE_WEBHOOK_SECRET")
    let client = try RawClient(port: engine.port)
    for (number, account) in ["dhan", "fyers"].enumerated() {
      let more = ",\"account\":\"\(account)\""
      say(try client.post("/webhook?wait=2000", AlertBodies.native(general, id: "a\(number)", more: more)))
      say(try client.post("/webhook/one?wait=2000", AlertBodies.native(strategy, id: "b\(number)", more: more)))
    }
    #expect(heard.contains("\"status\":\"accepted\""))
    say(try client.post("/webhook", AlertBodies.native(Self.canary("WEBHOOK_SECRET_NEXT"), id: "c")))
    // The same again, another body under its key, and everything that is refused.
    say(try client.post("/webhook", AlertBodies.native(general, id: "a0", quantity: 6)))
    for body in [
      AlertBodies.native(general + "x", id: "d"), AlertBodies.native(general, id: "e", symbol: "NOTHING"),
      AlertBodies.native(general, id: "f", quantity: 99_999_999), "{\"secret\":\"\(general)\",\"hello\":1}",
      "{\"secret\":\"\(general)\",\"secret\":\"\(general)\"}", "{\"secret\":\"\(general)\"", general,
      "{\"secret\":[\"\(general)\"]}", "{\"\(general)\":1}",
    ] {
      say(try RawClient(port: engine.port).post("/webhook", body))
    }
    say(
      try RawClient(port: engine.port).post(
        "/webhook", AlertBodies.native("", id: "g"), fields: ["X-Webhook-Secret": general]))

    // Everything that an operator can read or do, and the broker failing in every way.
    let token = Self.canary("OPERATOR_TOKEN")
    try simulator.add("reset_after", on: "dhan.place")
    try simulator.add("status", on: "fyers.place", "\"status\":500")
    for account in ["dhan", "fyers"] {
      say(
        try RawClient(port: engine.port).post(
          "/webhook?wait=1000", AlertBodies.native(general, id: "h\(account)", more: ",\"account\":\"\(account)\"")))
    }
    let paths = [
      "/", "/health", "/ready", "/metrics", "/api/v1/alerts", "/api/v1/orders", "/api/v1/positions",
      "/api/v1/accounts", "/api/v1/limits", "/api/v1/breakers", "/api/v1/configuration", "/api/v1/notifications",
      "/api/v1/diagnosis", "/nothing",
    ]
    for path in paths {
      let answer = try RawClient(port: engine.port).get(path, token: token)
      #expect(answer.status != 401 && answer.status != 429, "\(path)")
      say(answer)
    }
    let authorization = ["Authorization": "Bearer \(token)"]
    for path in [
      "/api/v1/notifications/test", "/api/v1/configuration/reload?by=ravi",
      "/api/v1/breakers/dhan/entries?state=open&by=ravi",
    ] {
      // A message that nobody takes is tried again for 20 seconds.
      let answer = try RawClient(port: engine.port, seconds: 60).post(path, "", fields: authorization)
      #expect(answer.status != 401 && answer.status != 429, "\(path)")
      say(answer)
    }
    for (account, name) in [("dhan", "DHAN_ACCESS_TOKEN"), ("fyers", "FYERS_ACCESS_TOKEN")] {
      let grant = "{\"access_token\":\"\(environment[name] ?? "")\"}"
      say(try RawClient(port: engine.port).post("/generate-token?account=\(account)", grant, fields: authorization))
    }
    #expect(engine.waitForLog("secret.envFileUnusable") != nil)
    let brokerTokens = ["DHAN_ACCESS_TOKEN", "FYERS_ACCESS_TOKEN"].map { ($0, environment[$0] ?? "") }
    for (name, token) in brokerTokens { try expect("\(name)=\(token)\n", in: places + "/.env") }
    // Last, since some wrong ones lock the address out.
    for path in paths { say(try RawClient(port: engine.port).get(path, token: "wrong")) }
    engine.signal(SIGHUP)
    _ = engine.waitForLog("config.unchanged")
    engine.stop()

    // What the commands say of it.
    for arguments in [
      ["journal", "show"], ["journal", "show", "--json"], ["journal", "export"], ["journal", "verify"],
    ] {
      heard += try EngineProcess.run(arguments + ["--data-dir", directory]).output
    }
    heard += try EngineProcess.run(["check", "--data-dir", directory], environment: environment).output
    heard += try EngineProcess.run(["notify", "test", "--data-dir", directory], environment: environment).output
    #expect(engine.log.contains("notification.notDelivered"))
    for value in ["LIVE", "MAX_ALERT_ORDERS", "WEBHOOK_SECRET_UNTIL"] {
      let bad = environment.merging([value: "nonsense"]) { $1 }
      heard += try EngineProcess.run(["check", "--data-dir", directory], environment: bad).output
    }
    heard += try EngineProcess.run(["vault", "list", "--data-dir", directory], environment: environment).output

    let secrets = Self.names.map { ($0, Self.canary($0)) } + brokerTokens
    for (name, secret) in secrets {
      try #require(secret.utf8.count > 8)
      #expect(!heard.contains(secret), "\(name) was answered or printed")
      #expect(!engine.log.contains(secret), "\(name) was logged")
    }
    try expectAbsent(secrets, below: directory)
  }

  /// Kept at last: that is done beside the answer.
  private func expect(_ part: String, in path: String) throws {
    let limit = Date(timeIntervalSinceNow: 20)
    func isThere() throws -> Bool { try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(part.utf8)) != nil }
    while !FileManager.default.fileExists(atPath: path), Date() < limit { usleep(20_000) }
    while try !isThere(), Date() < limit { usleep(20_000) }
    #expect(try isThere(), "it was not kept in \(path)")
  }

  private func expectAbsent(_ secrets: [(String, String)], below directory: String) throws {
    var count = 0
    let files = FileManager.default.enumerator(atPath: directory)
    while let file = files?.nextObject() as? String {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: directory + "/" + file, isDirectory: &isFolder), !isFolder.boolValue
      else { continue }
      count += 1
      let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + file))
      for (name, secret) in secrets {
        #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name) is in \(file)")
      }
    }
    #expect(count > 0)
  }
}
