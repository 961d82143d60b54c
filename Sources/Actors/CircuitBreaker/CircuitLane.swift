/// Orders that open risk and orders that close it are judged apart, so that a broken entry path never blocks an exit.
package enum CircuitLane: UInt8, Hashable, Sendable, CaseIterable {
  case entries
  /// Exits, cancels, square-offs and unwinds.
  case exits

  package var code: String { self == .entries ? "entries" : "exits" }
}
