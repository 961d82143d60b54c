package import OrderDomain

/// What the broker's own book says, against what is believed here.
extension OrderRouter {
  /// An order that may have to be sent again, and until when.
  struct Unproven: Sendable {
    let order: RiskApproved<OrderRequest>
    let deadline: Timestamp
  }

  /// At start: orders whose intent alone is in the journal may have left, and those that had left will not be answered any
  /// more; from here on they count as unknown.
  package func doubtUnsent(at now: Timestamp) {
    for order in state.live() where order.state == .created || order.state == .submitted {
      let id = order.request.correlationID
      if order.state == .created { receive(OrderReport(correlationID: id, transition: .submitted, at: now)) }
      receive(
        OrderReport(
          correlationID: id, transition: .outcomeLost,
          refusal: Refusal(
            code: "order.interrupted", cause: "the engine stopped before this order's outcome was known",
            fix: "nothing to do: the broker is asked for it"), at: now))
    }
  }

  /// Reads the broker's book once, believes what it shows, and draws from its silence what silence proves. Orders that are
  /// proven never to have been taken are sent again as long as they are valid.
  ///
  /// - Returns: whether the book could be read.
  package func reconcile() async -> Bool {
    let began = wallClock.now()
    let beganUptime = uptime()
    let gateway = gateway
    let book = await admission.read(deadline: callDeadline) { token throws(BrokerReadFailure) in
      try await gateway.orderReports(token: token, at: began)
    }
    guard case .success(let reports) = book else { return false }
    var shown: Set<CorrelationID> = []
    for report in reports {
      shown.insert(report.correlationID)
      absences.found(report.correlationID)
      if state.knows(report.correlationID) {
        receive(report)
      } else if state.noteForeign(report) {
        alarm(OrderRouter.foreign(report, account))
      }
    }
    let absent = state.live().filter { order in
      let id = order.request.correlationID
      return !shown.contains(id) && absences.missed(id, lastHeardOf: heard[id], readAt: beganUptime)
    }
    if !absent.isEmpty { await receiveAbsences(absent, readAt: beganUptime) }
    absences.keep { state.state($0)?.isFinal == false }
    await sendProvenAbsent()
    return true
  }

  /// A person has looked: the broker does not have this order of unknown outcome, and it is not sent again.
  package func settleAsAbsent(_ id: CorrelationID, _ words: Refusal, at now: Timestamp) {
    unproven[id] = nil
    receive(OrderReport(correlationID: id, transition: .provenAbsent, refusal: words, at: now))
    receive(OrderReport(correlationID: id, transition: .denied, refusal: words, at: now))
  }

  private static func foreign(_ report: OrderReport, _ account: AccountID) -> Refusal {
    let number = report.brokerOrderID.map { "\($0)" } ?? "without a number"
    return Refusal(
      code: "order.notInJournal",
      cause:
        "\(account) holds order \(number) under this engine's tag \(report.correlationID), of which its journal knows nothing",
      fix: "when its alert comes again, it is taken for its order and not sent again; otherwise see to it by hand")
  }

  /// The book's silence counts if the trades do not speak against it.
  private func receiveAbsences(_ absent: [Order], readAt time: Duration) async {
    let gateway = gateway
    let read = await admission.read(deadline: callDeadline) { token throws(BrokerReadFailure) in
      try await gateway.unbookedTrades(token: token)
    }
    guard case .success(let trades) = read else { return }
    for order in absent {
      let id = order.request.correlationID
      if let trade = trades.first(where: { $0.mayBe(of: order) }) {
        if contradicted.insert(id).inserted { alarm(OrderRouter.bookContradicted(order, trade)) }
      } else if heard[id].map({ $0 <= time }) ?? true {
        receiveAbsence(of: id, at: wallClock.now())
      }
    }
    contradicted = contradicted.filter { state.state($0)?.isFinal == false }
  }

  private static func bookContradicted(_ order: Order, _ trade: BrokerTrade) -> Refusal {
    Refusal(
      code: "order.bookContradicted",
      cause:
        "\(order.request.account)'s order book does not show order \(order.request.correlationID), and its trade book has "
        + "trade \(trade.id) of order \(trade.orderID), which may be this one and is not in the order book either",
      fix: "look at the broker whose trade that is, and say what became of the order; until then it is not sent again")
  }

  private func receiveAbsence(of id: CorrelationID, at now: Timestamp) {
    switch state.state(id) {
    case .unknown: receive(OrderReport(correlationID: id, transition: .provenAbsent, at: now))
    case .accepted, .partiallyFilled:
      receive(
        OrderReport(
          correlationID: id, transition: .cancelled,
          refusal: Refusal(
            code: "order.goneAtBroker", cause: "the broker no longer holds this order",
            fix: "send it again as a new alert if it is still wanted"), at: now))
    // A call that is under way will bring its own answer.
    case .created, .submitted, .filled, .denied, .rejected, .cancelled, .expired, nil: return
    }
  }

  private func sendProvenAbsent() async {
    var again: [Unproven] = []
    // In the order of their alerts as far as their deadlines tell it, and always in the same one.
    let waiting = unproven.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
    for (id, one) in waiting {
      switch state.state(id) {
      case .unknown: continue
      case .created:
        again.append(one)
        unproven[id] = nil
      case .submitted, .accepted, .partiallyFilled, .filled, .denied, .rejected, .cancelled, .expired, nil:
        unproven[id] = nil
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for one in again { group.addTask { _ = await self.route(one.order, deadline: one.deadline) } }
    }
  }
}

extension BrokerTrade {
  /// A trade so long before the order's last news is none of its: longer than any call takes, and than clocks differ.
  private static let age: Int64 = 300_000_000_000

  /// Whether the trade could be this order's, by all that it says of itself.
  fileprivate func mayBe(of order: Order) -> Bool {
    if let number = order.brokerOrderID { return orderID == number }
    let request = order.request
    if let instrument, instrument != request.instrument.key { return false }
    if let side, side != request.side { return false }
    if let at, at.adding(nanoseconds: BrokerTrade.age) < order.lastChange { return false }
    return quantity <= request.quantity
  }
}
