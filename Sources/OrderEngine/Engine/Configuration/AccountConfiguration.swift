package import Actors
package import Brokers
package import OrderDomain

/// One account at one broker, as the settings describe it.
package struct AccountConfiguration: Sendable {
  package let id: AccountID
  package let broker: Broker
  /// The broker's name for the client (Dhan) or for the program (Fyers, `ABCD1234EF-100`); empty on paper.
  package var clientID = ""
  /// Whose account the token must open, by the broker's own number; `nil` where nobody has said.
  package var expectedClient: String?
  package var accessToken: Secret?
  /// Under which name it stands in the settings, in a section with the prefix; `nil` on paper, where there is none.
  package var accessTokenName: String?
  /// What the engine may log in with.
  package var login = Login.none
  package var addresses: Addresses?
  package var rateLimit = RateLimitPolicy.off
  /// The registered address of this machine that calls leave from; `nil` leaves the choice to the kernel.
  package var sourceAddress: String?
  /// Whether orders may leave.
  package var mayTrade = true
  package var protectiveBand = ProtectiveBand()
  package var deadlines = BrokerDeadlines()
  /// When Dhan passes an after-market order on.
  package var afterMarketTime = DhanSettings.AfterMarketTime.open

  package enum Login: Sendable {
    case none
    case dhan(DhanLoginSettings)
    case fyers(FyersLoginSettings)
  }

  /// Where the broker's services answer; each can be pointed at a simulator.
  package struct Addresses: Hashable, Sendable {
    package var orders: BrokerAddress
    package var data: BrokerAddress
    package var login: BrokerAddress
    package var symbols: BrokerAddress

    /// Whether a real order can leave.
    package var isLoopback: Bool { orders.isLoopback }
  }

  init(id: AccountID, broker: Broker) {
    self.id = id
    self.broker = broker
  }
}

extension AccountConfiguration {
  /// The accounts that `BROKER` names, the default one first: `paper`, `dhan`, `fyers`, or several with commas between.
  static func accounts(reading reader: inout SettingsReader, isLive: Bool) -> [AccountConfiguration] {
    let named = reader.namedAccounts("BROKER")
    let band = reader.protectiveBand()
    let deadlines = reader.deadlines()
    let prefixes = Set(named.compactMap(\.section))
    reader.refuseSections(.account, except: prefixes, "no account of this name", "add it to BROKER, such as dhan:NAME")
    return named.map { (broker, id, section) in
      reader.section = section
      defer { reader.section = nil }
      var account =
        switch broker {
        case .paper: AccountConfiguration(id: id, broker: .paper)
        case .dhan: dhan(id, &reader, isLive)
        case .fyers: fyers(id, &reader, isLive)
        }
      account.protectiveBand = band
      account.deadlines = deadlines
      return account
    }
  }

  private static func dhan(
    _ id: AccountID, _ reader: inout SettingsReader, _ isLive: Bool
  ) -> AccountConfiguration {
    var account = AccountConfiguration(id: id, broker: .dhan)
    account.clientID = reader.required("DHAN_CLIENT_ID", "write the ten digits of the client id that Dhan shows")
    account.expectedClient = account.clientID
    account.accessToken = reader.secret("DHAN_ACCESS_TOKEN")
    account.accessTokenName = (reader.section ?? "") + "DHAN_ACCESS_TOKEN"
    let orders = reader.address("DHAN_API_URL", standard: "https://api.dhan.co")
    let addresses = Addresses(
      orders: orders, data: orders, login: reader.address("DHAN_AUTH_URL", standard: "https://auth.dhan.co"),
      symbols: reader.address("DHAN_SYMBOLS_URL", standard: "https://images.dhan.co"))
    account.addresses = addresses
    account.login = .dhan(reader.dhanLogin(clientID: account.clientID, at: addresses.login))
    // DhanHQ v2, rate limits of orders (documentation of July 2026).
    account.rateLimit = reader.rateLimit(
      "DHAN_RATE_LIMIT", standard: "10/1s,250/60s,1000/1h,7000/1d", mayBeOff: addresses.isLoopback)
    account.sourceAddress = reader.text("DHAN_SOURCE_ADDRESS")
    let isEnabled = reader.boolean("ENABLE_DHAN") ?? true
    account.mayTrade = isEnabled && (isLive || addresses.isLoopback)
    account.afterMarketTime =
      reader.choice(
        "DHAN_AFTER_MARKET_TIME",
        Dictionary(uniqueKeysWithValues: DhanSettings.AfterMarketTime.allCases.map { ($0.rawValue.lowercased(), $0) }))
      ?? .open
    return account
  }

