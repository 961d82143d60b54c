package import OrderDomain

/// What may change while the engine runs: swapped whole, so that one alert meets one version of it.
package struct LiveSettings: Sendable {
  package var planner: Planner
  package var riskGate: RiskGate
  package var strategies: StrategyTable
  package var settings: EngineSettings

  /// - Parameter webhookSecret: the general one, wherever it was kept.
  package init(_ configuration: EngineConfiguration, webhookSecret: Secret) {
    planner = Planner(
      settings: PlannerSettings(
        defaultAccount: configuration.accounts[0].id, validityMilliseconds: configuration.alertValidityMilliseconds))
    riskGate = RiskGate(limits: configuration.riskLimits)
    var general = configuration.webhookSecret
    general.current = webhookSecret
    strategies = StrategyTable(general: general, strategies: configuration.strategies)
    settings = EngineSettings(
      keyedWindowSeconds: configuration.keyedWindowSeconds, unkeyedWindowSeconds: configuration.unkeyedWindowSeconds,
      webhookRateLimit: configuration.webhookRateLimit)
    settings.door = configuration.door
  }
}
