import Foundation
import Glibc
import Testing

/// New tokens in the `.env` files of other programs, and back from there.
@Suite(.timeLimit(.minutes(3)))
struct EnvTokenTests {
  private let folder = EngineProcess.newDirectory()
  private var service: String { folder + "/service/.env" }
  private var root: String { folder + "/.env" }

  private func write(_ text: String, _ path: String, mode: mode_t = 0o600) throws {
    mkdir((path as NSString).deletingLastPathComponent, 0o700)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, mode)
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  /// What the engine keeps in the file of its own.
  private func kept(_ engine: EngineProcess, _ account: String) throws -> String {
    let json = try JSONSerialization.jsonObject(with: Data(text("\(engine.directory)/tokens/\(account).json").utf8))
    return try #require((json as? [String: Any])?["access_token"] as? String)
  }

  /// Without the tokens, which stand in files here.
  private func settings(_ simulator: SimulatorProcess, _ brokers: String = "dhan") -> [String: String] {
    simulator.environment("dhan").merging(simulator.dhanLogin) { $1 }
      .merging(["BROKER": brokers, "DHAN_ACCESS_TOKEN": "", "FYERS_ACCESS_TOKEN": ""]) { $1 }
  }

  private func trade(_ engine: EngineProcess, _ id: String) throws -> [String] {
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: id)))
    return try engine.outcomes(of: alert) { $0 == ["filled"] || $0 == ["denied"] || $0 == ["rejected"] }
  }

  /// When a file has it, at last: tokens are kept beside the orders.
  private func wait(for part: String, in path: String) throws {
    let limit = Date(timeIntervalSinceNow: 20)
    while try !text(path).contains(part), Date() < limit { usleep(20_000) }
    #expect(try text(path).contains(part), "\(path)")
  }

  /// A token as the broker makes them, that ended long ago.
  private static let ended = "eyJhbGciOiJIUzUxMiJ9.eyJpYXQiOjE2MDAwMDAwMDAsImV4cCI6MTYwMDA4NjQwMH0.c2lnbmF0dXJl"

  @Test func `a new token is in both .env files, and a restart has it from there`() throws {
    let simulator = try SimulatorProcess()
    // The engine's own file, and another program's, which anybody could read.
    let own =
      "# service\nTOKEN_ENV_FILES=\(service),\(root)\nDHAN_ACCESS_TOKEN='\(Self.ended)' # today's\nLOG_LEVEL=debug\n"
    try write(own, service)
    try write("NAME=other program\r\nexport DHAN_ACCESS_TOKEN=your_token_here\r\nPORT=5000", root, mode: 0o644)
    let environment = settings(simulator, "dhan,fyers")
    let engine = try EngineProcess(environment: environment, arguments: ["--env-file", service])
    #expect(engine.log.contains("secret.envTokenUndated"))
    #expect(try trade(engine, "a") == ["filled"])
    try wait(for: "eyJ", in: root)
    let token = try kept(engine, "dhan")
    #expect(token != Self.ended)
    try wait(for: token, in: service)
    #expect(try text(service) == own.replacingOccurrences(of: Self.ended, with: token))
    #expect(try text(root) == "NAME=other program\r\nexport DHAN_ACCESS_TOKEN=\(token)\r\nPORT=5000")
    #expect(try mode(service) == 0o600 && mode(root) == 0o600)
    #expect(try simulator.calls("dhan.token") == 1)

    // A line of its own, for an account that has none yet.
    let fyers = simulator.client("fyers")["access_token"] ?? ""
    let answer = try RawClient(port: engine.port).post(
      "/generate-token?account=fyers", "{\"access_token\":\"\(fyers)\"}",
      fields: ["Authorization": "Bearer \(engine.operatorToken)"])
    #expect(answer.status == 200, "\(answer.body)")
    try wait(for: "FYERS_ACCESS_TOKEN=\(fyers)\r\n", in: root)
    try wait(for: "FYERS_ACCESS_TOKEN=\(fyers)\n", in: service)

    // What the engine wrote into its own settings is no change of them.
    engine.signal(SIGHUP)
    _ = try #require(engine.waitForLog("config.unchanged"))
    #expect(!engine.log.contains("config.refused"))
    #expect(engine.stop() == 0)

    try FileManager.default.removeItem(atPath: engine.directory + "/tokens")
    let again = try EngineProcess(
      directory: engine.directory, environment: environment, arguments: ["--env-file", service])
    #expect(again.log.contains("\"event\":\"token.readBack\""))
    #expect(try trade(again, "b") == ["filled"])
    #expect(try again.tokenStatus("fyers")["valid"] as? Bool == true)
    #expect(try simulator.calls("dhan.token") == 1)
    for secret in [token, fyers] { #expect(!engine.log.contains(secret) && !again.log.contains(secret)) }
  }

  @Test func `an old token in a .env file does not outrank the newer one of another place`() throws {
    let simulator = try SimulatorProcess()
    let first = "DHAN_ACCESS_TOKEN=\(simulator.client("dhan")["access_token"] ?? "")\n"
    try write(first, root)
    let environment = settings(simulator).merging(["TOKEN_ENV_FILES": root]) { $1 }
    let engine = try EngineProcess(environment: environment, arguments: ["--env-file", root])
    #expect(try trade(engine, "a") == ["filled"])
    #expect(try simulator.calls("dhan.token") == 0)
    // A token says to the second when it was made.
    sleep(1)
    let answer = try RawClient(port: engine.port).post(
      "/refresh-token", "", fields: ["Authorization": "Bearer \(engine.operatorToken)"])
    #expect(answer.status == 200, "\(answer.body)")
    engine.stop()
    #expect(try text(root) == "DHAN_ACCESS_TOKEN=\(try kept(engine, "dhan"))\n")

    // Put back by a backup; and as a setting of the environment, where such files are read into it.
    try write(first, root)
    let old = environment.merging(["DHAN_ACCESS_TOKEN": simulator.client("dhan")["access_token"] ?? ""]) { $1 }
    let again = try EngineProcess(directory: engine.directory, environment: old, arguments: ["--env-file", root])
    #expect(try trade(again, "b") == ["filled"])
    #expect(try simulator.calls("dhan.token") == 1)
    #expect(!again.log.contains("token.renewed"))
  }

  @Test func `a file that cannot be written is told, and stops neither orders nor the other places`() throws {
    let simulator = try SimulatorProcess()
    try write("A=1\n", root)
    mkdir(folder + "/folder.env", 0o700)
    let environment = settings(simulator).merging([
      "TOKEN_ENV_FILES": "\(folder)/folder.env,\(folder)/none/.env,\(root)"
    ]) { $1 }
    let engine = try EngineProcess(environment: environment)
    #expect(try trade(engine, "a") == ["filled"])
    try wait(for: "DHAN_ACCESS_TOKEN=eyJ", in: root)
    engine.stop()
    #expect(try text(root) == "A=1\nDHAN_ACCESS_TOKEN=\(try kept(engine, "dhan"))\n")
    let failures = engine.log.split(separator: "\n").filter { $0.contains("\"event\":\"token.storeFailed\"") }
    for name in ["folder.env", "none/.env"] {
      #expect(
        failures.contains { $0.contains("\(folder)/\(name)") && $0.contains("secret.envFileUnusable") }, "\(failures)")
    }
  }

  @Test func `a list of other files stops the start`() throws {
    let run = try EngineProcess.run(
      ["check", "--data-dir", folder + "/data"], environment: ["TOKEN_ENV_FILES": "order-engine.json"])
    #expect(run.status != 0)
    #expect(run.output.contains("TOKEN_ENV_FILES (environment)"), "\(run.output)")
  }
}
