/// The exits of one entry: one cancels the other, and together they never ask for more than is left of what the entry
/// filled, but for the moment in which a cancel races a fill at the exchange.
public struct BracketState: Equatable, Sendable {
  public enum Exit: UInt8, Hashable, Sendable, CaseIterable { case stop, target }

  public enum Action: Equatable, Sendable {
    case place(Exit, Quantity)
    case cancel(Exit)
    /// The broker does not work so much of this exit, and it is not placed again: a person must look.
    case tellMissing(Exit, Quantity)
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
    /// `filled` units of it have filled, and `open` more may still.
    case working(open: Quantity, filled: Quantity)
    /// The same, asked to end because it asks for more than is left.
    case ending(open: Quantity, filled: Quantity)
    /// Refused, or ended by somebody else: not placed again.
    case gone
  }

  /// How one placing of an exit stands: its slices taken together.
  public struct Standing: Equatable, Sendable {
    /// Why a placing works no more.
    public enum End: Equatable, Sendable {
      /// The engine itself took it back before it left: it is placed anew for whatever is left.
      case withdrawn
      /// Cancelled, by the engine or by a person.
      case cancelled
      /// All filled, refused, or ended by the broker.
      case ended
    }

    public let ordered: Quantity
    public let filled: Quantity
    /// What was refused or ended by the broker without having filled.
    public let lost: Quantity
    /// `nil` while anything of it may still fill.
    public let end: End?

    public init(ordered: Quantity, filled: Quantity, lost: Quantity = .zero, end: End?) {
      self.ordered = ordered
      self.filled = min(filled, ordered)
      self.lost = lost
      self.end = end
    }

    /// What was neither filled nor lost: it may still fill, or was cancelled.
    fileprivate var rest: Quantity { Quantity(max(0, ordered.units - filled.units - lost.units)) ?? .zero }
  }

  private let entryFilled: Quantity
  private var conditions: [Condition]
  /// What ended placings have filled.
  private var settled = Quantity.zero
  /// What is lost of the last placing of each exit, and whether a person was told.
  private var losses = [Loss](repeating: Loss(), count: Exit.allCases.count)
  private var isOver = false

  private struct Loss: Equatable, Sendable {
    var quantity = Quantity.zero
    var isTold = true
  }

  public init(entryFilled: Quantity, hasStop: Bool, hasTarget: Bool) {
    self.entryFilled = entryFilled
    conditions = [hasStop ? .due : .absent, hasTarget ? .due : .absent]
  }

  /// An earlier life has placed this exit, and its earlier placings have filled so much; how the last one stands comes
  /// with ``exitsStand(_:)``, before anything is done.
  public mutating func resume(_ exit: Exit, settled quantity: Quantity) {
    conditions[Int(exit.rawValue)] = .working(open: .zero, filled: .zero)
    settled = settled.adding(quantity) ?? settled
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
          conditions[index] = .working(open: left, filled: .zero)
          losses[index] = Loss()
          actions.append(.place(exit, left))
        } else {
          conditions[index] = .gone
        }
      case .working(let open, let filled):
        if open > left {
          conditions[index] = .ending(open: open, filled: filled)
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
    if isAnyAlive {
      actions += untoldLosses(left)
    } else {
      isOver = true
      actions.append(left > .zero ? .raiseAlarm(unguarded: left) : .finish)
    }
    return actions
  }

  private mutating func untoldLosses(_ left: Quantity) -> [Action] {
    var actions: [Action] = []
    for exit in Exit.allCases where !losses[Int(exit.rawValue)].isTold {
      losses[Int(exit.rawValue)].isTold = true
      let missing = min(losses[Int(exit.rawValue)].quantity, left)
      if missing > .zero { actions.append(.tellMissing(exit, missing)) }
    }
    return actions
  }

  /// How the placings of the exits stand now: those that are known, at once, because what one has filled decides what the
  /// end of the other means.
  public mutating func exitsStand(_ standings: [Exit: Standing]) {
    var ends: [(Exit, Standing.End, rest: Quantity)] = []
    for exit in Exit.allCases {
      guard let standing = standings[exit] else { continue }
      let index = Int(exit.rawValue)
      let isEnding: Bool
      let before: Quantity
      switch conditions[index] {
      case .working(_, let filled): (isEnding, before) = (false, filled)
      case .ending(_, let filled): (isEnding, before) = (true, filled)
      case .absent, .due, .gone: continue
      }
      let filled = max(before, standing.filled)
      conditions[index] =
        isEnding ? .ending(open: standing.rest, filled: filled) : .working(open: standing.rest, filled: filled)
      // One that is asked to end is placed anew, with what was lost of it.
      if !isEnding, standing.lost > losses[index].quantity {
        losses[index] = Loss(quantity: standing.lost, isTold: false)
      }
      if let end = standing.end { ends.append((exit, isEnding ? .withdrawn : end, standing.rest)) }
    }
    let left = residual
    for (exit, end, rest) in ends {
      let index = Int(exit.rawValue)
      switch conditions[index] {
      case .working(_, let filled), .ending(_, let filled): settled = settled.adding(filled) ?? settled
      case .absent, .due, .gone: continue
      }
      switch end {
      case .withdrawn: conditions[index] = .due
      // After a restart nobody remembers who cancelled it. One that asked for too much was cancelled for that.
      case .cancelled: conditions[index] = rest > left ? .due : .gone
      case .ended: conditions[index] = .gone
      }
    }
  }
}
