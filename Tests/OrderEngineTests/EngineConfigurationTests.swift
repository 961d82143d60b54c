import Actors
import OrderDomain
import Testing

@testable import OrderEngine

@Suite("Settings are checked whole, and every error names key, place and fix")
struct EngineConfigurationTests {
  private func environment(_ values: [String: String]) -> SettingsLayer {
    SettingsLayer(name: "environment", values: values, mayHoldOthers: true)
  }

  private func errors(_ layers: SettingsLayer...) -> [ConfigurationError] {
    do throws(ConfigurationErrors) {
      _ = try EngineConfiguration.load(layers: layers)
      return []
    } catch {
      return error.errors
    }
  }

  @Test func `nothing set is the paper broker on loopback with limits on`() throws {
    let configuration = try EngineConfiguration.load(layers: [environment(["PATH": "/bin", "HOME": "/root"])])
    #expect(configuration.host == "127.0.0.1")
    #expect(configuration.port == 8080)
    #expect(configuration.accounts.map(\.broker) == [.paper])
    #expect(!configuration.isLive)
    #expect(configuration.webhookSecret.current == nil)
    #expect(configuration.riskLimits.alertValue != nil)
    #expect(configuration.webhookRateLimit == .init(count: 100, seconds: 60))
  }

  @Test func `the first layer that says something wins, and an empty value says nothing`() throws {
    let commandLine = SettingsLayer(name: "command line", values: ["PORT": "9001"], mayHoldOthers: false)
    let file = try SettingsLayer.dotEnv("PORT=9003\nHOST=0.0.0.0\nDATA_DIR='/var/lib/x y' # here", name: ".env")
    let configuration = try EngineConfiguration.load(
      layers: [commandLine, environment(["PORT": "9002", "HOST": "", "WEBHOOK_SECRET_TOKEN": "old"]), file])
    #expect(configuration.port == 9001)
    #expect(configuration.host == "0.0.0.0")
    #expect(configuration.dataDirectory == "/var/lib/x y")
    #expect(configuration.webhookSecret.current?.matches(Secret("old")) == true)
  }

  @Test(
    "A value that cannot be used stops the start",
    arguments: [
      ("PORT", "http"), ("PORT", "65536"), ("PORT", "-1"), ("BROKER", "zerodha"), ("LIVE", "maybe"),
      ("EVENT_LOOP", "kqueue"), ("EVENT_LOOP_SPIN", "2"), ("LOG_LEVEL", "loud"), ("RISK_LIMITS", "some"),
      ("MAX_LEG_QUANTITY", "0"), ("MAX_ALERT_VALUE", "1.5"), ("MAX_ALERT_ORDERS", "10001"),
      ("WEBHOOK_RATE_LIMIT", "100"), ("WEBHOOK_RATE_LIMIT", "0/60s"), ("ALERT_VALIDITY_MS", "99"),
      ("IDEMPOTENCY_WINDOW_SECONDS", "0"), ("SHUTDOWN_GRACE", "301"), ("PAPER_FUNDS", "ten"),
      ("PAPER_LATENCY_MS", "60001"), ("WEBHOOK_AUTH", "none"), ("WEBHOOK_HMAC_WINDOW_SECONDS", "0"),
      ("WEBHOOK_ALLOWED_ADDRESSES", "10.0.0.1/8"), ("WEBHOOK_ALLOWED_ADDRESSES", "trading-view"),
      ("TRUSTED_PROXIES", "localhost"), ("LOCK_OUT", "off"), ("LOCK_OUT", "0/60s"), ("SESSION_HOURS", "169"),
      ("SESSION_IDLE_MINUTES", "0"), ("PAPER_SEED", "-1"), ("PAPER_FILL_UNITS", "x"),
    ])
  func badValue(_ key: String, _ value: String) throws {
    let error = try #require(errors(environment([key: value])).first)
    #expect(error.key == key)
    #expect(error.source == "environment")
    #expect(error.cause.contains(value))
    #expect(!error.fix.isEmpty)
  }

  @Test func `all errors are told at once, each with its line`() throws {
    let file = try SettingsLayer.dotEnv("# mine\nPORT=x\n\nWEBHOOK_SECRT=abc\n", name: ".env")
    let errors = errors(environment(["LOG_LEVEL": "loud"]), file)
    #expect(errors.map(\.key).sorted() == ["LOG_LEVEL", "PORT", "WEBHOOK_SECRT"])
    let misspelt = try #require(errors.first { $0.key == "WEBHOOK_SECRT" })
    #expect(misspelt.source == ".env line 4")
    #expect(misspelt.fix.contains("WEBHOOK_SECRET"))
    #expect(!misspelt.description.contains("abc"))
  }

