package import OrderDomain

/// What one strategy's section says.
package struct StrategyConfiguration: Sendable {
  package let name: String
  /// `nil`: the general secret lets its alerts in.
  package var secret: RotatingSecret?
  package var rules = StrategyRules()
  /// Of alerts and legs that name none.
  package var account: AccountID?
  package var endPolicy: EndPolicy?
  package var validityMilliseconds: Int64?

  package init(name: String) { self.name = name }

  static let limit = 256
  static let nameByteLimit = 64
}

extension StrategyConfiguration {
  /// The strategies that `STRATEGIES` names.
  static func strategies(
    reading reader: inout SettingsReader, accounts: [AccountConfiguration], general: RotatingSecret
  ) -> [StrategyConfiguration] {
    var strategies: [StrategyConfiguration] = []
    var prefixes: [String: String] = [:]
    for name in reader.list("STRATEGIES") {
      let prefix = SettingsSection.prefix(.strategy, name)
      if let twin = prefixes[prefix] {
        reader.refuse("STRATEGIES", name, "has the same section as \(twin)", "give them names that differ in letters")
        continue
      }
      guard !name.isEmpty, name.utf8.count <= nameByteLimit, strategies.count < limit,
        name.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0 != "/" && $0.value < 0x7F })
      else {
        reader.refuse(
          "STRATEGIES", name, "cannot be a strategy's name",
          "write at most \(limit) names with commas between, each of up to \(nameByteLimit) visible letters without /")
        continue
      }
      prefixes[prefix] = name
      strategies.append(strategy(name, prefix, &reader, accounts))
    }
    reader.refuseSections(.strategy, except: Set(prefixes.keys), "no strategy of this name", "add it to STRATEGIES")
    refuseSharedSecrets(strategies, general, &reader)
    return strategies
  }

  private static func strategy(
    _ name: String, _ prefix: String, _ reader: inout SettingsReader, _ accounts: [AccountConfiguration]
  ) -> StrategyConfiguration {
    var strategy = StrategyConfiguration(name: name)
    let secret = reader.rotatingSecret(prefix + "WEBHOOK_SECRET")
    strategy.secret = secret.isSet ? secret : nil
    strategy.rules.products = reader.products(prefix + "PRODUCTS")
    strategy.rules.limits = reader.limits(prefix)
    if let text = reader.text(prefix + "ACCOUNT") {
      strategy.account = accounts.first { $0.id.name == text }?.id
      if strategy.account == nil {
        reader.refuse(
          prefix + "ACCOUNT", text, "is no account",
          "write one of " + accounts.map(\.id.name).joined(separator: ", "))
      }
    }
    strategy.endPolicy = reader.choice(
      prefix + "END_POLICY",
      Dictionary(uniqueKeysWithValues: [EndPolicy.unwind, .complete, .holdAndAlert].map { ($0.code, $0) }))
    strategy.validityMilliseconds = reader.integer(
      prefix + "ALERT_VALIDITY_MS", 100...86_400_000, unit: "milliseconds")
    return strategy
  }

  /// A secret says whose alert it is: it can be one's alone.
  private static func refuseSharedSecrets(
    _ strategies: [StrategyConfiguration], _ general: RotatingSecret, _ reader: inout SettingsReader
  ) {
    var seen: [(name: String, secret: RotatingSecret)] = [("the general one", general)]
    for strategy in strategies {
      guard let secret = strategy.secret else { continue }
      if let twin = seen.first(where: { $0.secret.shares(secret) }) {
        reader.refuseMissing(
          SettingsSection.prefix(.strategy, strategy.name) + "WEBHOOK_SECRET", "it is the same secret as \(twin.name)",
          "give each strategy a secret of its own")
      }
      seen.append(("that of \(strategy.name)", secret))
    }
  }
}

extension SettingsReader {
  /// `NAME`, `NAME_NEXT` and `NAME_UNTIL`.
  mutating func rotatingSecret(_ name: String, old: String? = nil) -> RotatingSecret {
    var current = secret(name)
    if current == nil, let old { current = secret(old) }
    let rotating = RotatingSecret(current: current, next: secret(name + "_NEXT"), until: moment(name + "_UNTIL"))
    if rotating.until != nil, rotating.next == nil {
      refuseMissing(
        name + "_NEXT", "\(name)_UNTIL ends the present secret, and there is no other",
        "set \(name)_NEXT, or leave \(name)_UNTIL out")
    }
    return rotating
  }

  mutating func moment(_ name: String) -> Timestamp? {
    guard let value = text(name) else { return nil }
    let bytes = Array(value.utf8)
    if let moment = Timestamp(rfc3339: bytes.span) { return moment }
    refuse(name, value, "is no moment", "write date, time and offset, such as 2026-12-01T09:00:00+05:30")
    return nil
  }

  mutating func products(_ name: String) -> Set<ProductType>? {
    guard let value = text(name) else { return nil }
    var products: Set<ProductType> = []
    for word in value.split(separator: ",") {
      let word = word.filter { $0 != " " }.lowercased()
      guard let product = ProductType.allCases.first(where: { $0.code == word }) else {
        refuse(
          name, value, "is not possible here", "write " + ProductType.allCases.map(\.code).joined(separator: ", "))
        return nil
      }
      products.insert(product)
    }
    return products
  }

  /// The three limits under names that begin with `prefix`.
  mutating func limits(_ prefix: String) -> RiskLimits {
    RiskLimits(
      legQuantity: integer(prefix + "MAX_LEG_QUANTITY", 1...Quantity.limit.units, unit: "units").flatMap {
        Quantity($0)
      },
      alertValue: integer(prefix + "MAX_ALERT_VALUE", 1...1_000_000_000_000, unit: "rupees").map { Money(rupees: $0) },
      alertOrderCount: integer(prefix + "MAX_ALERT_ORDERS", 1...10_000, unit: "orders").map { Int($0) })
  }
}
