public import OrderDomain

/// The orders of one account: which are live, which ended lately, and which instruments must take no new entry.
public struct OrderRouterState: Sendable {
  /// What became of a report.
  public enum Reception: Sendable {
    /// Nobody here asked for this order: a tag of ours from before, or somebody else's order.
    case foreign
    /// Nothing new.
    case known
    case changed(Order, filled: Quantity, value: Money)
    /// It contradicts what was proven before.
    case contradiction(Order)
  }

  /// Ended orders that can still be asked for; older ones are in the journal.
  public static let endedLimit = 10_000

  private var orders: [CorrelationID: Order] = [:]
  private var ended: [CorrelationID] = []
  private var endedHead = 0
  /// What the broker's book says of orders under tags of our making that nobody here asked for: a journal that lost its
  /// end. When their alert comes again, they are its orders.
  private var foreign: [CorrelationID: OrderReport] = [:]
  private var unknownCounts: [InstrumentKey: Int] = [:]
  public private(set) var liveCount = 0

  public init() {}

  /// Takes an order in; `false` when one with its id is here already: then nothing is sent.
  public mutating func register(_ request: OrderRequest, at now: Timestamp) -> Bool {
    guard !knows(request.correlationID) else { return false }
    orders[request.correlationID] = Order(request, createdAt: now)
    liveCount += 1
    return true
  }

  /// Foreign orders that are remembered; a book with more is somebody else's doing.
  public static let foreignLimit = 1_000

  /// Remembers what the broker holds under a tag of ours that is not known here. Returns whether that is new. Once orders
  /// of long ago have been let go of, one of those cannot be told from a foreign one, and nothing is said.
  public mutating func noteForeign(_ report: OrderReport) -> Bool {
    guard !knows(report.correlationID), ended.count < OrderRouterState.endedLimit else { return false }
    let isNew = foreign[report.correlationID] == nil
    guard !isNew || foreign.count < OrderRouterState.foreignLimit else { return false }
    foreign[report.correlationID] = report
    return isNew
  }

  /// What the broker holds already of an order that is asked for here for the first time.
  public mutating func takeForeign(_ id: CorrelationID) -> OrderReport? { foreign.removeValue(forKey: id) }

  public func order(_ id: CorrelationID) -> Order? { orders[id] }

  public func knows(_ id: CorrelationID) -> Bool { orders.index(forKey: id) != nil }

  /// The order's state, without a copy of the order.
  public func state(_ id: CorrelationID) -> OrderState? { orders.index(forKey: id).map { orders.values[$0].state } }

  /// The order with the highest attempt among those that share this id's alert, leg and slice.
  public func latestOrder(of id: CorrelationID) -> Order? {
    var latest = orders[id]
    var next = id
    while let later = next.followingAttempt, let order = orders[later] {
      latest = order
      next = later
    }
    return latest
  }

  /// Whether an order on this instrument has no proven outcome: no entry is sent until it has.
  public func isFrozen(_ instrument: InstrumentKey) -> Bool { unknownCounts[instrument] != nil }

  public mutating func receive(_ report: OrderReport) -> Reception {
    guard let place = orders.index(forKey: report.correlationID) else { return .foreign }
    let (before, effect, order) = OrderRouterState.apply(report, to: &orders.values[place])
    count(order, from: before)
    switch effect {
    case .none: return .known
    case .contradiction: return .contradiction(order)
    case .changed(let filled, let value): return .changed(order, filled: filled, value: value)
    }
  }

  /// In place: each reading of a dictionary's value is a copy of it.
  private static func apply(
    _ report: OrderReport, to order: inout Order
  ) -> (before: OrderState, effect: Order.Effect, order: Order) {
    let before = order.state
    let effect = order.apply(report)
    return (before, effect, order)
  }

  /// All that are here, live ones and lately ended ones, in the order of their ids.
  public func all() -> [Order] { OrderRouterState.inOrder(Array(orders.values)) }

  /// Asked for each second while orders are open: the ended ones are left out before anything is sorted.
  public func live() -> [Order] { OrderRouterState.inOrder(orders.values.filter { !$0.state.isFinal }) }

  private static func inOrder(_ orders: [Order]) -> [Order] {
    orders.sorted { $0.request.correlationID < $1.request.correlationID }
  }

  private mutating func count(_ order: Order, from before: OrderState) {
    let instrument = order.request.instrument.key
    switch (before == .unknown, order.state == .unknown) {
    case (false, true): unknownCounts[instrument, default: 0] += 1
    case (true, false):
      let rest = (unknownCounts[instrument] ?? 1) - 1
      unknownCounts[instrument] = rest > 0 ? rest : nil
    case (true, true), (false, false): break
    }
    switch (before.isFinal, order.state.isFinal) {
    case (false, true):
      liveCount -= 1
      keepEnded(order.request.correlationID)
    case (true, false), (true, true), (false, false): break
    }
  }

  /// A ring of the ids that ended last; what falls out of it is let go.
  private mutating func keepEnded(_ id: CorrelationID) {
    guard ended.count == OrderRouterState.endedLimit else {
      ended.append(id)
      return
    }
    orders[ended[endedHead]] = nil
    ended[endedHead] = id
    endedHead = (endedHead + 1) % OrderRouterState.endedLimit
  }
}
