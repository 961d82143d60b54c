package import Actors

/// What a person may see of an account's guards, and set by hand. Called on the engine's thread.
package struct AccountControls: Sendable {
  package let circuit: @Sendable (CircuitLane) -> CircuitSnapshot
  /// Opens a lane until it is closed again, or closes it; with the reason that people are shown.
  package let setCircuit: @Sendable (CircuitLane, _ isOpen: Bool, _ reason: String) -> Void
  package let forecast: @Sendable (RateClass) -> RateForecast

  package init(
    circuit: @escaping @Sendable (CircuitLane) -> CircuitSnapshot,
    setCircuit: @escaping @Sendable (CircuitLane, _ isOpen: Bool, _ reason: String) -> Void,
    forecast: @escaping @Sendable (RateClass) -> RateForecast
  ) {
    self.circuit = circuit
    self.setCircuit = setCircuit
    self.forecast = forecast
  }
}
