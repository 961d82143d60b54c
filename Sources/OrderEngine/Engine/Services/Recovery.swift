import Actors
import OrderDomain

/// What the journal says about the past, folded: which alerts are known, and where every order stands.
struct Recovery {
  struct RestoredAlert {
    let accepted: AcceptedAlert
    /// Orders whose terms were fixed later, by id.
    var intended: [CorrelationID: IntendedOrder] = [:]
  }

  private(set) var alerts: [AlertIdentity: RestoredAlert] = [:]
  private(set) var order: [AlertIdentity] = []
  private(set) var reports: [CorrelationID: [OrderReport]] = [:]
  private(set) var startCount = 0

  /// What each instrument was traded at last, by the fills of the orders that were reported.
  var lastPrices: [InstrumentKey: Price] {
    var last: [InstrumentKey: (time: Timestamp, price: Price)] = [:]
    for identity in order {
      guard let restored = alerts[identity] else { continue }
      for request in requests(of: restored) {
        guard let report = reports[request.correlationID]?.last(where: { $0.cumulativeFill != nil }),
          let fill = report.cumulativeFill, let average = Price(averageOf: fill.value, over: fill.quantity),
          let price = request.instrument.tickSize.round(average, .nearest), price > .zero
        else { continue }
        let key = request.instrument.key
        if last[key].map({ $0.time <= report.at }) ?? true { last[key] = (report.at, price) }
      }
    }
    return last.mapValues(\.price)
  }

  /// How many orders each account sent on that date: what a broker's limit for the day has counted.
  func sentCounts(on date: CalendarDate) -> [AccountID: Int] {
    var counts: [AccountID: Int] = [:]
    for restored in alerts.values {
      for request in requests(of: restored) {
        let sent =
          reports[request.correlationID]?.count { $0.transition == .submitted && $0.at.indianDate == date } ?? 0
        if sent > 0 { counts[request.account, default: 0] += sent }
      }
    }
    return counts
  }

  init(events: [(time: Timestamp, event: JournalEvent)]) {
    for (_, event) in events {
      switch event {
      case .engineStarted: startCount += 1
      case .alertAccepted(let accepted):
        alerts[accepted.identity] = RestoredAlert(accepted: accepted)
        order.append(accepted.identity)
      case .orderIntended(let intended): alerts[intended.alert]?.intended[intended.correlationID] = intended
      case .orderReported(let report): reports[report.correlationID, default: []].append(report)
      }
    }
  }

  /// Every order that was sent or may have been, as it was asked for.
  func requests(of restored: RestoredAlert) -> [OrderRequest] {
    var requests: [OrderRequest] = []
    let firstRank = restored.accepted.plan.legs.map(\.rank).min() ?? 0
    for leg in restored.accepted.plan.legs {
      for slice in leg.slices {
        if case .fixed(let type) = leg.pricing, leg.rank == firstRank || reports[slice.correlationID] != nil,
          restored.intended[slice.correlationID] == nil
        {
          requests.append(leg.request(slice.correlationID, type, slice.quantity))
        }
      }
      for intended in restored.intended.values.sorted(by: { $0.correlationID.attempt < $1.correlationID.attempt })
      where Int(intended.correlationID.leg) == leg.number {
        requests.append(leg.request(intended.correlationID, intended.type, intended.quantity))
      }
    }
    return requests
  }
}

extension Leg {
  fileprivate func request(_ id: CorrelationID, _ type: OrderType, _ quantity: Quantity) -> OrderRequest {
    OrderRequest(
      correlationID: id, account: account, instrument: instrument, side: side, type: type, quantity: quantity,
      product: product, validity: validity, isAfterMarket: isAfterMarket, isExit: role != .entry)
  }
}

extension OrderEngine {
  /// Puts the past in place, before the first alert is taken.
  func restore(_ recovery: Recovery, at now: Timestamp) async {
    for identity in recovery.order {
      guard let restored = recovery.alerts[identity] else { continue }
      let accepted = restored.accepted
      if accepted.rememberedUntil >= now {
        await parts.ledger.restore(
          identity, bodyDigest: accepted.bodyDigest, rememberedUntil: accepted.rememberedUntil)
      }
      history.add(
        AlertRecord(
          identity: identity, receivedAt: accepted.receivedAt, format: accepted.format, plan: accepted.plan,
          ignoredFields: []))
      for request in recovery.requests(of: restored) {
        guard let router = accounts[request.account]?.router else { continue }
        let reports = recovery.reports[request.correlationID] ?? []
        for change in await router.restore(request, reports: reports, createdAt: accepted.receivedAt) {
          await parts.positions.add(request, filled: change.filled, value: change.value)
        }
      }
    }
  }

  /// Asks each broker about every order that the journal leaves open, then takes up what was cut off. No new order leaves
  /// before each broker that has open orders has shown its book once; what that leaves unproven stays unknown, and is
  /// asked for again while the engine runs. Ends early, and says so, when its task is cancelled.
  func reconcile(_ recovery: Recovery) async -> Bool {
    for account in parts.accounts {
      await account.router.doubtUnsent(at: parts.wallClock.now())
      var pause = Duration.seconds(1)
      while await account.router.liveCount > 0, await !account.router.reconcile() {
        parts.alarm(
          Refusal(
            code: "broker.bookUnreadable",
            cause: "the order book of account \(account.id) cannot be read, and orders of before the start are open",
            fix: "look at the broker's status and the token; alerts are answered 503 until it can"))
        do { try await parts.sleep(pause) } catch { return false }
        pause = min(pause * 2, .seconds(30))
      }
    }
    for identity in recovery.order {
      guard let plan = recovery.alerts[identity]?.accepted.plan, await hasOpenWork(plan) else { continue }
      let approved = parts.riskGate.reinstate(plan)
      start { await $0.execute(approved) }
    }
    return true
  }

  private func hasOpenWork(_ plan: ExecutionPlan) async -> Bool {
    for leg in plan.legs {
      guard let router = accounts[leg.account]?.router else { continue }
      for order in await router.latestOrders(of: leg.slices.map(\.correlationID)) where !order.state.isFinal {
        return true
      }
    }
    return false
  }
}
