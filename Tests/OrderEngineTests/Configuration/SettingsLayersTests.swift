import Actors
import Foundation
import Logging
import OrderDomain
import Testing

@testable import OrderEngine

@Suite("Files, sections and what changed between two readings")
struct SettingsLayersTests {
  private func environment(_ values: [String: String]) -> SettingsLayer {
    SettingsLayer(name: "environment", values: values, mayHoldOthers: true)
  }

  private func file(_ text: String) throws -> SettingsLayer { try SettingsLayer.json(Array(text.utf8), name: "x.json") }

  private func errors(_ layers: SettingsLayer...) -> [ConfigurationError] {
    do throws(ConfigurationErrors) {
      _ = try EngineConfiguration.load(layers: layers)
      return []
    } catch {
      return error.errors
    }
  }

  // MARK: JSON

  @Test func `a configuration file may hold all kinds of values, and sections`() throws {
    let layer = try file(
      """
      {"PORT": 9001, "LIVE": false, "BROKER": ["paper", "dhan:family"], "HOST": null,
       "accounts": {"family": {"DHAN_CLIENT_ID": "1000000003"}},
       "strategies": {"break-out": {"PRODUCTS": ["intraday", "margin"], "MAX_LEG_QUANTITY": 500},
         "hedge": {"ACCOUNT": "family", "END_POLICY": "unwind", "ALERT_VALIDITY_MS": 5000}}}
      """)
    let configuration = try EngineConfiguration.load(layers: [layer])
    #expect(configuration.port == 9001)
    #expect(configuration.accounts.map(\.id.name) == ["paper", "family"])
    #expect(configuration.accounts[1].clientID == "1000000003")
    #expect(configuration.strategies.map(\.name) == ["break-out", "hedge"])
    #expect(configuration.strategies[0].rules.products == [.intraday, .margin])
    #expect(configuration.strategies[0].rules.limits.legQuantity == Quantity(500))
    #expect(configuration.strategies[1].account?.name == "family")
    #expect(configuration.strategies[1].endPolicy == .unwind)
    #expect(configuration.strategies[1].validityMilliseconds == 5000)
  }

  @Test(
    "A configuration file that is none is refused",
    arguments: ["", "[]", "{\"PORT\": 1,}", "{\"PORT\": {}}", "{\"PORT\": 1, \"PORT\": 2}", "{} {}", "{\"A\": [1]}"])
  func badFile(_ text: String) {
    #expect(throws: ConfigurationErrors.self) { try file(text) }
  }

  @Test func `an unknown name in a configuration file is told with its line`() throws {
    let error = try #require(errors(try file("{\n\n\"PROT\": 1}")).first)
    #expect(error.source == "x.json line 3")
    #expect(error.fix.contains("PORT"))
  }

  // MARK: Sections

  @Test func `an account of its own has its own login, and the broker's other settings`() throws {
    let configuration = try EngineConfiguration.load(layers: [
      environment([
        "BROKER": "dhan, dhan:family", "DHAN_CLIENT_ID": "1", "DHAN_ACCESS_TOKEN": "mine", "DHAN_RATE_LIMIT": "5/1s",
        "ACCOUNT_FAMILY_DHAN_CLIENT_ID": "2", "ACCOUNT_FAMILY_ENABLE_DHAN": "false", "LIVE": "true",
      ])
    ])
    #expect(configuration.accounts.map(\.clientID) == ["1", "2"])
    #expect(configuration.accounts[1].accessToken == nil)
    #expect(configuration.accounts[1].rateLimit == configuration.accounts[0].rateLimit)
    #expect(configuration.accounts.map(\.mayTrade) == [true, false])
  }