  private static func fyers(
    _ id: AccountID, _ reader: inout SettingsReader, _ isLive: Bool
  ) -> AccountConfiguration {
    var account = AccountConfiguration(id: id, broker: .fyers)
    account.clientID = reader.required("FYERS_APP_ID", "write the app id, such as ABCD1234EF-100")
    account.expectedClient = reader.text("FYERS_USER_ID")
    account.accessToken = reader.secret("FYERS_ACCESS_TOKEN")
    account.accessTokenName = (reader.section ?? "") + "FYERS_ACCESS_TOKEN"
    let orders = reader.address("FYERS_API_URL", standard: "https://api-t1.fyers.in")
    let addresses = Addresses(
      orders: orders, data: reader.address("FYERS_DATA_URL", standard: "https://api-t1.fyers.in"), login: orders,
      symbols: reader.address("FYERS_SYMBOLS_URL", standard: "https://public.fyers.in"))
    account.addresses = addresses
    account.login = .fyers(reader.fyersLogin(appID: account.clientID, at: addresses.login))
    // Below what the reference of July 2026 publishes (10, 200): a fourth breach of a day blocks the user until the next.
    account.rateLimit = reader.rateLimit(
      "FYERS_RATE_LIMIT", standard: "8/1s,180/60s,100000/1d", mayBeOff: addresses.isLoopback)
    account.sourceAddress = reader.text("FYERS_SOURCE_ADDRESS")
    let isEnabled = reader.boolean("ENABLE_FYERS") ?? true
    account.mayTrade = isEnabled && (isLive || addresses.isLoopback)
    return account
  }
}

extension SettingsReader {
  /// A broker's account: its name, and the section with its settings if it has one.
  typealias NamedAccount = (broker: Broker, id: AccountID, section: String?)

  /// `dhan` is the account of that name; `dhan:family` a further one, whose settings stand in a section.
  mutating func namedAccounts(_ name: String) -> [NamedAccount] {
    let standard: [NamedAccount] = [(.paper, .standard, nil)]
    guard let value = text(name) else { return standard }
    var accounts: [NamedAccount] = []
    for part in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let account = SettingsReader.namedAccount(part.filter { $0 != " " }),
        !accounts.contains(where: { $0.id == account.id || ($0.section != nil && $0.section == account.section) })
      else {
        refuse(
          name, value, "is not possible here",
          "write \(Broker.allCases.map(\.code).joined(separator: ", ")), or several of them with commas between, each "
            + "once; a further account of a broker is dhan:NAME with a name of up to 32 letters and digits")
        return standard
      }
      accounts.append(account)
    }
    return accounts
  }

  private static func namedAccount(_ text: String) -> NamedAccount? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let word = parts.first?.lowercased(), let broker = Broker.allCases.first(where: { $0.code == word }) else {
      return nil
    }
    switch parts.count {
    case 1: return AccountID(word).map { (broker, $0, nil) }
    case 2:
      guard let id = AccountID(parts[1]), !Broker.allCases.contains(where: { $0.code == parts[1].lowercased() }) else {
        return nil
      }
      return (broker, id, SettingsSection.prefix(.account, parts[1]))
    default: return nil
    }
  }

  /// A stop-market order leaves as a stop-limit order whose limit lies so far beyond its trigger.
  mutating func protectiveBand() -> ProtectiveBand {
    let standard = ProtectiveBand()
    return ProtectiveBand(
      ticks: integer("PROTECTIVE_BAND_TICKS", 1...100_000, unit: "ticks") ?? standard.ticks,
      hundredthsOfPercent: integer("PROTECTIVE_BAND_BASIS_POINTS", 0...5_000, unit: "hundredths of a percent")
        ?? standard.hundredthsOfPercent)
  }

  mutating func deadlines() -> BrokerDeadlines {
    let range: ClosedRange<Int64> = 500...60_000
    return BrokerDeadlines(
      orders: .milliseconds(integer("BROKER_ORDER_TIMEOUT_MS", range, unit: "milliseconds") ?? 10_000),
      reads: .milliseconds(integer("BROKER_READ_TIMEOUT_MS", range, unit: "milliseconds") ?? 10_000))
  }

  mutating func required(_ name: String, _ fix: String) -> String {
    if let value = text(name) { return value }
    refuseMissing(name, "it is needed for the broker that BROKER names", fix)
    return ""
  }

  mutating func address(_ name: String, standard: StaticString) -> BrokerAddress {
    guard let standard = BrokerAddress(standard.description) else { preconditionFailure("\(standard) is no address") }
    guard let value = text(name) else { return standard }
    if let address = BrokerAddress(value) { return address }
    refuse(
      name, value, "is no address of a broker",
      "write https:// with host and port and no path; http:// only for this machine, such as http://127.0.0.1:9090")
    return standard
  }

  /// `off` only where no real broker can be hurt by it.
  mutating func rateLimit(_ name: String, standard: StaticString, mayBeOff: Bool) -> RateLimitPolicy {
    let value = text(name)
    do throws(Refusal) {
      let policy = try RateLimitPolicy(value ?? standard.description)
      guard policy.isOff, !mayBeOff else { return policy }
      refuse(
        name, "off", "is for brokers on this machine alone", "write the broker's published limits, or leave it out")
    } catch {
      refuse(name, value ?? "", error.cause, error.fix)
    }
    return .off
  }
}
