import OrderDomain

/// Every setting, in groups: the known names, the reference in `docs/settings.md`, `.env.example` and `order-engine
/// settings` are all made of this.
package enum SettingsSchema {
  package struct Group: Sendable {
    package let title: String
    package let settings: [Setting]
  }

  package static let groups: [Group] = [
    Group(title: "Service", settings: service), Group(title: "Alerts", settings: alerts),
    Group(title: "Limits", settings: limits), Group(title: "Secret stores", settings: stores),
    Group(title: "Brokers", settings: brokers), Group(title: "Dhan", settings: dhan),
    Group(title: "Fyers", settings: fyers), Group(title: "Paper", settings: paper),
    Group(title: "Logging in at brokers", settings: login), Group(title: "Notifications", settings: notifications),
    Group(title: "Calendar", settings: calendar),
    Group(title: "Known, and without effect yet", settings: idle),
  ]

  private static let byName: [String: Setting] = Dictionary(
    uniqueKeysWithValues: groups.flatMap(\.settings).map { ($0.name, $0) })

  /// Of all that stand alone.
  package static let names: Set<String> = Set(byName.keys)

  /// The setting of this name, also of one in a section; `nil` for none.
  package static func setting(_ name: String) -> Setting? {
    if let setting = byName[name] { return setting }
    return SettingsSection(of: name).flatMap { $0.setting }
  }

  /// Most units of a ``Quantity``.
  static let quantityLimit = Quantity.limit.units

  // MARK: Groups

  private static let service: [Setting] = [
    Setting("HOST", .text, "127.0.0.1", "address to listen on"),
    Setting(
      "PORT", .integer(0...65_535, unit: ""), "8080", .dhanService,
      "port; 0 lets the kernel choose, the log says which"),
    Setting(
      "TLS_CERT", .path, nil,
      "PEM file of the certificate, with its issuers' behind it: with TLS_KEY the engine speaks HTTPS on PORT; both or neither"
    ),
    Setting("TLS_KEY", .path, nil, "PEM file of the certificate's private key"),
    Setting("DATA_DIR", .path, "data", "directory of journal and secrets"),
    Setting("TOKEN_DIR", .path, nil, "folder of kept access tokens; `tokens` in the data directory if not set"),
    Setting("TOKEN_CHECK_TIME", .text, "08:00", "when tokens are looked at each day, India's time"),
    Setting("OPERATOR_TOKEN", .text, nil, .secret, "opens dashboard and API; made at the first start if none is set"),
    Setting(
      "LOG_LEVEL", .choice(EngineConfiguration.LogLevel.allCases.map(\.rawValue)), "info", [.live, .fyersBot],
      "how much is logged"),
    Setting(
      "DURABILITY", .choice(["strict", "overlapped"]), "strict",
      "`strict` flushes an alert's record before its first order leaves; `overlapped` writes it before and flushes it "
        + "meanwhile: faster, and a power cut in that moment may forget an order that left (the answer still waits for "
        + "the flush)"),
    Setting(
      "JOURNAL_SEGMENT_MEGABYTES", .integer(1...1024, unit: "MB"), "32",
      "the journal goes on in a new file beyond this; the first ones are smaller"),
    Setting(
      "JOURNAL_RETENTION_DAYS", .integer(7...36_500, unit: "days"), "400",
      "a closed file of the journal goes when all its records are older and two snapshots cover it"),
    Setting(
      "EVENT_LOOP", .choice(["automatic", "uring", "epoll"]), "automatic", "`uring`, `epoll`, or whichever works"),
    Setting(
      "EVENT_LOOP_SPIN", .flag, "false", "the engine's thread never sleeps: faster at low load, costs a core"),
    Setting("SHUTDOWN_GRACE", .integer(1...300, unit: "s"), "10", "how long a stop may take"),
  ]

  private static let alerts: [Setting] = [
    Setting(
      "WEBHOOK_SECRET", .text, nil, [.secret, .live, .dhanService],
      "what alerts must carry as `secret`, `token` or `X-Webhook-Secret`; made at the first start if none is set"),
    Setting(
      "WEBHOOK_SECRET_TOKEN", .text, nil, [.secret, .live, .fyersBot],
      "the same under its other old name; `WEBHOOK_SECRET` wins"),
    Setting(
      "WEBHOOK_SECRET_NEXT", .text, nil, [.secret, .live],
      "a second secret that alerts may carry: for a change of secrets"),
    Setting(
      "WEBHOOK_SECRET_UNTIL", .moment, nil, .live,
      "from then on only `WEBHOOK_SECRET_NEXT` is taken; without it both are"),
    Setting(
      "STRATEGIES", .list, nil, .live,
      "names of strategies that have settings of their own, as they stand in `/webhook/NAME` or in an alert's `strategy`"
    ),
    Setting(
      "WEBHOOK_AUTH", .choice(WebhookDoorSettings.Authentication.allCases.map(\.rawValue)), nil,
      "what alerts must carry; `secret` unless a signing key is set, then `either`; [security.md](security.md) says what each is"
    ),
    Setting("WEBHOOK_HMAC_SECRET", .text, nil, .secret, "key that senders sign alerts with"),
    Setting(
      "WEBHOOK_HMAC_SECRET_OLD", .text, nil, .secret, "the key before it, still good while senders change over"),
    Setting(
      "WEBHOOK_HMAC_WINDOW_SECONDS", .integer(1...3_600, unit: "s"), "300",
      "how far a signature's time may be from this machine's"),
    Setting(
      "WEBHOOK_ALLOWED_ADDRESSES", .list, nil,
      "addresses and nets that alerts may come from, with commas between; `tradingview` for TradingView's; from anywhere if not set"
    ),
    Setting(
      "TRUSTED_PROXIES", .list, nil, "addresses and nets of proxies whose `X-Forwarded-For` is believed"),
    Setting(
      "LOCK_OUT", .rateLimit, "5/60s",
      "wrong secrets, tokens or passwords of one address in a window, after which it waits"),
    Setting(
      "SESSION_IDLE_MINUTES", .integer(1...1_440, unit: "min"), "60",
      "how long a browser stays signed in without an open page"),
    Setting("SESSION_HOURS", .integer(1...168, unit: "h"), "24", "how long a browser stays signed in at most"),
    Setting(
      "WEBHOOK_RATE_LIMIT", .rateLimit, "100/60s", .live,
      "alerts of one address, and alerts with one secret, in a window; `off` is refused with a real broker"),
    Setting(
      "ALERT_VALIDITY_MS", .integer(100...86_400_000, unit: "ms"), "30000", .live,
      "an alert older than this is not sent any more"),
    Setting(
      "IDEMPOTENCY_WINDOW_SECONDS", .integer(1...604_800, unit: "s"), "86400", .live,
      "how long an alert with an id or `{{timenow}}` is a duplicate"),
    Setting(
      "IDEMPOTENCY_WINDOW_WITHOUT_ID_SECONDS", .integer(1...86_400, unit: "s"), "30", .live, "the same without either"),
  ]

  private static let limits: [Setting] = [
    Setting(
      "RISK_LIMITS", .choice(["on", "off"]), "on", .live,
      "`off` lifts the three limits below; refused with a real broker"),
    Setting(
      "MAX_LEG_QUANTITY", .integer(1...SettingsSchema.quantityLimit, unit: "units"), "100000", .live,
      "most units of one leg"),
    Setting(
      "MAX_ALERT_VALUE", .integer(1...1_000_000_000_000, unit: "rupees"), "10000000", .live,
      "most rupees of one alert's entries, at limit or last prices"),
    Setting(
      "MAX_ALERT_ORDERS", .integer(1...10_000, unit: "orders"), "100", .live,
      "most orders of one alert, slices and exits counted"),
  ]

  private static let stores: [Setting] = [
    Setting(
      "VAULT_PASSPHRASE", .text, nil, [.secret, .environmentOnly],
      "opens the vault in the data directory; from the environment alone"),
    Setting(
      "VAULT_KEY_FILE", .path, nil,
      "opens the vault instead of a passphrase: a file of 32 or more random bytes that only "
        + "its owner may read"),
    Setting(
      "TOKEN_ENV_FILES", .list, nil,
      "`.env` files that each new access token is also written into, with commas between, such as `.env,../.env`: for "
        + "programs that read it there; [tokens.md](tokens.md) says how"),
    Setting(
      "SECRET_MANAGER_PROJECT", .text, nil,
      "project of Google Secret Manager, where secret settings are looked up under their own names"),
    Setting("GCS_BUCKET_NAME", .text, nil, .fyersBot, "bucket of Google Cloud Storage where tokens are kept"),
    Setting(
      "GCS_TOKENS_FILE", .text, "tokens/tokens.json", .fyersBot, "name of the object in that bucket"),
    Setting(
      "GOOGLE_APPLICATION_CREDENTIALS", .path, nil, .fyersBot,
      "key file of a service account; without one the machine's metadata server is asked"),
    Setting(
      "SECRET_MANAGER_URL", .address, "https://secretmanager.googleapis.com", "where Secret Manager answers"),
    Setting("GCS_URL", .address, "https://storage.googleapis.com", "where Cloud Storage answers"),
    Setting(
      "GOOGLE_TOKEN_URL", .address, nil,
      "where a service account's access token is had, instead of where its key file says; a path of `/token` is added"),
    Setting(
      "GOOGLE_METADATA_URL", .text, "http://metadata.google.internal",
      "where the metadata server answers: this address or one on this machine"),
  ]

  private static let brokers: [Setting] = [
    Setting(
      "BROKER", .list, "paper",
      "`paper`, `dhan`, `fyers`, or several with commas between; the first is the account of alerts that name none. "
        + "`dhan:family` is a further account of Dhan's with the name `family`"),
    Setting(
      "LIVE", .flag, "false", "real orders leave only when true; paper, and brokers on this machine, are exempt"),
    Setting(
      "PROTECTIVE_BAND_TICKS", .integer(1...100_000, unit: "ticks"), "20",
      "a stop-market order leaves as a stop-limit order whose limit lies this far beyond its trigger, or as far as the "
        + "next setting says: the wider of both"),
    Setting(
      "PROTECTIVE_BAND_BASIS_POINTS", .integer(0...5_000, unit: "hundredths of a percent"), "100",
      "the same in hundredths of a percent of the trigger"),
    Setting(
      "BROKER_ORDER_TIMEOUT_MS", .integer(500...60_000, unit: "ms"), "10000",
      "how long the broker may take to answer an order; after it the order is `unknown` until the broker's book has shown "
        + "what became of it"),
    Setting(
      "BROKER_READ_TIMEOUT_MS", .integer(500...60_000, unit: "ms"), "10000", "the same for readings"),
    Setting(
      "BROKER_CA_FILE", .path, nil, "further certificate authorities, PEM; certificates are always verified"),
  ]

  private static let dhan: [Setting] = [
    Setting(
      "ENABLE_DHAN", .flag, "true", .dhanService, "`false` keeps Dhan's orders here, whatever `LIVE` says"),
    Setting(
      "DHAN_CLIENT_ID", .text, nil, [.personal, .dhanService], "the ten digits of the client id; needed for `dhan`"),
    Setting(
      "DHAN_ACCESS_TOKEN", .text, nil, [.secret, .personal, .accessToken, .dhanService],
      "today's token; without one orders are denied with what to do"),
    Setting(
      "DHAN_RATE_LIMIT", .rateLimits, "10/1s,250/60s,1000/1h,7000/1d",
      "the broker's limit on order calls; a fifth is kept for exits and cancels; `off` for a simulator alone"),
    Setting(
      "DHAN_SOURCE_ADDRESS", .text, nil,
      "this machine's registered address, that calls leave from; otherwise the kernel's choice"),
    Setting(
      "DHAN_API_URL", .address, "https://api.dhan.co", "where orders go; [a simulator](simulator.md) may stand in"),
    Setting("DHAN_AUTH_URL", .address, "https://auth.dhan.co", "where a login goes"),
    Setting("DHAN_SYMBOLS_URL", .address, "https://images.dhan.co", "where the symbol files are"),
    Setting(
      "DHAN_AFTER_MARKET_TIME", .choice(["PRE_OPEN", "OPEN", "OPEN_30", "OPEN_60"]), "OPEN",
      "when Dhan passes an after-market order on"),
  ]

  private static let fyers: [Setting] = [
    Setting("ENABLE_FYERS", .flag, "true", "`false` keeps Fyers' orders here, whatever `LIVE` says"),
    Setting(
      "FYERS_APP_ID", .text, nil, [.personal, .fyersBot], "such as `ABCD1234EF-100`; needed for `fyers`"),
    Setting(
      "FYERS_USER_ID", .text, nil, [.personal],
      "whose account it is, such as `XY01234`: a token of anybody else is refused; without it nobody can tell"),
    Setting("FYERS_ACCESS_TOKEN", .text, nil, [.secret, .personal, .accessToken], "today's token"),
    Setting(
      "FYERS_RATE_LIMIT", .rateLimits, "8/1s,180/60s,100000/1d",
      "on all calls; kept below what Fyers publishes, which blocks for the day after three breaches; `off` for a "
        + "simulator alone"),
    Setting(
      "FYERS_SOURCE_ADDRESS", .text, nil,
      "this machine's registered address, that calls leave from; otherwise the kernel's choice"),
    Setting(
      "FYERS_API_URL", .address, "https://api-t1.fyers.in", "where orders go; [a simulator](simulator.md) may stand in"),
    Setting("FYERS_DATA_URL", .address, "https://api-t1.fyers.in", "where prices are asked for"),
    Setting("FYERS_SYMBOLS_URL", .address, "https://public.fyers.in", "where the symbol files are"),
  ]

  private static let paper: [Setting] = [
    Setting(
      "SYMBOL_FILES", .list, nil,
      "files of Dhan or Fyers with the paper broker's instruments, the layout found by the first line; otherwise an "
        + "embedded sample"),
    Setting(
      "PAPER_SEED", .integer(0...Int64.max, unit: ""), "1", "the same seed and the same orders make the same prices"),
    Setting(
      "PAPER_FUNDS", .integer(0...1_000_000_000_000, unit: "rupees"), "10000000", "rupees of the paper account"),
    Setting("PAPER_LATENCY_MS", .integer(0...60_000, unit: "ms"), "5", "from an order's arrival to its fill"),
    Setting(
      "PAPER_FILL_UNITS", .integer(0...SettingsSchema.quantityLimit, unit: "units"), "0",
      "most units of one fill; 0 fills whole"),
  ]

  private static let login: [Setting] = [
    Setting(
      "FYERS_SECRET_ID", .text, nil, [.secret, .personal, .fyersBot], "secret of the Fyers app, for a login"),
    Setting(
      "FYERS_REDIRECT_URI", .text, nil, [.personal, .fyersBot], "where Fyers sends the browser after a login"),
    Setting(
      "FYERS_AUTH_CODE", .text, nil, [.secret, .personal, .fyersBot], "the code that a login at Fyers ends with"),
    Setting("FYERS_PIN", .text, nil, [.secret, .personal, .fyersBot], "PIN of the Fyers account"),
    Setting("DHAN_API_KEY", .text, nil, [.secret, .personal, .dhanService], "key of the Dhan app, for a login"),
    Setting("DHAN_API_SECRET", .text, nil, [.secret, .personal, .dhanService], "secret of the Dhan app"),
    Setting(
      "DHAN_TOTP_SECRET", .text, nil, [.secret, .personal, .dhanService],
      "what Dhan's one-time codes are made of"),
    Setting("DHAN_PIN", .text, nil, [.secret, .personal, .dhanService], "PIN of the Dhan account"),
  ]

  private static let notifications: [Setting] = [
    Setting(
      "TELEGRAM_BOT_TOKEN", .text, nil, [.secret, .dhanService],
      "token of the Telegram bot, from @BotFather; [notifications.md](notifications.md) goes through it"),
    Setting(
      "TELEGRAM_CHAT_ID", .text, nil, .dhanService, "chat that the bot writes to: its number, or `@channel`"),
    Setting(
      "ENABLE_TELEGRAM", .flag, nil, .dhanService,
      "`false` keeps Telegram quiet; without it Telegram is used when both settings above are there"),
    Setting(
      "NOTIFICATION_URL", .text, nil, [.secret, .fyersBot],
      "where notices are posted as JSON; a secret, because such addresses hold keys"),
    Setting(
      "NOTIFICATION_TOPIC", .text, nil, .fyersBot,
      "topic of Google Pub/Sub, as `projects/PROJECT/topics/NAME`; the name alone with `SECRET_MANAGER_PROJECT`"),
    Setting(
      "NOTIFICATION_EVENTS", .list, NotificationSettings.standard.map(\.rawValue).joined(separator: ","),
      "what is told besides failures, which always are: some of "
        + NotificationSettings.choices.map { "`\($0.rawValue)`" }.joined(separator: ", ") + "; or `none`"),
    Setting(
      "TELEGRAM_API_URL", .address, "https://api.telegram.org", "where Telegram's Bot API answers"),
    Setting("PUBSUB_URL", .address, "https://pubsub.googleapis.com", "where Pub/Sub answers"),
  ]

  private static let calendar: [Setting] = [
    Setting(
      "HOLIDAYS_FILE", .path, nil,
      "list of the exchanges' holidays; `holidays.csv` in the data directory if not set, and without that the list that "
        + "comes with the engine; [holidays.md](holidays.md) says what it looks like")
  ]

  private static let idle: [Setting] = [
    Setting(
      "DHAN_USER_ID", .text, nil, [.secret, .personal, .idle, .dhanService], "mobile number of the Dhan account"),
    Setting("DHAN_PASSWORD", .text, nil, [.secret, .personal, .idle, .dhanService], "password of the Dhan account"),
    Setting(
      "LOG_FILE", .path, nil, [.idle, .fyersBot], "a file for the log; today the log goes to standard output alone"),
    Setting(
      "USE_CLOUD_LOGGING", .text, nil, [.idle, .fyersBot], "Google Cloud Logging; it collects standard output by itself"
    ),
    Setting(
      "CSV_LOG_PATH", .path, nil, [.idle, .dhanService],
      "the Dhan service's list of orders; the journal keeps every order, and `order-engine journal export` writes it out"
    ),
    Setting(
      "ENABLE_SELL_VALIDATION", .text, nil, [.idle, .dhanService], "sell no more than is held"),
    Setting(
      "ENVIRONMENT", .text, nil, [.idle, .dhanService], "a name such as `production`; nothing here depends on it"),
  ]
}
