import Brokers
import OrderDomain
import Testing

@testable import OrderEngine

@Suite("Settings of logins")
struct LoginConfigurationTests {
  private func load(_ values: [String: String]) throws -> EngineConfiguration {
    try EngineConfiguration.load(layers: [SettingsLayer(name: "environment", values: values, mayHoldOthers: true)])
  }

  private func errors(_ values: [String: String]) -> [ConfigurationError] {
    do {
      _ = try load(values)
      return []
    } catch let errors as ConfigurationErrors {
      return errors.errors
    } catch {
      return []
    }
  }

  private let dhan = ["BROKER": "dhan", "DHAN_CLIENT_ID": "1000000001"]

  @Test func `what the engine logs in with is read, under its old names`() throws {
    let all = [
      "DHAN_PIN": "123456", "DHAN_TOTP_SECRET": "gezd gnbv gy3t qojq", "DHAN_API_KEY": "k", "DHAN_API_SECRET": "s",
      "BROKER": "dhan,fyers", "FYERS_APP_ID": "A-100", "FYERS_SECRET_ID": "x", "FYERS_PIN": "1234",
      "FYERS_REDIRECT_URI": "https://trader.example/callback", "FYERS_AUTH_CODE": "c",
    ]
    let accounts = try load(all.merging(dhan) { first, _ in first }).accounts
    guard case .dhan(let dhan) = accounts[0].login, case .fyers(let fyers) = accounts[1].login else {
      Issue.record("no logins")
      return
    }
    #expect(dhan.pin != nil && dhan.oneTimePassword != nil && dhan.apiKey != nil && dhan.apiSecret != nil)
    #expect(dhan.address == "https://auth.dhan.co")
    #expect(fyers.secretID != nil && fyers.pin != nil && fyers.code != nil)
    #expect(fyers.redirectAddress == "https://trader.example/callback")
    #expect(!"\(accounts)".contains("123456"))
  }

  @Test func `a secret that is none is refused and not shown`() throws {
    let error = try #require(errors(dhan.merging(["DHAN_TOTP_SECRET": "hush-1-hush"]) { $1 }).first)
    #expect(error.key == "DHAN_TOTP_SECRET")
    #expect(!error.description.contains("hush-1"))
  }

  @Test(arguments: [("08:00", Int64(28_800)), ("0:05", 300), ("23:59", 86_340)])
  func `a time of day is Indian hours and minutes`(_ text: String, _ seconds: Int64) throws {
    #expect(try load(["TOKEN_CHECK_TIME": text]).tokenCheckTime == .seconds(seconds))
  }

  @Test(arguments: ["8", "24:00", "08:60", "08:00:00", ":", "eight", "-1:00", "008:00"])
  func `what is no time of day is refused`(_ text: String) {
    #expect(errors(["TOKEN_CHECK_TIME": text]).map(\.key) == ["TOKEN_CHECK_TIME"])
  }

  @Test func `tokens go into no .env file unless it is named`() throws {
    #expect(try load([:]).tokenEnvFiles.isEmpty)
    #expect(try load(["TOKEN_ENV_FILES": ".env, ../.env"]).tokenEnvFiles == [".env", "../.env"])
  }

  @Test(
    "What is no list of .env files stops the start",
    arguments: [
      "order-engine.json", ".env,data/vault", ".env,.env", "/srv/trading/", " ",
      (0..<9).map { "\($0).env" }.joined(separator: ","),
    ])
  func badEnvFiles(_ value: String) throws {
    let error = try #require(errors(["TOKEN_ENV_FILES": value]).first)
    #expect(error.key == "TOKEN_ENV_FILES")
    #expect(error.source == "environment")
    #expect(!error.fix.isEmpty)
  }

  @Test func `a token has the name by which it stands in the settings`() throws {
    let accounts = try load([
      "BROKER": "paper,dhan,fyers,dhan:family,fyers:my-own", "DHAN_CLIENT_ID": "1", "FYERS_APP_ID": "A-100",
      "ACCOUNT_FAMILY_DHAN_CLIENT_ID": "2", "ACCOUNT_MY_OWN_FYERS_APP_ID": "B-100",
    ]).accounts
    #expect(
      accounts.map(\.accessTokenName) == [
        nil, "DHAN_ACCESS_TOKEN", "FYERS_ACCESS_TOKEN", "ACCOUNT_FAMILY_DHAN_ACCESS_TOKEN",
        "ACCOUNT_MY_OWN_FYERS_ACCESS_TOKEN",
      ])
    for name in accounts.compactMap(\.accessTokenName) {
      #expect(SettingsSchema.setting(name)?.traits.contains(.accessToken) == true)
    }
  }

  @Test func `tokens are looked at at eight unless told otherwise`() throws {
    #expect(try load([:]).tokenCheckTime == .seconds(28_800))
    #expect(try load([:]).tokenDirectory == nil)
    #expect(try load(["TOKEN_DIR": "/var/lib/tokens"]).tokenDirectory == "/var/lib/tokens")
  }
}
