package import OrderDomain
import Synchronization

/// A broker's gateway that answers what the test says, and remembers what it was asked.
package final class ScriptedBroker: BrokerGateway {
  private struct State {
    var outcomes: [CorrelationID: [PlacementOutcome]] = [:]
    var isHolding = false
    var held: [(id: CorrelationID, continuation: CheckedContinuation<PlacementOutcome, Never>)] = []
    var placed: [OrderRequest] = []
    var tokens: [Secret?] = []
    var cancelled: [BrokerOrderID] = []
    var cancelOutcome = CancelOutcome.requested
    var book: [OrderReport]? = []
    var unbookedTrades: [BrokerTrade]? = []
    var readCount = 0
    var sink: (@Sendable (OrderReport) -> Void)?
    var watchers: [(isSatisfied: @Sendable (Int, Int) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  package init() {}

  package var broker: Broker { .paper }
  /// Every order that was sent, in order; one that was sent twice stands here twice.
  package var placed: [OrderRequest] { state.withLock { $0.placed } }
  package var tokens: [Secret?] { state.withLock { $0.tokens } }
  package var cancelled: [BrokerOrderID] { state.withLock { $0.cancelled } }

  /// What the broker says to an order's first sending, its second, …; after that, and to all others: accepted.
  package func answer(_ id: CorrelationID, _ outcomes: PlacementOutcome...) {
    state.withLock { $0.outcomes[id] = outcomes }
  }

  package func answerCancels(_ outcome: CancelOutcome) { state.withLock { $0.cancelOutcome = outcome } }

  /// From now on no order is answered before ``release(_:)``.
  package func hold() { state.withLock { $0.isHolding = true } }

  package func release(_ outcome: PlacementOutcome? = nil) {
    let held = state.withLock { state in
      state.isHolding = false
      defer { state.held = [] }
      return state.held
    }
    for (id, continuation) in held {
      continuation.resume(returning: outcome ?? .accepted(ScriptedBroker.number(of: id)))
    }
  }

  /// What its order book holds; `nil` makes the book unreadable.
  package func setBook(_ book: [OrderReport]?) { state.withLock { $0.book = book } }
  /// What its trade book holds beyond its order book; `nil` makes it unreadable.
  package func setUnbookedTrades(_ trades: [BrokerTrade]?) { state.withLock { $0.unbookedTrades = trades } }
  package var readCount: Int { state.withLock { $0.readCount } }

  package static func number(of id: CorrelationID) -> BrokerOrderID { certain(BrokerOrderID("B-\(id)")) }

  /// Suspends until so many orders have been sent.
  package func placed(atLeast count: Int) async { await wait { placed, _ in placed >= count } }
  package func cancelled(atLeast count: Int) async { await wait { _, cancelled in cancelled >= count } }

  private func wait(_ isSatisfied: @escaping @Sendable (Int, Int) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if isSatisfied(state.placed.count, state.cancelled.count) { return true }
        state.watchers.append((isSatisfied, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  private func wake() {
    let ready = state.withLock { state in
      let (placed, cancelled) = (state.placed.count, state.cancelled.count)
      let ready = state.watchers.filter { $0.isSatisfied(placed, cancelled) }.map(\.continuation)
      state.watchers.removeAll { $0.isSatisfied(placed, cancelled) }
      return ready
    }
    for continuation in ready { continuation.resume() }
  }

  // MARK: BrokerGateway

  package func place(_ order: RiskApproved<OrderRequest>, token: Secret?) async -> PlacementOutcome {
    let request = order.subject
    let id = request.correlationID
    let isHolding = state.withLock { state in
      state.placed.append(request)
      state.tokens.append(token)
      return state.isHolding
    }
    if isHolding {
      return await withCheckedContinuation { continuation in
        state.withLock { $0.held.append((id, continuation)) }
        wake()
      }
    }
    let outcome = state.withLock { state in
      state.outcomes[id]?.isEmpty == false ? state.outcomes[id]?.removeFirst() : nil
    }
    wake()
    return outcome ?? .accepted(ScriptedBroker.number(of: id))
  }

  package func cancel(_ id: BrokerOrderID, token: Secret?) async -> CancelOutcome {
    let outcome = state.withLock { state in
      state.cancelled.append(id)
      return state.cancelOutcome
    }
    wake()
    return outcome
  }

  package func orderReports(token: Secret?, at now: Timestamp) async throws(BrokerReadFailure) -> [OrderReport] {
    let book = state.withLock { state in
      state.readCount += 1
      return state.book
    }
    guard let book else {
      throw .unreachable(Refusal(code: "broker.unreachable", cause: "the test says so", fix: "none"))
    }
    return book
  }

  package func unbookedTrades(token: Secret?) async throws(BrokerReadFailure) -> [BrokerTrade] {
    guard let trades = state.withLock({ $0.unbookedTrades }) else {
      throw .unreachable(Refusal(code: "broker.unreachable", cause: "the test says so", fix: "none"))
    }
    return trades
  }

  package func deliverReports(to sink: @escaping @Sendable (OrderReport) -> Void) async {
    state.withLock { $0.sink = sink }
  }
}
