import Actors
internal import Configuration
import OrderDomain

extension EngineConfiguration {
  /// Every name that is understood outside of sections, also those of the services that this engine replaces: a `.env`
  /// file of theirs starts it unchanged.
  package static var knownKeys: Set<String> { SettingsSchema.names }

  /// Builds the configuration from layers, the first of which wins. All that is wrong is reported at once.
  package static func load(layers: [SettingsLayer]) throws(ConfigurationErrors) -> EngineConfiguration {
    var errors: [ConfigurationError] = []
    for layer in layers where !layer.mayHoldOthers {
      for key in layer.values.keys.sorted() where SettingsSchema.setting(key) == nil {
        errors.append(
          ConfigurationError(
            key: key, source: layer.place(of: key), cause: "no setting has this name",
            fix: nearest(to: key).map { "did you mean \($0)" } ?? "remove it; docs/settings.md lists all names"))
      }
    }
    var reader = SettingsReader(layers: layers)
    reader.refuseMisplaced()
    let configuration = EngineConfiguration(reading: &reader)
    errors += reader.errors
    guard errors.isEmpty else { throw ConfigurationErrors(errors: errors) }
    return configuration
  }

  private init(reading reader: inout SettingsReader) {
    host = reader.text("HOST") ?? "127.0.0.1"
    port = reader.integer("PORT", 0...65_535, unit: "a port").map { UInt16($0) } ?? 8080
    certificate = reader.certificatePaths()
    dataDirectory = reader.text("DATA_DIR") ?? "data"
    tokenDirectory = reader.text("TOKEN_DIR")
    tokenEnvFiles = reader.tokenEnvFiles()
    tokenCheckTime = reader.timeOfDay("TOKEN_CHECK_TIME") ?? .seconds(8 * 3_600)
    journal = JournalSettings(
      durability: reader.choice(
        "DURABILITY", Dictionary(uniqueKeysWithValues: Durability.allCases.map { ($0.rawValue, $0) })) ?? .strict,
      segmentByteCount: UInt64(reader.integer("JOURNAL_SEGMENT_MEGABYTES", 1...1024, unit: "megabytes") ?? 32) << 20)
    journalRetentionDays = reader.integer("JOURNAL_RETENTION_DAYS", 7...36_500, unit: "days") ?? 400
    isLive = reader.boolean("LIVE") ?? false
    accounts = AccountConfiguration.accounts(reading: &reader, isLive: isLive)
    brokerAuthorities = reader.text("BROKER_CA_FILE")
    webhookSecret = reader.rotatingSecret("WEBHOOK_SECRET", old: "WEBHOOK_SECRET_TOKEN")
    strategies = StrategyConfiguration.strategies(reading: &reader, accounts: accounts, general: webhookSecret)
    secretStores = SecretStores(reading: &reader)
    notifications = reader.notifications()
    holidaysFile = reader.text("HOLIDAYS_FILE")
    operatorToken = reader.secret("OPERATOR_TOKEN")
    eventLoop =
      reader.choice(
        "EVENT_LOOP", ["uring": EventLoopChoice.uring, "epoll": .epoll, "automatic": .automatic]) ?? .automatic
    isSpinning = reader.boolean("EVENT_LOOP_SPIN") ?? false
    logLevel =
      reader.choice(
        "LOG_LEVEL",
        Dictionary(uniqueKeysWithValues: LogLevel.allCases.map { ($0.rawValue, $0) })) ?? .info
    riskLimits = reader.isOff("RISK_LIMITS") ? .open : .standard
    let limits = reader.limits("")
    riskLimits.legQuantity = limits.legQuantity ?? riskLimits.legQuantity
    riskLimits.alertValue = limits.alertValue ?? riskLimits.alertValue
    riskLimits.alertOrderCount = limits.alertOrderCount ?? riskLimits.alertOrderCount
    webhookRateLimit = reader.webhookRateLimit(
      "WEBHOOK_RATE_LIMIT", standard: WebhookRateLimit(count: 100, seconds: 60))
    door = WebhookDoorSettings(reading: &reader)
    operatorDoor = OperatorDoorSettings()
    operatorDoor.sessionIdleMinutes = reader.integer("SESSION_IDLE_MINUTES", 1...1_440, unit: "minutes") ?? 60
    operatorDoor.sessionHours = reader.integer("SESSION_HOURS", 1...168, unit: "hours") ?? 24
    alertValidityMilliseconds =
      reader.integer("ALERT_VALIDITY_MS", 100...86_400_000, unit: "milliseconds") ?? 30_000
    keyedWindowSeconds = reader.integer("IDEMPOTENCY_WINDOW_SECONDS", 1...604_800, unit: "seconds") ?? 86_400
    unkeyedWindowSeconds =
      reader.integer("IDEMPOTENCY_WINDOW_WITHOUT_ID_SECONDS", 1...86_400, unit: "seconds") ?? 30
    if accounts.contains(where: { $0.addresses?.isLoopback == false }) {
      // A real broker is no place for a test's settings.
      if webhookRateLimit == nil {
        reader.refuse(
          "WEBHOOK_RATE_LIMIT", "off", "is for paper and for brokers on this machine alone", "write 100/60s")
      }
      if reader.isOff("RISK_LIMITS") {
        reader.refuse("RISK_LIMITS", "off", "is for paper and for brokers on this machine alone", "leave it out")
      }
    }
    shutdownGraceSeconds = reader.integer("SHUTDOWN_GRACE", 1...300, unit: "seconds") ?? 10
    symbolFiles = reader.list("SYMBOL_FILES")
    paper = PaperSettings(
      seed: reader.integer("PAPER_SEED", 0...Int64.max, unit: "").map(UInt64.init) ?? 1,
      funds: Money(rupees: reader.integer("PAPER_FUNDS", 0...1_000_000_000_000, unit: "rupees") ?? 10_000_000),
      latencyMilliseconds: reader.integer("PAPER_LATENCY_MS", 0...60_000, unit: "milliseconds") ?? 5,
      fillUnits: reader.integer("PAPER_FILL_UNITS", 0...Quantity.limit.units, unit: "units") ?? 0)
  }

