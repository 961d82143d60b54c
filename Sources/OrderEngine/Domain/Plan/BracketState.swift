/// The exits of one entry: one cancels the other, and together they never ask for more than is left of what the entry
/// filled, but for the moment in which a cancel races a fill at the exchange.
public struct BracketState: Equatable, Sendable {
  public enum Exit: UInt8, Hashable, Sendable, CaseIterable { case stop, target }

  public enum Action: Equatable, Sendable {
    case place(Exit, Quantity)
    case cancel(Exit)
    /// Nothing is left to guard.
    case finish
    /// No exit is working any more and this much is still open: a person must look.
    case raiseAlarm(unguarded: Quantity)
  }

  /// What is known of one exit's orders: the slices of one placing, taken together.
  private enum Condition: Equatable, Sendable {
    /// The plan has no such exit.
    case absent
    /// To be placed for whatever is left.
    case due
    /// Working for `ordered` units, of which `filled` have filled.
    case working(ordered: Quantity, filled: Quantity)
    /// Asked to end because it asks for more than is left.
    case ending(ordered: Quantity, filled: Quantity)
    /// Refused, or ended by somebody else: not placed again.
    case gone
  }

  private let entryFilled: Quantity
  private var conditions: [Condition]
  /// What ended placings have filled.
  private var settled = Quantity.zero
  private var isOver = false

  public init(entryFilled: Quantity, hasStop: Bool, hasTarget: Bool) {
    self.entryFilled = entryFilled
    conditions = [hasStop ? .due : .absent, hasTarget ? .due : .absent]
  }

  /// What neither exit has filled yet.
  public var residual: Quantity {
    var exited = settled.units
    for condition in conditions {
      switch condition {
      case .working(_, let filled), .ending(_, let filled): exited += filled.units
      case .absent, .due, .gone: break
      }
    }
    return Quantity(max(0, entryFilled.units - exited)) ?? .zero
  }

  /// What must be done now; call it once at the start, and after each event until it is empty.
  public mutating func nextActions() -> [Action] {
    guard !isOver else { return [] }
    var actions: [Action] = []
    let left = residual
    for exit in Exit.allCases {
      let index = Int(exit.rawValue)
      switch conditions[index] {
      case .due:
        if left > .zero {
          conditions[index] = .working(ordered: left, filled: .zero)
          actions.append(.place(exit, left))
        } else {
          conditions[index] = .gone
        }
      case .working(let ordered, let filled):
        if let open = ordered.subtracting(filled), open > left {
          conditions[index] = .ending(ordered: ordered, filled: filled)
          actions.append(.cancel(exit))
        }
      case .ending, .absent, .gone: break
      }
    }
    let isAnyAlive = conditions.contains {
      switch $0 {
      case .working, .ending, .due: true
      case .absent, .gone: false
      }
    }
    if !isAnyAlive {
      isOver = true
      actions.append(left > .zero ? .raiseAlarm(unguarded: left) : .finish)
    }
    return actions
  }

  /// The orders of one placing have filled `filled` units in all, and are all final or not.
  public mutating func exitChanged(_ exit: Exit, filled: Quantity, isFinal: Bool) {
    let index = Int(exit.rawValue)
    switch conditions[index] {
    case .working(let ordered, let before):
      let filled = max(before, min(filled, ordered))
      if isFinal {
        settle(filled)
        conditions[index] = .gone
      } else {
        conditions[index] = .working(ordered: ordered, filled: filled)
      }
    case .ending(let ordered, let before):
      let filled = max(before, min(filled, ordered))
      if isFinal {
        settle(filled)
        conditions[index] = .due
      } else {
        conditions[index] = .ending(ordered: ordered, filled: filled)
      }
    case .absent, .due, .gone: break
    }
  }

  private mutating func settle(_ filled: Quantity) { settled = settled.adding(filled) ?? settled }
}