  @Test(
    "A line of a file that is no setting is an error, not a guess",
    arguments: ["PORT", "=8080", "PORT='80", "PORT=\"80\" 81", "PORT=1\nPORT=2"])
  func badLine(_ text: String) {
    #expect(throws: ConfigurationErrors.self) { try SettingsLayer.dotEnv(text, name: ".env") }
  }

  @Test(
    "Lines are read as shells read them",
    arguments: [
      ("A=b", "b"), (" export A = b ", "b"), ("A=\"b c\"", "b c"), ("A='b # c' # d", "b # c"), ("A=b#c", "b#c"),
      ("A=b # c", "b"), ("A=", ""), ("A=b=c", "b=c"), ("A=b\r", "b"), ("# x\n\nA=b", "b"),
      ("A=b\t# c", "b"), ("A=b\t#", "b"), ("\u{FEFF}A=b", "b"), ("# x\r\n\r\nA=b # c\r\n", "b"),
    ])
  func lines(_ text: String, _ value: String) throws {
    #expect(try SettingsLayer.dotEnv(text, name: ".env").values == ["A": value])
  }

  /// Two bytes at the end of each line were no end of it: all lines were one, and the first name had all they said.
  @Test func `a file from Windows is read line by line`() throws {
    let layer = try SettingsLayer.dotEnv("PORT=9003\r\n# mine\r\nHOST='0.0.0.0'\r\nDATA_DIR=x", name: ".env")
    #expect(layer.values == ["PORT": "9003", "HOST": "0.0.0.0", "DATA_DIR": "x"])
    #expect(layer.lines == ["PORT": 1, "HOST": 3, "DATA_DIR": 4])
  }

  @Test func `the webhook asks for the secret, and for a signature where a key for it is set`() throws {
    func door(_ values: [String: String]) throws -> WebhookDoorSettings {
      try EngineConfiguration.load(layers: [environment(values)]).door
    }
    let standard = try door([:])
    #expect(standard.authentication == .secret)
    #expect(standard.allowedAddresses == nil && standard.trustedProxies.isEmpty)
    #expect(standard.lockOutLimit == 5 && standard.lockOutWindowSeconds == 60)
    let signed = try door(["WEBHOOK_HMAC_SECRET": "k", "WEBHOOK_HMAC_SECRET_OLD": "o", "LOCK_OUT": "3/10s"])
    #expect(signed.authentication == .either)
    #expect(signed.signatureSecrets.count == 2 && signed.signatureWindowSeconds == 300)
    #expect(signed.lockOutLimit == 3 && signed.lockOutWindowSeconds == 10)
    let named = try door(["WEBHOOK_ALLOWED_ADDRESSES": "tradingview, 10.0.0.0/8", "TRUSTED_PROXIES": "::1"])
    #expect(named.allowedAddresses?.contains(SenderAddress(high: 0, low: 0xFFFF_0A00_0001)) == true)
    #expect(named.trustedProxies.contains(SenderAddress(high: 0, low: 1)))
    for authentication in ["hmac", "either", "both"] {
      #expect(errors(environment(["WEBHOOK_AUTH": authentication])).map(\.key) == ["WEBHOOK_HMAC_SECRET"])
    }
    #expect(errors(environment(["WEBHOOK_AUTH": "hmac", "WEBHOOK_HMAC_SECRET_OLD": "o"])).count == 1)
  }

  @Test func `every setting of the services that this engine replaces is known`() throws {
    let old = """
      WEBHOOK_SECRET_TOKEN=s
      FYERS_APP_ID=x
      FYERS_PIN=0000
      GCS_BUCKET_NAME=b
      ENABLE_DHAN=false
      DHAN_CLIENT_ID=1
      DHAN_TOTP_SECRET=t
      TELEGRAM_CHAT_ID=1
      """
    #expect(try EngineConfiguration.load(layers: [SettingsLayer.dotEnv(old, name: ".env")]).accounts.count == 1)
  }

  @Test func `certificate and key come together or not at all`() throws {
    #expect(try EngineConfiguration.load(layers: [environment([:])]).certificate == nil)
    let both = try EngineConfiguration.load(layers: [environment(["TLS_CERT": "/a", "TLS_KEY": "/b"])])
    #expect(both.certificate == CertificatePaths(certificate: "/a", key: "/b"))
    #expect(errors(environment(["TLS_CERT": "/a"])).map(\.key) == ["TLS_KEY"])
    #expect(errors(environment(["TLS_KEY": "/b"])).map(\.key) == ["TLS_CERT"])
  }

