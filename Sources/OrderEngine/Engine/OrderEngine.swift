package import Actors
package import OrderDomain

/// Takes alerts in and carries them out: authenticated, new, planned, approved, durable, answered, sent, in this order.
package actor OrderEngine {
  let parts: EngineParts
  let accounts: [AccountID: EngineAccount]
  /// What the settings say now.
  private(set) var live: LiveSettings
  var history = AlertHistory()
  var counters = EngineCounters()
  var door: WebhookDoor
  private let lanes: AlertLanes
  /// Orders of an alert's first legs that the broker has not answered yet: until then the next in its lane waits.
  private var unanswered: [AlertIdentity: Int] = [:]
  private var work: [UInt64: Task<Void, Never>] = [:]
  private var nextWork: UInt64 = 0
  /// Alerts that are being written to the journal.
  private var journalingCount = 0
  private var drained: [CheckedContinuation<Void, Never>] = []
  private(set) var isDraining = false
  private var isStopping = false
  private(set) var isReady = false
  private var listeners: [UInt64: @Sendable (EngineNews) -> Void] = [:]

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the engine itself keeps the executor alive.
    unsafe parts.executor.asUnownedSerialExecutor()
  }

  package init(parts: EngineParts) {
    self.parts = parts
    accounts = Dictionary(uniqueKeysWithValues: parts.accounts.map { ($0.id, $0) })
    live = parts.live
    lanes = AlertLanes(executor: parts.executor)
    door = WebhookDoor(parts.live.settings.door, rateLimit: parts.live.settings.webhookRateLimit)
  }

  /// Puts other settings in force, once the journal has the change: alerts that come from now on meet them, and those that
  /// are accepted already are carried out as they were.
  package func apply(_ settings: LiveSettings, _ change: ConfigurationChange) async throws(Refusal) {
    do throws(JournalFailure) {
      try await parts.journal.commit(.configurationChanged(change))
    } catch {
      throw error.refusal
    }
    // Counts go on unless what is counted is another thing now.
    let limit = settings.settings.webhookRateLimit
    if limit != live.settings.webhookRateLimit {
      door.limit(to: limit)
    } else if settings.strategies.names != live.strategies.names {
      door.limitSecrets(to: limit)
    }
    live = settings
  }

  // MARK: The way of one alert

  /// Decides at once what can be decided at once; `reply` is called exactly once, now or after the journal's commit.
  package func receive(_ delivery: AlertDelivery, reply: @escaping @Sendable (EngineReply) -> Void) {
    let began = parts.stages.now
    let now = parts.wallClock.now()
    counters.received += 1
    if let refusal = admissionRefusal {
      return reply(.refused(503, [refusal], retryAfterSeconds: 2))
    }
    // The secret first: who does not know it learns nothing about what else was wrong.
    var read: Result<Alert, AlertError>?
    guard let bearer = welcome(delivery, &read, at: now, uptime: began, reply) else { return }
    let parsed = read ?? OrderEngine.parse(delivery.body)
    switch parsed {
    case .failure(let error):
      counters.refused += 1
      publish(.refused([Refusal(error)]))
      reply(.refused(error.kind == .notJSON ? 400 : 422, [Refusal(error)]))
    case .success(let alert):
      take(alert, of: bearer, delivery, at: now, began: began, reply)
    }
  }

  /// Why no alert can be taken at all, if so: nothing is journaled then, and the sender may try again.
  private var admissionRefusal: Refusal? {
    if isDraining { return EngineRefusals.stopping }
    if !isReady { return EngineRefusals.starting }
    return parts.journal.here { $0.failure }
  }

  private func take(
    _ received: Alert, of bearer: StrategyTable.Bearer, _ delivery: AlertDelivery, at now: Timestamp, began: Uptime,
    _ reply: @escaping @Sendable (EngineReply) -> Void
  ) {
    var alert = received
    if let strategy = delivery.strategy ?? alert.strategy ?? bearer.strategy { alert.strategy = strategy }
    let strategy = live.strategies[alert.strategy]
    if let strategy { alert.adopt(strategy) }
    let key = delivery.idempotencyKey ?? alert.alertID
    let bodyDigest = AlertIdentity(sha256Of: delivery.body)
    let isKeyed = key != nil || alert.firedAt != nil
    let window = isKeyed ? live.settings.keyedWindowSeconds : live.settings.unkeyedWindowSeconds
    let rememberedUntil = now.adding(nanoseconds: window * 1_000_000_000)
    let known =
      key.map { AlertIdentity(key: $0, strategy: alert.strategy) } ?? bodyDigest
    let identity =
      isKeyed ? freeIdentity(known) : freeIdentity(bodyDigest, window: now.nanoseconds / (window * 1_000_000_000))

    let admission = parts.ledger.here((known, identity, bodyDigest, rememberedUntil, now)) {
      $0.admit($1.0, alert: $1.1, bodyDigest: $1.2, rememberedUntil: $1.3, at: $1.4)
    }
    switch admission {
    case .duplicate:
      counters.duplicates += 1
      reply(duplicateReply(parts.ledger.here(known) { $0.alert(under: $1) } ?? identity))
    case .duplicateInFlight:
      counters.duplicates += 1
      start { engine in
        let wasAccepted = await engine.parts.ledger.outcome(of: known)
        reply(
          wasAccepted
            ? await engine.duplicateReply(engine.parts.ledger.alert(under: known) ?? identity)
            : .refused(503, [EngineRefusals.twinNotTaken], retryAfterSeconds: 1))
      }
    case .conflict:
      counters.refused += 1
      publish(.refused([conflict(known, alert)]))
      reply(.refused(422, [conflict(known, alert)]))
    case .full(let wait):
      reply(.refused(503, [EngineRefusals.ledgerFull], retryAfterSeconds: max(1, wait / 1_000_000_000)))
    case .new:
      if let turned = door.admitSignature(of: delivery, body: bodyDigest, at: now) {
        parts.ledger.here(known) { $0.forget($1) }
        return turnAway(delivery, turned, began, reply)
      }
      let candidate = Candidate(
        alert: alert, rules: strategy?.rules ?? .none, identity: identity, known: known, bodyDigest: bodyDigest,
        receivedAt: now,
        rememberedUntil: rememberedUntil,
        body: delivery.body, signature: delivery.signature?.code, waitMilliseconds: delivery.waitMilliseconds,
        began: began)
      switch plan(candidate) {
      case .failure(let list): refuse(candidate, list, reply)
      case .success(let plan):
        let unpriced = unpricedInstruments(plan, candidate)
        if unpriced.isEmpty { return judge(candidate, plan, reply) }
        start { engine in
          await engine.fetchPrices(unpriced)
          await engine.judge(candidate, plan, reply)
        }
      }
    }
  }

  /// Of an alert without an id. A clock that was set back comes to the same window again: what was accepted there is
  /// another alert.
  private func freeIdentity(_ bodyDigest: AlertIdentity, window: Int64) -> AlertIdentity {
    var window = window
    while isUsed(AlertIdentity(body: bodyDigest, window: window)) { window += 1 }
    return AlertIdentity(body: bodyDigest, window: window)
  }

  /// Of an alert with a key: the key itself, as long as no alert before had it.
  private func freeIdentity(_ key: AlertIdentity) -> AlertIdentity {
    isUsed(key) ? freeIdentity(key, window: 1) : key
  }

  /// Whether orders of an alert with this identity may be known here: a new one must not be taken for it.
  private func isUsed(_ identity: AlertIdentity) -> Bool {
    if history[identity] != nil { return true }
    guard let order = CorrelationID(alert: identity, leg: 1, slice: 1, attempt: 0) else { return false }
    return parts.accounts.contains { account in account.router.here(order) { $0.knows($1) } }
  }

  /// An alert that the ledger has noted as new, and of which nothing is decided yet.
  struct Candidate: Sendable {
    let alert: Alert
    /// Its strategy's.
    let rules: StrategyRules
    let identity: AlertIdentity
    /// What the ledger knows it by.
    let known: AlertIdentity
    let bodyDigest: AlertIdentity
    let receivedAt: Timestamp
    let rememberedUntil: Timestamp
    let body: [UInt8]
    /// What it was let in by, if it was signed.
    let signature: Digest256?
    let waitMilliseconds: Int64
    /// When its request was there.
    let began: Uptime
  }

  private func refuse(
    _ candidate: Candidate, _ list: RefusalList, _ reply: @escaping @Sendable (EngineReply) -> Void
  ) {
    forget(candidate.known, candidate.signature)
    counters.refused += 1
    publish(.refused(list.refusals))
    reply(.refused(422, list.refusals))
  }

  /// The alert was not taken after all: sent again, it is new.
  private func forget(_ known: AlertIdentity, _ signature: Digest256?) {
    parts.ledger.here(known) { $0.forget($1) }
    door.releaseSignature(signature)
  }

  private func plan(_ candidate: Candidate) -> Result<ExecutionPlan, RefusalList> {
    // One table an account for the whole alert: nothing is swapped in while this runs.
    live.planner.plan(candidate.alert, identity: candidate.identity, receivedAt: candidate.receivedAt) { [accounts] in
      accounts[$0].map { $0.symbols() ?? NoSymbols() }
    }
  }

  /// What a limit on value needs a price of, and nobody knows one.
  private func unpricedInstruments(_ plan: ExecutionPlan, _ candidate: Candidate) -> [AccountID: [Instrument]] {
    guard
      live.riskGate.limits.alertValue != nil || candidate.rules.limits.alertValue != nil
        || candidate.alert.valueLimit != nil
    else { return [:] }
    var unpriced: [AccountID: [Instrument]] = [:]
    for leg in plan.legs where leg.role == .entry && leg.referencePrice == nil {
      guard let account = accounts[leg.account], account.fetchPrices != nil, account.standing.mayTrade,
        account.lastPrice(leg.instrument) == nil
      else { continue }
      unpriced[leg.account, default: []].append(leg.instrument)
    }
    return unpriced
  }

  private func fetchPrices(_ wanted: [AccountID: [Instrument]]) async {
    await withTaskGroup(of: Void.self) { group in
      for account in parts.accounts {
        guard let instruments = wanted[account.id], let fetch = account.fetchPrices else { continue }
        group.addTask { await fetch(instruments) }
      }
    }
  }

  private func judge(
    _ candidate: Candidate, _ plan: ExecutionPlan, _ reply: @escaping @Sendable (EngineReply) -> Void
  ) {
    // Prices may have been waited for, and the end have come meanwhile.
    if let refusal = admissionRefusal {
      forget(candidate.known, candidate.signature)
      return reply(.refused(503, [refusal], retryAfterSeconds: 2))
    }
    let accounts = accounts
    let alert = candidate.alert
    let verdict = live.riskGate.approve(
      plan, strategy: candidate.rules,
      alertLimits: RiskLimits(legQuantity: alert.quantityLimit, alertValue: alert.valueLimit, alertOrderCount: nil),
      standing: { accounts[$0]?.standing },
      isFrozen: { id, instrument in accounts[id]?.router.here(instrument) { $0.isFrozen($1) } ?? false },
      lastPrice: { instrument in parts.accounts.lazy.compactMap { $0.lastPrice(instrument) }.first },
      priceless: { accounts[$0]?.tokenNeeded })
    switch verdict {
    case .failure(let list): refuse(candidate, list, reply)
    case .success(let approved):
      let accepted = AcceptedAlert(
        identity: candidate.identity, key: candidate.known, bodyDigest: candidate.bodyDigest,
        receivedAt: candidate.receivedAt,
        rememberedUntil: candidate.rememberedUntil, format: alert.format,
        body: BodyRedaction.withheld(alert.secret, from: candidate.body), plan: plan)
      let record = AlertRecord(
        identity: candidate.identity, receivedAt: candidate.receivedAt, format: alert.format, plan: plan,
        ignoredFields: alert.ignoredFields)
      enterLanes(plan)
      journalingCount += 1
      let journaling = Journaling(
        known: candidate.known, signature: candidate.signature, record: record, plan: approved,
        waitMilliseconds: candidate.waitMilliseconds,
        plannedAt: parts.stages.end(.planned, since: candidate.began), reply: reply)
      let done: @Sendable (Result<JournalReceipt, JournalFailure>) -> Void = { [self] result in
        here((result, journaling)) { $0.journaled($1.0, $1.1) }
      }
      parts.journal.here((JournalEvent.alertAccepted(accepted), done)) { $0.record($1.0, $1.1) }
    }
  }

  /// What is left to do for an alert that is being written.
  private struct Journaling: Sendable {
    let known: AlertIdentity
    let signature: Digest256?
    let record: AlertRecord
    let plan: RiskApproved<ExecutionPlan>
    let waitMilliseconds: Int64
    let plannedAt: Uptime
    let reply: @Sendable (EngineReply) -> Void
  }

  /// Durable, answered, sent: from the first of the three on, the alert is ours.
  private func journaled(_ result: Result<JournalReceipt, JournalFailure>, _ alert: Journaling) {
    journalingCount -= 1
    switch result {
    case .failure(let failure):
      lanes.here(alert.record.identity) { $0.leave($1) }
      forget(alert.known, alert.signature)
      alert.reply(.refused(503, [failure.refusal], retryAfterSeconds: 5))
      endDrainIfIdle()
    case .success(let receipt):
      let journaledAt = parts.stages.end(.journaled, since: alert.plannedAt)
      history.add(alert.record)
      counters.accepted += 1
      register(alert.plan)
      if receipt.isDurable { answer(alert) } else { start { await $0.settle(receipt, alert) } }
      start { await $0.execute(alert.plan, journaledAt: journaledAt) }
    }
  }

  /// Overlapped: the orders leave while the flush is under way, and the answer waits for it.
  private func settle(_ receipt: JournalReceipt, _ alert: Journaling) async {
    do throws(JournalFailure) {
      try await parts.journal.settle(receipt)
      answer(alert)
    } catch {
      // Its orders are out: whoever sends it again must find it known.
      await parts.ledger.confirm(alert.known)
      alert.reply(.refused(503, [EngineRefusals.sentNotDurable(error.refusal)], retryAfterSeconds: 5))
    }
  }

  private func answer(_ alert: Journaling) {
    parts.ledger.here(alert.known) { $0.confirm($1) }
    if alert.waitMilliseconds == 0 { alert.reply(acceptedReply(alert.record)) }
    publish(.alert(alert.record.identity))
    if alert.waitMilliseconds > 0 {
      start { engine in
        await engine.waitForOutcomes(alert.record, milliseconds: alert.waitMilliseconds)
        alert.reply(await engine.acceptedReply(alert.record))
      }
    }
  }

  /// Puts the orders that go first where they can be asked for, before the answer leaves.
  private func register(_ plan: RiskApproved<ExecutionPlan>) {
    for leg in plan.subject.firstLegs {
      guard let router = accounts[leg.account]?.router else { continue }
      for slice in leg.slices {
        guard let order = plan.order(leg: leg, slice: slice) else { continue }
        router.here(order) { $0.register($1) }
      }
    }
  }

  /// Takes the alert's place in line: from here on later ones wait for it where they must.
  func enterLanes(_ plan: ExecutionPlan) {
    var lanesOfPlan: [(LaneKey, LaneConduct)] = []
    for leg in plan.legs {
      let key = LaneKey(strategy: plan.strategy, account: leg.account, instrument: leg.instrument.key)
      // Exits of an entry of this plan come with it; they are no matter between alerts.
      let index = lanesOfPlan.firstIndex { $0.0 == key }
      if leg.entryNumber != nil, index != nil { continue }
      let conduct = leg.role == .entry && plan.style != .sequential ? LaneConduct.opens(leg.side) : .changes
      if let index {
        if lanesOfPlan[index].1 != conduct { lanesOfPlan[index].1 = .changes }
      } else {
        lanesOfPlan.append((key, conduct))
      }
    }
    lanes.here((plan, lanesOfPlan)) { lanes, entry in
      lanes.enter(
        entry.0.alert, entry.1, isOpening: entry.0.legs.contains { $0.role == .entry },
        isClosing: entry.0.legs.contains(where: \.isClosing))
    }
    unanswered[plan.alert] = plan.firstLegs.reduce(0) { $0 + $1.slices.count }
  }

  private func orderSent(_ alert: AlertIdentity) {
    guard let count = unanswered[alert] else { return }
    unanswered[alert] = count > 1 ? count - 1 : nil
    if count == 1 { lanes.here(alert) { $0.sent($1) } }
  }

  /// When its turn has come, carries the plan out to its end. One of which something has left before takes no turn: what
  /// it has begun must go on.
  ///
  /// - Parameter journaledAt: `nil` for one of an earlier life.
  func execute(
    _ plan: RiskApproved<ExecutionPlan>, takesTurn: Bool = true, journaledAt: Uptime? = nil
  ) async {
    let alert = plan.subject.alert
    switch !takesTurn || lanes.here(alert, { $0.mayGo($1) }) ? .now : await turn(of: plan.subject) {
    case .now:
      if let journaledAt { parts.stages.end(.started, since: journaledAt) }
      await executor.run(plan)
    case .late: expire(plan.subject)
    // The engine is stopping: the journal has the alert, and the next start takes it up.
    case .parked: break
    }
    unanswered[alert] = nil
    await lanes.leave(alert)
  }

  private enum Turn { case now, late, parked }

  private func turn(of plan: ExecutionPlan) async -> Turn {
    let (lanes, sleep) = (lanes, parts.sleep)
    let left = plan.deadline.nanoseconds(since: parts.wallClock.now())
    return await withTaskGroup(of: Turn.self) { group in
      group.addTask { await lanes.turn(of: plan.alert) ? .now : .parked }
      group.addTask {
        do { try await sleep(.nanoseconds(max(0, left))) } catch { return .parked }
        return .late
      }
      let first = await group.next() ?? .parked
      group.cancelAll()
      return first
    }
  }

  /// The alert's validity ended while an earlier one of its strategy and instrument was not done.
  private func expire(_ plan: ExecutionPlan) {
    let refusal = EngineRefusals.earlierNotDone
    let now = parts.wallClock.now()
    for leg in plan.legs {
      guard let router = accounts[leg.account]?.router else { continue }
      let waiting = router.assumeIsolated { $0.orders(leg.slices.map(\.correlationID)) }
      for order in waiting {
        let report = OrderReport(
          correlationID: order.request.correlationID, transition: .expired, refusal: refusal, at: now)
        router.assumeIsolated { $0.receive(report) }
      }
      // A leg that was to come later has no order that could say so.
      if waiting.isEmpty { endLeg(leg.number, of: plan.alert, refusal) }
    }
  }

  /// Carries plans out. It holds this engine unowned: what runs in it is work of the engine's.
  private lazy var executor = MultiLegExecutor(
    router: { [accounts] in accounts[$0]?.router },
    recordIntent: { [parts] intent in
      do throws(JournalFailure) {
        _ = try await parts.journal.record(.orderIntended(intent))
        return true
      } catch {
        parts.alarm(error.refusal)
        return false
      }
    },
    alarm: parts.alarm,
    legEnded: { [unowned self] alert, leg, refusal in
      here((alert, leg, refusal)) { $0.endLeg($1.1.number, of: $1.0, $1.2) }
    },
    orderSent: { [unowned self] alert in here(alert) { $0.orderSent($1) } },
    clock: parts.sleep)

  private func endLeg(_ number: Int, of alert: AlertIdentity, _ refusal: Refusal) {
    history.endLeg(number, of: alert, refusal)
    publish(.alert(alert))
  }

  // MARK: Orders

  /// Every change of an order at any router: a fact for the journal, a fill for the positions, news for the page.
  package func orderChanged(_ change: OrderChange) {
    if let failure = parts.journal.here(change.report, { $0.note(.orderReported($1)) }) {
      parts.alarm(failure.refusal)
    }
    if change.filled > .zero {
      parts.positions.here(change) { $0.add($1.order.request, filled: $1.filled, value: $1.value) }
    }
    if change.order.state == .unknown, let refusal = change.order.refusal { parts.orderAlarm(refusal) }
    if change.order.request.isExit, change.order.state == .rejected, let refusal = change.order.refusal {
      parts.orderAlarm(refusal)
    }
    publish(.order(change.order))
  }

  func cancelSent(_ cancel: SentCancel) {
    if let failure = parts.journal.assumeIsolated({ $0.note(.cancelSent(cancel)) }) { parts.alarm(failure.refusal) }
  }

  /// Until every order of the first legs is final, or the time is up.
  private func waitForOutcomes(_ record: AlertRecord, milliseconds: Int64) async {
    let sleep = parts.sleep
    let accounts = accounts
    let legs = record.plan.firstLegs
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        do { try await sleep(.milliseconds(milliseconds)) } catch { return }
      }
      group.addTask {
        for leg in legs {
          guard let router = accounts[leg.account]?.router else { continue }
          let ids = leg.slices.map(\.correlationID)
          await router.observing(ids) { changes in
            var open = Set(ids)
            for await order in changes {
              if order.state.isFinal { open.remove(order.request.correlationID) }
              if open.isEmpty { return }
            }
          }
        }
      }
      await group.next()
      group.cancelAll()
    }
  }

  // MARK: Work and its end

  /// Starts a task that the engine owns: it is on the engine's executor, counted, and ended by ``stop(grace:)``.
  func start(_ body: @escaping @Sendable (OrderEngine) async -> Void) {
    let id = nextWork
    nextWork += 1
    let task = Task(executorPreference: parts.executor) {
      await body(self)
      await self.ended(id)
    }
    work[id] = task
    if isStopping { task.cancel() }
  }

  private func ended(_ id: UInt64) {
    work[id] = nil
    endDrainIfIdle()
  }

  private func endDrainIfIdle() {
    if work.isEmpty, journalingCount == 0 { endDrain() }
  }

  private func endDrain() {
    for waiter in drained { waiter.resume() }
    drained = []
  }

  package func beReady() { isReady = true }

  /// From now on every alert is answered 503: nothing of it is journaled, and the sender may try again.
  package func beginDraining() { isDraining = true }

  /// Takes no more alerts. What is on the wire is finished; what waits, for a permit or for news, is let go at once: the
  /// journal has it, and the next start takes it up. Returns when all work has ended, or `grace` has passed.
  package func stop(grace: Duration) async {
    isDraining = true
    isStopping = true
    cancelWork()
    let sleep = parts.sleep
    if !work.isEmpty || journalingCount > 0 {
      let deadline = Task(executorPreference: parts.executor) {
        do { try await sleep(grace) } catch { return }
        await self.endDrain()
      }
      await withCheckedContinuation { drained.append($0) }
      deadline.cancel()
    }
    listeners = [:]
  }

  private func cancelWork() {
    for (_, task) in work.sorted(by: { $0.key < $1.key }) { task.cancel() }
  }

  // MARK: News

  package func addListener(_ listener: @escaping @Sendable (EngineNews) -> Void) -> UInt64 {
    let id = nextWork
    nextWork += 1
    listeners[id] = listener
    return id
  }

  package func removeListener(_ id: UInt64) { listeners[id] = nil }

  func publish(_ news: EngineNews) {
    if listeners.isEmpty { return }
    for (_, listener) in listeners.sorted(by: { $0.key < $1.key }) { listener(news) }
  }
}

/// Something that a page which shows the engine wants to know of.
package enum EngineNews: Sendable {
  case alert(AlertIdentity)
  case order(Order)
  /// An alert that came with a right secret, and of which nothing was sent.
  case refused([Refusal])
}

/// Totals since the start.
package struct EngineCounters: Sendable {
  package var received: UInt64 = 0
  package var accepted: UInt64 = 0
  package var duplicates: UInt64 = 0
  package var refused: UInt64 = 0
  package var unauthenticated: UInt64 = 0
}
