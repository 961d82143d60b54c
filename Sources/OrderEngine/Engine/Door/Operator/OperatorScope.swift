/// How much somebody may do. Each holds what is before it.
package enum OperatorScope: String, CaseIterable, Comparable, Sendable {
  /// Sees everything that the page and the API show.
  case read
  /// Acts on orders, circuits and positions.
  case trade
  /// Keys, and whatever changes who may do what.
  case admin

  private var rank: Int {
    switch self {
    case .read: 0
    case .trade: 1
    case .admin: 2
    }
  }

  package static func < (left: OperatorScope, right: OperatorScope) -> Bool { left.rank < right.rank }
}