  /// The known name that differs by a letter or two, if one does.
  private static func nearest(to key: String) -> String? {
    let wanted = Array(key.utf8)
    return knownKeys.sorted().min { distance(wanted, Array($0.utf8)) < distance(wanted, Array($1.utf8)) }
      .flatMap { distance(wanted, Array($0.utf8)) <= 3 ? $0 : nil }
  }

  /// Levenshtein distance.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let cost = byte == right[column] ? diagonal : min(diagonal, row[column], row[column + 1]) + 1
        diagonal = row[column + 1]
        row[column + 1] = cost
      }
    }
    return row[right.count]
  }
}

/// Reads typed settings through swift-configuration's layers and remembers what it could not use.
struct SettingsReader {
  private let reader: ConfigReader
  private let layers: [SettingsLayer]
  private(set) var errors: [ConfigurationError] = []
  /// While a further account is read: its section's prefix, under which a name is looked for first.
  var section: String?

  init(layers: [SettingsLayer]) {
    self.layers = layers
    // An empty value is no value, and hides none of a later layer: compose files write `NAME=` for what is not set.
    reader = ConfigReader(
      providers: layers.map { layer in
        EnvironmentVariablesProvider(environmentVariables: layer.values.filter { !$0.value.isEmpty })
      })
  }

  mutating func text(_ name: String) -> String? {
    guard let section else { return value(name) }
    if let own = value(section + name) { return own }
    // Another account's login is none of this one's.
    return SettingsSchema.setting(name)?.traits.contains(.personal) == true ? nil : value(name)
  }

  private func value(_ name: String) -> String? {
    reader.string(forKey: ConfigKey(name.lowercased().split(separator: "_").map(String.init)))
  }

