/// Settings of one strategy (`STRATEGY_NAME_…`) or of one further account (`ACCOUNT_NAME_…`), NAME being the name in
/// capitals with `_` for all that is no letter or digit.
package struct SettingsSection: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case strategy = "STRATEGY_"
    case account = "ACCOUNT_"

    /// What such a section may hold, by the names behind its prefix.
    var settings: [String: Setting] {
      switch self {
      case .strategy: SettingsSchema.strategySettings
      case .account: SettingsSchema.accountSettings
      }
    }
  }

  let kind: Kind
  /// `STRATEGY_BREAKOUT_`.
  let prefix: String
  /// The setting, under its whole name.
  let setting: Setting

  /// `nil` for a name that is no section's.
  init?(of name: String) {
    guard let kind = Kind.allCases.first(where: { name.hasPrefix($0.rawValue) }) else { return nil }
    // The longest that fits: names of strategies may hold anything.
    let ends = kind.settings.filter { name.hasSuffix("_" + $0.key) }
    guard let end = ends.max(by: { $0.key.utf8.count < $1.key.utf8.count }) else { return nil }
    let prefix = String(name.dropLast(end.key.count))
    guard prefix.utf8.count > kind.rawValue.utf8.count + 1 else { return nil }
    self.kind = kind
    self.prefix = prefix
    setting = end.value.named(name)
  }

  static func prefix(_ kind: Kind, _ name: String) -> String {
    let word = name.uppercased().unicodeScalars.map { scalar in
      ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
    }
    return kind.rawValue + String(word) + "_"
  }
}

extension SettingsSchema {
  /// Of `STRATEGY_NAME_`.
  static let strategySettings: [String: Setting] = Dictionary(
    uniqueKeysWithValues: strategy.map { ($0.name, $0) })

  package static let strategy: [Setting] = [
    Setting(
      "WEBHOOK_SECRET", .text, nil, [.secret, .live],
      "what its alerts must carry, and no others may; without one the general secret opens it"),
    Setting("WEBHOOK_SECRET_NEXT", .text, nil, [.secret, .live], "a second secret that its alerts may carry"),
    Setting("WEBHOOK_SECRET_UNTIL", .moment, nil, .live, "from then on only the next one is taken"),
    Setting("PRODUCTS", .list, nil, .live, "`intraday`, `delivery`, `margin`: what its legs may be; otherwise all"),
    Setting(
      "MAX_LEG_QUANTITY", .integer(1...quantityLimit, unit: "units"), nil, .live,
      "most units of one leg; the engine's own limit holds besides"),
    Setting(
      "MAX_ALERT_VALUE", .integer(1...1_000_000_000_000, unit: "rupees"), nil, .live,
      "most rupees of one alert's entries"),
    Setting("MAX_ALERT_ORDERS", .integer(1...10_000, unit: "orders"), nil, .live, "most orders of one alert"),
    Setting("ACCOUNT", .text, nil, .live, "account of its alerts that name none"),
    Setting(
      "END_POLICY", .choice(["unwind", "complete", "hold_and_alert"]), nil, .live,
      "what happens to a plan that cannot be completed, where the alert does not say"),
    Setting(
      "ALERT_VALIDITY_MS", .integer(100...86_400_000, unit: "ms"), nil, .live,
      "how old its alerts may be, where they do not say"),
  ]

  /// Of `ACCOUNT_NAME_`: all that a broker's account has. What is not personal is otherwise that of the broker.
  static let accountSettings: [String: Setting] = Dictionary(
    uniqueKeysWithValues: groups.flatMap(\.settings)
      .filter { setting in ["DHAN_", "FYERS_", "ENABLE_DHAN", "ENABLE_FYERS"].contains { setting.name.hasPrefix($0) } }
      .map { ($0.name, $0) })
}
