import OrderDomain

/// Who may send alerts, and what holds for each strategy. Looked up for every alert: nothing here allocates.
package struct StrategyTable: Sendable {
  private let general: RotatingSecret
  private let strategies: [StrategyConfiguration]
  private let indices: [String: Int]

  /// Whose secret an alert carried.
  struct Bearer: Equatable, Sendable {
    /// Numbers the secret, for limits: 0 is the general one.
    let key: Int
    /// The strategy that the secret belongs to alone; `nil` for the general secret.
    let strategy: String?
  }

  /// Whether some strategy has a secret that no other is let in by.
  let hasOwnSecrets: Bool

  package init(general: RotatingSecret, strategies: [StrategyConfiguration] = []) {
    self.general = general
    self.strategies = strategies
    hasOwnSecrets = strategies.contains { $0.secret != nil }
    indices = Dictionary(uniqueKeysWithValues: strategies.enumerated().map { ($1.name, $0) })
  }

  /// The settings of a strategy; `nil` for one without.
  subscript(name: String?) -> StrategyConfiguration? {
    guard let name, let index = indices[name] else { return nil }
    return strategies[index]
  }

  var names: [String] { strategies.map(\.name) }

  /// Whose secret `offered` is; `nil` for nobody's.
  ///
  /// An alert that names a strategy with a secret of its own is let in by that secret alone. Any other name, and none, is
  /// let in by the general secret; none also by a strategy's own, which then says which strategy it is.
  func bearer(of offered: Secret, naming name: String?, at now: Timestamp) -> Bearer? {
    if let name {
      guard let index = indices[name], let own = strategies[index].secret else {
        return general.matches(offered, at: now) ? Bearer(key: 0, strategy: nil) : nil
      }
      return own.matches(offered, at: now) ? Bearer(key: index + 1, strategy: name) : nil
    }
    var bearer = general.matches(offered, at: now) ? Bearer(key: 0, strategy: nil) : nil
    // All are compared, so that the time does not tell which one is near.
    for index in strategies.indices where strategies[index].secret?.matches(offered, at: now) == true {
      bearer = Bearer(key: index + 1, strategy: strategies[index].name)
    }
    return bearer
  }
}
