package import OrderDomain

/// Sends one account's orders and knows what became of them. One per account, so that a slow broker delays only itself.
package actor OrderRouter {
  /// Told of every change, in order, on the router's executor.
  package typealias ChangeSink = @Sendable (OrderChange) -> Void

  package nonisolated let account: AccountID
  private let executor: any SerialExecutor
  let gateway: any BrokerGateway
  let admission: any OrderAdmission
  let wallClock: any WallClock
  private let sink: ChangeSink
  private let cancelSent: @Sendable (SentCancel) -> Void
  private let stages: StageTimes
  let alarm: @Sendable (Refusal) -> Void
  var state = OrderRouterState()
  /// Orders whose outcome is unknown, by which they can be sent again once the broker has proven that it has none.
  var unproven: [CorrelationID: Unproven] = [:]
  /// Orders of unknown outcome that are not wanted any more, and why: if the broker does not have one, that is its end.
  private var unwanted: [CorrelationID: Refusal] = [:]
  var absences: AbsenceProof
  /// Orders that the order book does not show and the trades may: a person has been told.
  var contradicted: Set<CorrelationID> = []
  /// A clock that never jumps, for what time alone proves.
  let uptime: @Sendable () -> Duration
  /// When each live order was last heard of in this life.
  var heard: [CorrelationID: Duration] = [:]
  private var observers: [CorrelationID: [Observer]] = [:]
  private var nextObserver: UInt64 = 0
  /// Orders whose permit or answer is being waited for.
  package private(set) var sendingCount = 0
  /// Reports that fit no order here, or contradict one: a person should look when this grows.
  package private(set) var strangeReportCount: UInt64 = 0

  private struct Observer {
    let id: UInt64
    let continuation: AsyncStream<Order>.Continuation
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  /// - Parameter absenceInterval: how far apart two readings of the broker's book must be to prove by their silence that it
  ///   does not have an order; none for a broker that cannot lag behind itself.
  /// - Parameter cancelSent: told of each cancel as it leaves, on the router's executor.
  package init(
    executor: any SerialExecutor, account: AccountID, gateway: any BrokerGateway, admission: any OrderAdmission,
    wallClock: any WallClock, stages: StageTimes, absenceInterval: Duration = .zero,
    uptime: (@Sendable () -> Duration)? = nil,
    sink: @escaping ChangeSink, cancelSent: @escaping @Sendable (SentCancel) -> Void = { _ in },
    alarm: @escaping @Sendable (Refusal) -> Void = { _ in }
  ) {
    self.executor = executor
    self.account = account
    self.gateway = gateway
    self.admission = admission
    self.wallClock = wallClock
    self.stages = stages
    absences = AbsenceProof(interval: absenceInterval)
    self.uptime = uptime ?? { .nanoseconds(wallClock.now().nanoseconds) }
    self.sink = sink
    self.cancelSent = cancelSent
    self.alarm = alarm
  }

  package func order(_ id: CorrelationID) -> Order? { state.order(id) }
  package func knows(_ id: CorrelationID) -> Bool { state.knows(id) }
  package func orders() -> [Order] { state.all() }
  package func orders(_ ids: [CorrelationID]) -> [Order] { ids.compactMap { state.order($0) } }

  /// For each slice the order that was sent last under it: exits that were sized anew carry a later attempt.
  package func latestOrders(of leg: Leg) -> [Order] {
    leg.slices.compactMap { state.latestOrder(of: $0.correlationID) }
  }

  package func isFrozen(_ instrument: InstrumentKey) -> Bool { state.isFrozen(instrument) }
  package var liveCount: Int { state.liveCount }

  // MARK: Sending

  /// Takes the order in without sending it, so that it can be asked for from the moment its alert is answered.
  package func register(_ approved: RiskApproved<OrderRequest>) { admit(approved.subject) }

  /// An order that the broker has already, although the journal had lost it, is that order: it is not sent again.
  private func admit(_ request: OrderRequest) {
    guard state.register(request, at: wallClock.now()), let report = state.takeForeign(request.correlationID) else {
      return
    }
    receive(report)
  }

  /// Sends the order and returns once the broker has answered, or it is certain that nobody will: then its state is
  /// `unknown`. An order that was sent before is not sent again. ``order(_:)`` tells what became of it.
  package func route(_ approved: RiskApproved<OrderRequest>, deadline: Timestamp) async {
    let request = approved.subject
    let id = request.correlationID
    precondition(request.account == account, "an order goes to its own account")
    admit(request)
    guard state.state(id) == .created else {
      if state.state(id) == .unknown { unproven[id] = Unproven(order: approved, deadline: deadline) }
      return
    }

    sendingCount += 1
    defer { sendingCount -= 1 }
    var began = stages.now
    var attempt = 1
    var hasRenewedToken = false
    while true {
      var permit: OrderPermit
      let admitted = await admission.admit(request.isExit ? .exit : .entry, deadline: deadline)
      switch consume admitted {
      case .admitted(let granted): permit = granted
      case .expired(let refusal): return end(request, .expired, refusal)
      case .denied(let refusal): return end(request, .denied, refusal)
      case .parked: return
      }
      // Another task may have sent it, or ended it, while this one waited for its permits.
      guard state.state(id) == .created else {
        admission.finish(permit, .notSent)
        return
      }
      admission.depart(&permit)
      receive(OrderReport(correlationID: id, transition: .submitted, at: wallClock.now()))
      began = stages.end(.permitted, since: began)
      let outcome = await gateway.place(approved, token: permit.token)
      began = stages.end(.acknowledged, since: began)
      admission.finish(permit, PlacementClass(outcome))
      switch outcome {
      case .accepted(let brokerID):
        return receive(
          OrderReport(correlationID: id, transition: .accepted, brokerOrderID: brokerID, at: wallClock.now()))
      case .rejected(let refusal, let brokerID):
        return receive(
          OrderReport(
            correlationID: id, transition: .rejected, brokerOrderID: brokerID, refusal: refusal, at: wallClock.now()))
      case .unknown(let refusal):
        receive(OrderReport(correlationID: id, transition: .outcomeLost, refusal: refusal, at: wallClock.now()))
        if state.state(id) == .unknown { unproven[id] = Unproven(order: approved, deadline: deadline) }
        return
      case .tokenRefused(let refusal):
        receive(OrderReport(correlationID: id, transition: .notSent, at: wallClock.now()))
        if hasRenewedToken { return end(request, .denied, refusal) }
        hasRenewedToken = true
      case .rateLimited:
        receive(OrderReport(correlationID: id, transition: .notSent, at: wallClock.now()))
      case .denied(let refusal):
        receive(OrderReport(correlationID: id, transition: .notSent, at: wallClock.now()))
        return end(request, .denied, refusal)
      case .notSent(let refusal):
        receive(OrderReport(correlationID: id, transition: .notSent, at: wallClock.now()))
        attempt += 1
        if attempt > OrderRouter.attemptLimit { return end(request, .denied, refusal) }
        if await !admission.waitBeforeRetry(attempt: attempt, deadline: deadline) {
          return end(request, .expired, refusal)
        }
      }
    }
  }

  /// Sends of one order of which certainly nothing left, at most.
  package static let attemptLimit = 3

  package static let withdrawn = Refusal(
    code: "order.withdrawn", cause: "the order was not wanted any more before it left for the broker",
    fix: "nothing to do: nothing was sent")

  /// Asks the broker to cancel; the order's end is reported like any other change. One that has not left is denied, and one
  /// whose outcome is unknown is not sent again if the broker turns out not to have it.
  package func cancel(_ id: CorrelationID) async -> CancelOutcome {
    guard let order = state.order(id), let brokerID = order.brokerOrderID else {
      withdraw(id, OrderRouter.withdrawn)
      if state.state(id)?.isFinal == true { return .requested }
      return .refused(
        Refusal(
          code: "order.notAtBroker", cause: "the broker has not numbered this order yet",
          fix: "wait for its acknowledgement, then cancel"))
    }
    if order.state.isFinal {
      return .refused(
        Refusal(
          code: "order.final", cause: "the order is \(order.state.code) already", fix: "nothing is left to cancel"))
    }
    var permit: OrderPermit
    let admitted = await admission.admit(.cancel, deadline: callDeadline)
    switch consume admitted {
    case .admitted(let granted): permit = granted
    case .expired(let refusal): return .unsent(refusal)
    case .denied(let refusal): return .unsent(refusal)
    case .parked: return .unsent(OrderRouter.stopping)
    }
    admission.depart(&permit)
    cancelSent(SentCancel(correlationID: id, at: wallClock.now()))
    let outcome = await gateway.cancel(brokerID, token: permit.token)
    admission.finish(permit, PlacementClass(outcome))
    return outcome
  }

  /// Until when a call that is not an order may wait for its permits.
  var callDeadline: Timestamp { wallClock.now().adding(nanoseconds: 10_000_000_000) }

  private static let stopping = Refusal(
    code: "engine.stopping", cause: "the engine is stopping", fix: "ask again after the restart")

  /// The order is not needed any more: one that has not left ends here, and one whose outcome is unknown ends when the
  /// broker has proven that it does not have it. What the broker has must be cancelled.
  package func withdraw(_ id: CorrelationID, _ refusal: Refusal) {
    switch state.state(id) {
    case .created:
      receive(OrderReport(correlationID: id, transition: .denied, refusal: refusal, at: wallClock.now()))
    case .unknown where state.order(id)?.brokerOrderID == nil:
      unproven[id] = nil
      unwanted[id] = refusal
    case .submitted, .unknown, .accepted, .partiallyFilled, .filled, .denied, .rejected, .cancelled, .expired, nil:
      break
    }
  }

  // MARK: News

  /// Counts a report, from whichever way it came.
  package func receive(_ report: OrderReport) {
    switch state.receive(report) {
    case .known: return
    case .foreign, .contradiction: strangeReportCount += 1
    case .changed(let order, let filled, let value):
      heard[report.correlationID] = order.state.isFinal ? nil : uptime()
      sink(OrderChange(report: report, order: order, filled: filled, value: value))
      for observer in observers[report.correlationID] ?? [] { observer.continuation.yield(order) }
      if order.state != .unknown, let refusal = unwanted.removeValue(forKey: report.correlationID) {
        withdraw(report.correlationID, refusal)
      }
    }
  }

  /// At start, from the journal: the order as it was, told to no sink. Returns what its reports filled.
  package func restore(
    _ request: OrderRequest, reports: [OrderReport], createdAt: Timestamp
  ) -> [(filled: Quantity, value: Money)] {
    _ = state.register(request, at: createdAt)
    var fills: [(filled: Quantity, value: Money)] = []
    for report in reports {
      if case .changed(_, let filled, let value) = state.receive(report), filled > .zero {
        fills.append((filled, value))
      }
    }
    return fills
  }

  package func liveOrders() -> [Order] { state.live() }

  /// Runs `body` with a stream of the orders as they are now, and then of every change of one of them. The stream is as
  /// long as the orders' lives, which are finite: every change moves a state forward or adds to a fill.
  package func observing<Result: Sendable>(
    _ ids: [CorrelationID], _ body: @Sendable (AsyncStream<Order>) async -> Result
  ) async -> Result {
    let (stream, continuation) = AsyncStream.makeStream(of: Order.self)
    let observer = Observer(id: nextObserver, continuation: continuation)
    nextObserver += 1
    for id in ids {
      observers[id, default: []].append(observer)
      if let order = state.order(id) { continuation.yield(order) }
    }
    let result = await body(stream)
    removeObserver(observer.id, of: ids)
    return result
  }

  private func removeObserver(_ observer: UInt64, of ids: [CorrelationID]) {
    for id in ids {
      observers[id]?.removeAll { $0.id == observer }
      if observers[id]?.isEmpty == true { observers[id] = nil }
    }
  }

  private func end(_ request: OrderRequest, _ transition: OrderTransition, _ refusal: Refusal) {
    receive(
      OrderReport(
        correlationID: request.correlationID, transition: transition, refusal: refusal, at: wallClock.now()))
  }
}

/// One change of one order, with what it newly filled.
package struct OrderChange: Sendable {
  package let report: OrderReport
  package let order: Order
  package let filled: Quantity
  package let value: Money
}