  @Test func `what an account's section lacks is named by its whole name`() {
    #expect(
      errors(environment(["BROKER": "dhan:family", "DHAN_CLIENT_ID": "1"])).map(\.key)
        == ["ACCOUNT_FAMILY_DHAN_CLIENT_ID"])
  }

  @Test(
    "Accounts that cannot be",
    arguments: ["dhan,dhan", "dhan:a,fyers:a", "dhan:", "dhan:a:b", "dhan:paper", "dhan:a b/"])
  func badAccounts(_ value: String) {
    #expect(errors(environment(["BROKER": value])).contains { $0.key == "BROKER" })
  }

  @Test func `a section that nothing refers to stops the start`() throws {
    let layer = try SettingsLayer.dotEnv("STRATEGY_X_PRODUCTS=intraday\nACCOUNT_Y_DHAN_CLIENT_ID=1", name: ".env")
    #expect(errors(layer).map(\.key) == ["ACCOUNT_Y_DHAN_CLIENT_ID", "STRATEGY_X_PRODUCTS"])
  }

  @Test(
    "What a strategy's section may not say",
    arguments: [
      (["STRATEGIES": "a", "STRATEGY_A_ACCOUNT": "nobody"], "STRATEGY_A_ACCOUNT"),
      (["STRATEGIES": "a", "STRATEGY_A_PRODUCTS": "bo"], "STRATEGY_A_PRODUCTS"),
      (["STRATEGIES": "a", "STRATEGY_A_END_POLICY": "hope"], "STRATEGY_A_END_POLICY"),
      (["STRATEGIES": "a", "STRATEGY_A_MAX_ALERT_ORDERS": "0"], "STRATEGY_A_MAX_ALERT_ORDERS"),
      (["STRATEGIES": "a,A"], "STRATEGIES"), (["STRATEGIES": "a/b"], "STRATEGIES"),
      (["STRATEGIES": "a", "STRATEGY_A_WEBHOOK_SECRET": "s", "WEBHOOK_SECRET": "s"], "STRATEGY_A_WEBHOOK_SECRET"),
      (
        ["STRATEGIES": "a,b", "STRATEGY_A_WEBHOOK_SECRET": "s", "STRATEGY_B_WEBHOOK_SECRET_NEXT": "s"],
        "STRATEGY_B_WEBHOOK_SECRET"
      ),
      (["WEBHOOK_SECRET_UNTIL": "tomorrow", "WEBHOOK_SECRET_NEXT": "n"], "WEBHOOK_SECRET_UNTIL"),
      (["WEBHOOK_SECRET_UNTIL": "2026-12-01T09:00:00+05:30"], "WEBHOOK_SECRET_NEXT"),
    ])
  func badStrategy(_ values: [String: String], _ key: String) {
    #expect(errors(environment(values)).map(\.key) == [key])
  }

  // MARK: Secrets

  @Test func `a secret that cannot be used is not told`() throws {
    let errors = errors(
      environment(["STRATEGIES": "a", "STRATEGY_A_WEBHOOK_SECRET": "canary", "WEBHOOK_SECRET": "canary"]))
    #expect(!errors.isEmpty)
    #expect(!errors.map(\.description).joined().contains("canary"))
  }

  @Test func `the vault's passphrase is not read from a file`() throws {
    let found = errors(try SettingsLayer.dotEnv("VAULT_PASSPHRASE=canary", name: ".env"))
    #expect(found.map(\.key) == ["VAULT_PASSPHRASE"])
    #expect(!found.map(\.description).joined().contains("canary"))
  }

  // MARK: Two readings

  private func loaded(_ values: [String: String]) throws -> LoadedConfiguration {
    try LoadedConfiguration(layers: [environment(values)])
  }

  @Test func `what is written differently is named, wherever it stood`() throws {
    let before = try loaded(["PORT": "1", "WEBHOOK_SECRET": "a", "STRATEGIES": "x", "STRATEGY_X_PRODUCTS": "margin"])
    let after = try loaded(["PORT": "1", "WEBHOOK_SECRET": "b", "LOG_LEVEL": "debug"])
    #expect(
      after.changes(from: before).map(\.name).sorted()
        == ["LOG_LEVEL", "STRATEGIES", "STRATEGY_X_PRODUCTS", "WEBHOOK_SECRET"])
    #expect(after.changes(from: after).isEmpty)
  }

  @Test func `a setting without effect is warned of by its name`() throws {
    let warnings = try loaded(["DHAN_PASSWORD": "canary", "ENVIRONMENT": "production"]).warnings
    #expect(warnings.map(\.code) == ["config.noEffect", "config.noEffect"])
    #expect(warnings.contains { $0.cause.contains("DHAN_PASSWORD") })
    #expect(!warnings.map(\.cause).joined().contains("canary"))
  }

  // MARK: Reading again

  private func keeper(_ text: String) async throws -> (ConfigurationKeeper, String) {
    let path = NSTemporaryDirectory() + UUID().uuidString + ".env"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let sources = SettingsSources(
      commandLine: ["DATA_DIR": NSTemporaryDirectory() + UUID().uuidString], envFile: path)
    let keeper = ConfigurationKeeper(
      sources: sources, loaded: try await sources.load(), logger: Logger(label: "test"))
    return (keeper, path)
  }

  private func codes(_ outcome: ConfigurationKeeper.Outcome) -> [String] {
    guard case .refused(let refusals) = outcome else { return [] }
    return refusals.map(\.code)
  }

  private func keys(_ outcome: ConfigurationKeeper.Outcome) -> [String] {
    guard case .changed(let keys) = outcome else { return [] }
    return keys
  }

  @Test func `settings are read again whole, or not at all`() async throws {
    let (keeper, path) = try await keeper("MAX_ALERT_ORDERS=5\nPORT=9000\n")
    #expect(codes(await keeper.reload(by: "x")) == ["config.notNow"])
    let applied = Applied()
    await keeper.setApply { (configuration, change) throws(Refusal) in await applied.add(configuration, change) }

    try "MAX_ALERT_ORDERS=6\nPORT=9001\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(codes(await keeper.reload(by: "ravi")) == ["config.needsRestart"])
    try "MAX_ALERT_ORDERS=0\nNONSENSE=1\nPORT=9000\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(codes(await keeper.reload(by: "ravi")) == ["config.bad", "config.bad"])
    #expect(await applied.changes.isEmpty)

    try "MAX_ALERT_ORDERS=6\nPORT=9000\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(keys(await keeper.reload(by: "ravi")) == ["MAX_ALERT_ORDERS"])
    #expect(await applied.changes == [ConfigurationChange(by: "ravi", keys: ["MAX_ALERT_ORDERS"])])
    #expect(await applied.limits == [6])
    #expect(keys(await keeper.reload(by: "ravi")).isEmpty)
    #expect(await applied.changes.count == 1)
  }

  /// The engine's own line, as it stood before and after a renewal, is no change of a setting.
  @Test func `in a file that tokens are kept in, a token is no setting`() async throws {
    let text = "BROKER=dhan\nDHAN_CLIENT_ID=1000000001\nMAX_ALERT_ORDERS=5\n"
    let (keeper, path) = try await keeper(text + "DHAN_ACCESS_TOKEN=one\n")
    await keeper.setApply { (_, _) throws(Refusal) in }
    try (text + "DHAN_ACCESS_TOKEN=two\n").write(toFile: path, atomically: true, encoding: .utf8)
    #expect(codes(await keeper.reload(by: "x")) == ["config.needsRestart"])

    let kept = text + "TOKEN_ENV_FILES=\(path)\nDHAN_ACCESS_TOKEN="
    try (kept + "one\n").write(toFile: path, atomically: true, encoding: .utf8)
    let sources = SettingsSources(commandLine: [:], envFile: path)
    let loaded = try await sources.load()
    #expect(loaded.configuration.accounts[0].accessToken == nil)
    let again = ConfigurationKeeper(sources: sources, loaded: loaded, logger: Logger(label: "test"))
    await again.setApply { (_, _) throws(Refusal) in }
    try (kept + "two\nACCOUNT_GONE_DHAN_ACCESS_TOKEN=x\n").write(toFile: path, atomically: true, encoding: .utf8)
    #expect(codes(await again.reload(by: "x")).isEmpty)
    try (kept + "two\n").replacing("=5", with: "=6").write(toFile: path, atomically: true, encoding: .utf8)
    #expect(keys(await again.reload(by: "x")) == ["MAX_ALERT_ORDERS"])
    // Said elsewhere, it is one.
    let elsewhere = SettingsSources(commandLine: ["DHAN_ACCESS_TOKEN": "three"], envFile: path)
    #expect(try await elsewhere.load().configuration.accounts[0].accessToken?.matches(Secret("three")) == true)
  }

  @Test func `what the journal does not take is not in force`() async throws {
    let (keeper, path) = try await keeper("")
    await keeper.setApply { (_, _) throws(Refusal) in throw Refusal(code: "journal.broken", cause: "", fix: "") }
    try "LOG_LEVEL=info\nMAX_ALERT_ORDERS=6\n".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(codes(await keeper.reload(by: "x")) == ["journal.broken"])
    #expect(codes(await keeper.reload(by: "x")) == ["journal.broken"])
  }

  @Test func `settings are shown with their places, secrets blanked out`() async throws {
    let (keeper, _) = try await keeper("WEBHOOK_SECRET=canary\nMAX_ALERT_ORDERS=7\n")
    let text = String(decoding: await keeper.json(), as: UTF8.self)
    #expect(!text.contains("canary"))
    #expect(text.contains("\"name\":\"WEBHOOK_SECRET\",\"value\":\"redacted\""))
    #expect(text.contains("\"name\":\"MAX_ALERT_ORDERS\",\"value\":\"7\""))
    #expect(text.contains("\"name\":\"HOST\",\"value\":\"127.0.0.1\",\"source\":\"default\""))
  }
}

/// What was put in force.
private actor Applied {
  var changes: [ConfigurationChange] = []
  var limits: [Int?] = []

  func add(_ configuration: EngineConfiguration, _ change: ConfigurationChange) {
    changes.append(change)
    limits.append(configuration.riskLimits.alertOrderCount)
  }
}
