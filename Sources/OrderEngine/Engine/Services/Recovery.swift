import Actors
import OrderDomain

extension OrderEngine {
  /// Puts the past in place, before the first alert is taken.
  func restore(_ past: JournalFold, at now: Timestamp) async {
    for alert in past.remembered where alert.until >= now {
      await parts.ledger.restore(
        alert.key, alert: alert.identity, bodyDigest: alert.bodyDigest, rememberedUntil: alert.until)
    }
    let window = parts.live.settings.keyedWindowSeconds * 1_000_000_000
    door.restore(
      past.keptAlerts.map { (body: $0.accepted.bodyDigest, at: $0.accepted.receivedAt) }
        + past.remembered.map { (body: $0.bodyDigest, at: $0.until.adding(nanoseconds: -window)) }, at: now)
    for position in past.positions { await parts.positions.restore(position) }
    for alert in past.keptAlerts {
      let accepted = alert.accepted
      if accepted.rememberedUntil >= now {
        await parts.ledger.restore(
          accepted.key, alert: accepted.identity, bodyDigest: accepted.bodyDigest,
          rememberedUntil: accepted.rememberedUntil)
      }
      history.add(
        AlertRecord(
          identity: accepted.identity, receivedAt: accepted.receivedAt, format: accepted.format, plan: accepted.plan,
          ignoredFields: []))
      for (request, reports) in alert.requestsWithReports() {
        guard let router = accounts[request.account]?.router else { continue }
        for change in await router.restore(request, reports: reports, createdAt: accepted.receivedAt) {
          await parts.positions.add(request, filled: change.filled, value: change.value)
        }
      }
    }
  }

  /// Asks each broker about every order that the journal leaves open, then takes up what was cut off. No new order leaves
  /// before each broker that has open orders has shown its book once; what that leaves unproven stays unknown, and is
  /// asked for again while the engine runs. Ends early, and says so, when its task is cancelled.
  func reconcile(_ past: JournalFold) async -> Bool {
    // A power cut may have kept from the journal what had left: the books say so before an alert comes again. A start is
    // durable before its first alert is taken, so a journal without one has lost nothing.
    let isBookNeeded = await parts.journal.durability == .overlapped && past.startCount > 0
    let today = parts.wallClock.now().indianDate
    await doubtLaterLegs(past, today)
    var open: Set<AlertIdentity> = []
    for alert in past.keptAlerts where await orderStates(of: alert.accepted.plan).contains(where: { !$0.isFinal }) {
      open.insert(alert.accepted.identity)
    }
    for account in parts.accounts {
      await account.router.doubtUnsent(at: parts.wallClock.now())
      var pause = Duration.seconds(1)
      while true {
        if await account.router.liveCount == 0, !isBookNeeded { break }
        if await account.router.reconcile() { break }
        parts.alarm(
          Refusal(
            code: "broker.bookUnreadable",
            cause: "the order book of account \(account.id) cannot be read, and orders of before the start may be open",
            fix: "look at the broker's status and the token; alerts are answered 503 until it can"))
        do { try await parts.sleep(pause) } catch { return false }
        pause = min(pause * 2, .seconds(30))
      }
    }
    for alert in past.keptAlerts {
      let plan = alert.accepted.plan
      let states = await orderStates(of: plan)
      let isOfToday = alert.accepted.receivedAt.indianDate >= today
      let unsent = await unsentLegs(plan)
      let unguarded = await unguardedEntries(plan)
      guard states.contains(where: { !$0.isFinal }) || isOfToday && !(unsent.isEmpty && unguarded.isEmpty) else {
        for leg in unsent { history.endLeg(leg.number, of: plan.alert, RecoveryRefusals.interrupted) }
        // What had ended before this start has been told before it.
        for (entry, quantity) in unguarded
        where open.contains(plan.alert) || unsent.contains(where: { $0.guards(entry) }) {
          parts.alarm(MultiLegExecutor.unguarded(quantity, entry))
        }
        continue
      }
      let approved = live.riskGate.reinstate(plan)
      let isUnsent = states.allSatisfy { $0 == .created }
      enterLanes(plan)
      start { await $0.execute(approved, takesTurn: isUnsent) }
    }
    return true
  }

  /// Of a leg that waits for an earlier one the journal may have lost the last word, that it has left: its orders are asked
  /// for like those that certainly were about to.
  private func doubtLaterLegs(_ past: JournalFold, _ today: CalendarDate) async {
    for alert in past.keptAlerts where alert.accepted.receivedAt.indianDate >= today {
      let plan = alert.accepted.plan
      for leg in await unsentLegs(plan) where leg.entryNumber == nil {
        guard await mayHaveCome(leg, in: plan) else { continue }
        guard let router = accounts[leg.account]?.router else { continue }
        for slice in leg.slices {
          guard let order = live.riskGate.reinstate(plan).order(leg: leg, slice: slice) else { continue }
          _ = await router.restore(order.subject, reports: [], createdAt: alert.accepted.receivedAt)
        }
      }
    }
  }

  /// Whether each leg that goes before this one has filled, or may have filled since the journal's last word on it.
  private func mayHaveCome(_ leg: Leg, in plan: ExecutionPlan) async -> Bool {
    for earlier in plan.legs where earlier.rank < leg.rank {
      let orders = await orders(earlier)
      if orders.isEmpty || orders.contains(where: { $0.state.isFinal && $0.state != .filled }) { return false }
    }
    return true
  }

  private func orderStates(of plan: ExecutionPlan) async -> [OrderState] {
    var states: [OrderState] = []
    for leg in plan.legs { states += await orders(leg).map(\.state) }
    return states
  }

  /// Legs whose turn had not come, or not wholly: an exit is cut anew, by what its entry has filled, and may need fewer
  /// orders than were planned.
  private func unsentLegs(_ plan: ExecutionPlan) async -> [Leg] {
    var legs: [Leg] = []
    for leg in plan.legs {
      let count = await orders(leg).count
      if count == 0 || leg.role == .entry && count < leg.slices.count { legs.append(leg) }
    }
    return legs
  }

  /// Entries of a bracket that have filled more than their exits, of whom none works any more, and by how much.
  private func unguardedEntries(_ plan: ExecutionPlan) async -> [(entry: Leg, open: Quantity)] {
    guard plan.style == .bracket else { return [] }
    var found: [(Leg, Quantity)] = []
    for entry in plan.legs where entry.role == .entry {
      guard let router = accounts[entry.account]?.router else { continue }
      var open = await orders(entry).reduce(0) { $0 + $1.filledQuantity.units }
      let exits = plan.legs.filter { $0.role != .entry && $0.guards(entry) }
      for order in await router.orders(exits.flatMap { MultiLegExecutor.exitIDs($0, of: plan.alert) }) {
        open -= order.filledQuantity.units
      }
      if !exits.isEmpty, open > 0, let quantity = Quantity(open) { found.append((entry, quantity)) }
    }
    return found
  }

  private func orders(_ leg: Leg) async -> [Order] {
    await accounts[leg.account]?.router.latestOrders(of: leg) ?? []
  }
}

enum RecoveryRefusals {
  static let interrupted = Refusal(
    code: "plan.interrupted", cause: "the engine stopped before this leg's turn came, and the day is over",
    fix: "look at what the other legs have left open, and send a new alert if this one is still wanted")
}
