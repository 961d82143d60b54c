import Foundation
import OrderDomain
import Testing

@testable import OrderEngine

@Suite("The schema says what the program does")
struct SettingsSchemaTests {
  private func errors(_ values: [String: String]) -> [ConfigurationError] {
    do throws(ConfigurationErrors) {
      _ = try EngineConfiguration.load(
        layers: [SettingsLayer(name: "environment", values: values, mayHoldOthers: true)])
      return []
    } catch {
      return error.errors
    }
  }

  private static let settings = SettingsSchema.groups.flatMap(\.settings)

  /// With both brokers, so that every setting is read; each with a strategy.
  private static let ground = [
    "BROKER": "paper,dhan,fyers", "DHAN_CLIENT_ID": "1000000003", "FYERS_APP_ID": "ABCD1234EF-100", "STRATEGIES": "one",
    // Without a key no alert can be asked for a signature.
    "WEBHOOK_HMAC_SECRET": "key",
  ]

  @Test func `every range is the one that is checked`() throws {
    let sections = SettingsSchema.strategy.map { $0.named("STRATEGY_ONE_" + $0.name) }
    for setting in Self.settings + sections {
      guard case .integer(let range, _) = setting.values else { continue }
      var outside: [Int64] = [range.lowerBound - 1]
      if range.upperBound < .max { outside.append(range.upperBound + 1) }
      for value in [range.lowerBound, range.upperBound] {
        #expect(errors(Self.ground.merging([setting.name: String(value)]) { $1 }) == [], "\(setting.name)=\(value)")
      }
      for value in outside {
        let found = errors(Self.ground.merging([setting.name: String(value)]) { $1 })
        #expect(found.map(\.key) == [setting.name], "\(setting.name)=\(value)")
      }
    }
  }

  @Test func `every word that a choice offers is taken, and no other`() throws {
    for setting in Self.settings where !setting.isIdle {
      let words: [String]
      switch setting.values {
      case .choice(let choice): words = choice
      case .flag: words = ["true", "false"]
      default: continue
      }
      for word in words where setting.name != "RISK_LIMITS" {
        #expect(errors(Self.ground.merging([setting.name: word]) { $1 }) == [], "\(setting.name)=\(word)")
      }
      #expect(Set(errors(Self.ground.merging([setting.name: "nonsense"]) { $1 }).map(\.key)) == [setting.name])
    }
  }

  @Test func `every default is the one that holds`() throws {
    let plain = try configuration([:])
    for setting in Self.settings {
      guard let standard = setting.standard, setting.name != "BROKER" else { continue }
      let written = try configuration([setting.name: standard])
      #expect(written == plain, "\(setting.name)=\(standard)")
    }
  }

  private func configuration(_ values: [String: String]) throws -> String {
    var text = ""
    dump(
      try EngineConfiguration.load(
        layers: [
          SettingsLayer(name: "environment", values: Self.ground.merging(values) { $1 }, mayHoldOthers: true)
        ]), to: &text)
    return text
  }

  @Test func `names are unique, and every secret is one`() {
    #expect(Set(Self.settings.map(\.name)).count == Self.settings.count)
    for setting in Self.settings {
      // What the event loop does with its thread is nobody's PIN.
      let looksSecret =
        setting.name != "EVENT_LOOP_SPIN"
        && ["SECRET", "TOKEN", "PIN", "PASSWORD", "PASSPHRASE"].contains { setting.name.hasSuffix($0) }
      if looksSecret { #expect(setting.isSecret, "\(setting.name)") }
    }
  }

  @Test(
    "Names in sections are known by their short ones",
    arguments: [
      ("STRATEGY_BREAKOUT_PRODUCTS", true), ("STRATEGY_A_B_WEBHOOK_SECRET_NEXT", true), ("STRATEGY_X_NONSENSE", false),
      ("STRATEGY__PRODUCTS", false), ("STRATEGY_PRODUCTS", false), ("ACCOUNT_FAMILY_DHAN_CLIENT_ID", true),
      ("ACCOUNT_FAMILY_PORT", false), ("ACCOUNT_FAMILY_ENABLE_FYERS", true), ("OTHER_X_PRODUCTS", false),
    ])
  func sections(_ name: String, _ isKnown: Bool) {
    #expect((SettingsSchema.setting(name) != nil) == isKnown)
  }

  @Test func `the variables of both old services are known`() {
    for name in [
      "FYERS_APP_ID", "FYERS_SECRET_ID", "FYERS_REDIRECT_URI", "FYERS_AUTH_CODE", "FYERS_PIN", "WEBHOOK_SECRET_TOKEN",
      "GCS_BUCKET_NAME", "GCS_TOKENS_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "LOG_LEVEL", "LOG_FILE",
      "USE_CLOUD_LOGGING", "NOTIFICATION_TOPIC", "NOTIFICATION_URL", "ENABLE_DHAN", "ENVIRONMENT", "PORT",
      "DHAN_CLIENT_ID", "DHAN_API_KEY", "DHAN_API_SECRET", "DHAN_USER_ID", "DHAN_TOTP_SECRET", "DHAN_PASSWORD",
      "DHAN_PIN", "DHAN_ACCESS_TOKEN", "WEBHOOK_SECRET", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "ENABLE_TELEGRAM",
      "CSV_LOG_PATH", "ENABLE_SELL_VALIDATION",
    ] {
      let setting = SettingsSchema.setting(name)
      #expect(setting != nil, "\(name)")
      #expect(setting?.traits.isDisjoint(with: [.fyersBot, .dhanService]) == false, "\(name)")
    }
  }

  // MARK: What is made of it

  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func committed(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
  }

  @Test func `the documentation's tables are the schema's: else run make settings`() throws {
    let page = try committed("docs/settings.md")
    #expect(SettingsReference.renewed(page) == page)
  }

  @Test func `the example of a settings file is the schema's: else run make settings`() throws {
    #expect(try committed(".env.example") == SettingsReference.envExample)
  }

  @Test func `the example is a settings file as it is read`() throws {
    let layer = try SettingsLayer.dotEnv(SettingsReference.envExample, name: ".env.example")
    #expect(layer.values.isEmpty)
    let lines = SettingsReference.envExample.split(separator: "\n").filter { $0.hasPrefix("#") && $0.contains("=") }
    let shown = lines.map { String($0.dropFirst()) }.filter { !$0.hasPrefix(" ") && !$0.contains("STRATEGY_NAME") }
      .joined(separator: "\n")
    let values = try SettingsLayer.dotEnv(shown, name: "x").values
    #expect(Set(values.keys) == SettingsSchema.names.subtracting(["VAULT_PASSPHRASE"]))
  }
}