  // MARK: Accounts

  private let dhan = ["BROKER": "dhan", "DHAN_CLIENT_ID": "1000000001"]

  @Test func `the journal is strict, in segments of 32 MiB kept for 400 days, unless told otherwise`() throws {
    let standard = try EngineConfiguration.load(layers: [environment([:])])
    #expect(standard.journal.durability == .strict)
    #expect(standard.journal.segmentByteCount == 32 << 20)
    #expect(standard.journalRetentionDays == 400)
    let chosen = try EngineConfiguration.load(layers: [
      environment(["DURABILITY": "overlapped", "JOURNAL_SEGMENT_MEGABYTES": "1", "JOURNAL_RETENTION_DAYS": "3650"])
    ])
    #expect(chosen.journal.durability == .overlapped)
    #expect(chosen.journal.segmentByteCount == 1 << 20)
    #expect(chosen.journalRetentionDays == 3_650)
    let wrong = errors(
      environment(["DURABILITY": "fast", "JOURNAL_SEGMENT_MEGABYTES": "0", "JOURNAL_RETENTION_DAYS": "1"]))
    #expect(Set(wrong.map(\.key)) == ["DURABILITY", "JOURNAL_SEGMENT_MEGABYTES", "JOURNAL_RETENTION_DAYS"])
  }

  @Test func `several brokers are several accounts, the first of them the default`() throws {
    let configuration = try EngineConfiguration.load(
      layers: [environment(["BROKER": "fyers, dhan,paper", "FYERS_APP_ID": "A-100", "DHAN_CLIENT_ID": "1"])])
    #expect(configuration.accounts.map(\.broker) == [.fyers, .dhan, .paper])
    #expect(Set(configuration.accounts.map(\.id)).count == 3)
  }

  @Test func `real orders leave only when a person said so`() throws {
    func mayTrade(_ more: [String: String]) throws -> Bool {
      let layer = environment(dhan.merging(more) { $1 })
      return try EngineConfiguration.load(layers: [layer]).accounts[0].mayTrade
    }
    #expect(try !mayTrade([:]))
    #expect(try mayTrade(["LIVE": "true"]))
    #expect(try !mayTrade(["LIVE": "true", "ENABLE_DHAN": "false"]))
    #expect(try mayTrade(["DHAN_API_URL": "http://127.0.0.1:9090"]))
    #expect(try !mayTrade(["DHAN_API_URL": "http://127.0.0.1:9090", "ENABLE_DHAN": "false"]))
    #expect(try !mayTrade(["DHAN_API_URL": "https://localhost.example.com"]))
  }

  @Test func `settings of tests are refused for a real broker and taken for one on this machine`() throws {
    let test = ["WEBHOOK_RATE_LIMIT": "off", "RISK_LIMITS": "off", "DHAN_RATE_LIMIT": "off"]
    let real = errors(environment(dhan.merging(test) { $1 }))
    #expect(Set(real.map(\.key)) == Set(test.keys))
    let simulated = dhan.merging(test) { $1 }.merging(["DHAN_API_URL": "http://localhost:1/"]) { $1 }
    #expect(errors(environment(simulated)).isEmpty)
  }

  @Test func `a broker without its client's name stops the start`() throws {
    #expect(errors(environment(["BROKER": "dhan"])).map(\.key) == ["DHAN_CLIENT_ID"])
    #expect(errors(environment(["BROKER": "fyers"])).map(\.key) == ["FYERS_APP_ID"])
  }

  @Test(
    "Addresses of brokers",
    arguments: [
      ("https://api.dhan.co", true, false), ("https://api.dhan.co/", true, false),
      ("https://10.0.0.1:8443", true, false),
      ("http://127.0.0.1:9", true, true), ("http://localhost", true, true), ("http://[::1]:80", true, true),
      ("https://127.1.2.3", true, true), ("http://api.dhan.co", false, false), ("http://10.0.0.1", false, false),
      ("https://127.0.0.1.example.com", true, false), ("http://127.0.0.1.example.com", false, false),
      ("https://a.b/c", false, false), ("https://a.b?c", false, false), ("https://u:p@a.b", false, false),
      ("https://a.b:0", false, false), ("https://a.b:70000", false, false), ("https://a.b:", false, false),
      ("https://", false, false), ("ftp://a.b", false, false), ("a.b", false, false), ("https://a b", false, false),
    ])
  func addresses(_ text: String, _ isLegal: Bool, _ isLoopback: Bool) {
    let address = BrokerAddress(text)
    #expect((address != nil) == isLegal)
    #expect((address?.isLoopback ?? false) == isLoopback)
  }
}