  /// What the environment alone may say.
  mutating func refuseMisplaced() {
    for layer in layers where !layer.mayHoldOthers {
      for (key, value) in layer.values.sorted(by: { $0.key < $1.key })
      where !value.isEmpty && SettingsSchema.setting(key)?.traits.contains(.environmentOnly) == true {
        errors.append(
          ConfigurationError(
            key: key, source: layer.place(of: key), cause: "it is taken from the environment alone",
            fix: "remove it here, and set it in the environment of the process"))
      }
    }
  }

  /// Sections that nothing refers to, which somebody believes to be in force. The environment may hold what it likes.
  mutating func refuseSections(
    _ kind: SettingsSection.Kind, except prefixes: Set<String>, _ cause: String, _ fix: String
  ) {
    for layer in layers where !layer.mayHoldOthers {
      for key in layer.values.keys.sorted() {
        guard !SettingsSchema.names.contains(key), let section = SettingsSection(of: key), section.kind == kind,
          !prefixes.contains(section.prefix)
        else { continue }
        errors.append(ConfigurationError(key: key, source: layer.place(of: key), cause: "there is \(cause)", fix: fix))
      }
    }
  }

  mutating func secret(_ name: String) -> Secret? { text(name).map { Secret($0) } }

  mutating func isOff(_ name: String) -> Bool { choice(name, ["off": true, "on": false]) ?? false }

  mutating func boolean(_ name: String) -> Bool? {
    choice(
      name, ["true": true, "1": true, "yes": true, "on": true, "false": false, "0": false, "no": false, "off": false])
  }

  mutating func integer(_ name: String, _ range: ClosedRange<Int64>, unit: String) -> Int64? {
    guard let value = text(name) else { return nil }
    if let number = Int64(value), range.contains(number) { return number }
    refuse(
      name, value, "is not a whole number from \(range.lowerBound) to \(range.upperBound)",
      "write \(unit.isEmpty ? "a number" : unit) in that range")
    return nil
  }

  mutating func choice<Value>(_ name: String, _ values: [String: Value]) -> Value? {
    guard let value = text(name) else { return nil }
    if let chosen = values[value.lowercased()] { return chosen }
    refuse(name, value, "is not possible here", "write one of " + values.keys.sorted().joined(separator: ", "))
    return nil
  }

  mutating func list(_ name: String) -> [String] {
    text(name)?.split(separator: ",").map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    } ?? []
  }

  /// `100/60s`, or `off`.
  mutating func webhookRateLimit(
    _ name: String, standard: EngineConfiguration.WebhookRateLimit
  ) -> EngineConfiguration.WebhookRateLimit? {
    guard let value = text(name) else { return standard }
    if value == "off" { return nil }
    let parts = value.split(separator: "/")
    if parts.count == 2, parts[1].hasSuffix("s"), let count = Int(parts[0]), let seconds = Int64(parts[1].dropLast()),
      (1...1_000_000).contains(count), (1...86_400).contains(seconds)
    {
      return EngineConfiguration.WebhookRateLimit(count: count, seconds: seconds)
    }
    refuse(name, value, "is not COUNT/SECONDSs", "write 100/60s for a hundred a minute, or off")
    return standard
  }

  mutating func refuseMissing(_ name: String, _ cause: String, _ fix: String) {
    errors.append(ConfigurationError(key: (section ?? "") + name, source: "nowhere", cause: cause, fix: fix))
  }

  mutating func refuse(_ name: String, _ value: String, _ cause: String, _ fix: String) {
    var name = name
    if let section, layers.contains(where: { !($0.values[section + name] ?? "").isEmpty }) { name = section + name }
    let source = layers.first { !($0.values[name] ?? "").isEmpty }?.place(of: name) ?? "default"
    // A secret that cannot be used is a secret all the same.
    let shown = SettingsSchema.setting(name)?.isSecret == true ? "the value" : "\"\(value.prefix(80))\""
    errors.append(ConfigurationError(key: name, source: source, cause: "\(shown) \(cause)", fix: fix))
  }
}
