package import OrderDomain

/// What may change while the engine runs: swapped whole, so that one alert meets one version of it.
///
/// One object, because every alert asks it many times.
package final class LiveSettings: Sendable {
  package let planner: Planner
  package let riskGate: RiskGate
  package let strategies: StrategyTable
  package let settings: EngineSettings

  /// - Parameter webhookSecret: the general one, wherever it was kept.
  package init(_ configuration: EngineConfiguration, webhookSecret: Secret) {
    planner = Planner(
      settings: PlannerSettings(
        defaultAccount: configuration.accounts[0].id, validityMilliseconds: configuration.alertValidityMilliseconds))
    riskGate = RiskGate(limits: configuration.riskLimits)
    var general = configuration.webhookSecret
    general.current = webhookSecret
    strategies = StrategyTable(general: general, strategies: configuration.strategies)
    var settings = EngineSettings(
      keyedWindowSeconds: configuration.keyedWindowSeconds, unkeyedWindowSeconds: configuration.unkeyedWindowSeconds,
      webhookRateLimit: configuration.webhookRateLimit)
    settings.door = configuration.door
    self.settings = settings
  }
}
