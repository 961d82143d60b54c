/// What a call is for, in the order in which waiting calls go.
package enum RateClass: UInt8, Hashable, Sendable, CaseIterable, Comparable {
  /// Exits, cancels and unwinds: whatever takes risk away. May use the whole limit.
  case exits
  /// Whatever puts risk on. May not use the share that is kept for exits.
  case entries
  /// Whatever only looks. May use neither that nor the share that is kept for orders.
  case reads

  package static func < (left: RateClass, right: RateClass) -> Bool { left.rawValue < right.rawValue }

  package var code: String {
    switch self {
    case .exits: "exits"
    case .entries: "entries"
    case .reads: "reads"
    }
  }
}
