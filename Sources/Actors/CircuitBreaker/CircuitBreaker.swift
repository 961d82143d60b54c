package import OrderDomain

/// Keeps calls away from a broker that fails, one for each broker account, with entries and exits judged apart.
///
/// Nothing here drops an accepted alert: who may not go now can wait until its validity ends. All decisions are
/// ``CircuitStateMachine``'s; this reads the clock, wakes who waits and keeps the alarm. ``shutdown()`` ends it.
package actor CircuitBreaker {
  package typealias Purpose = CircuitStateMachine.Purpose
  private typealias Verdict = Result<CircuitTicket, CircuitOpen>

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  private let executor: any SerialExecutor
  private let taskExecutor: (any TaskExecutor)?
  private let clock: any MonotonicClock
  private let epoch: Uptime
  private let drops = CircuitDrops()
  private var entries: CircuitQueue
  private var exits: CircuitQueue
  private var reasons: [CircuitLane: String] = [:]
  private var waiters: [WaiterID: Waiter<Verdict>] = [:]
  private var nextWaiterID: WaiterID = 0
  private var alarm = Alarm()
  private var isShutDown = false

  /// If the executor can also run tasks, the alarm sleeps on it, so that no other thread takes part.
  package init(
    executor: any SerialExecutor & Sendable, clock: any MonotonicClock,
    entries: CircuitBreakerSettings = CircuitBreakerSettings(),
    exits: CircuitBreakerSettings = CircuitBreakerSettings()
  ) {
    self.executor = executor
    taskExecutor = executor as? any TaskExecutor
    self.clock = clock
    epoch = clock.now
    self.entries = CircuitQueue(settings: entries, epoch: epoch)
    self.exits = CircuitQueue(settings: exits, epoch: epoch)
  }

  /// A permit at once, or the reason why not.
  package func admit(_ lane: CircuitLane, _ purpose: Purpose = .call) throws(CircuitOpen) -> CircuitPermit {
    let now = clock.now
    return permit(lane, try decide(lane, purpose, at: now).get(), at: now)
  }

  /// ``admit(_:_:)`` for code that already runs on this actor's executor: no suspension. Traps elsewhere.
  package nonisolated func admitHere(
    _ lane: CircuitLane, _ purpose: Purpose = .call
  ) throws(CircuitOpen) -> CircuitPermit {
    let (verdict, now) = here((lane, purpose)) { breaker, call in
      let now = breaker.clock.now
      return (breaker.decide(call.0, call.1, at: now), now)
    }
    return permit(lane, try verdict.get(), at: now)
  }

  /// A permit as soon as the lane admits, at the latest at `deadline`; in the order of the calls.
  package func admitWhenClosed(_ lane: CircuitLane, until deadline: Uptime) async throws(CircuitOpen)
    -> CircuitPermit
  {
    try await wait(lane, .call, until: deadline)
  }

  /// A permit for a read as soon as the lane is half-open and wants to know how the broker is.
  package func probe(_ lane: CircuitLane, until deadline: Uptime) async throws(CircuitOpen) -> CircuitPermit {
    try await wait(lane, .probe, until: deadline)
  }

  /// Gives a permit back. Its time ran from the admission.
  package func finish(_ permit: consuming CircuitPermit, _ outcome: CallOutcome) {
    let now = clock.now
    let elapsed = epoch.duration(to: now) - permit.admittedAt
    let (lane, ticket) = (permit.lane, permit.ticket)
    permit.redeem()
    update(lane) { $0.machine.finish(ticket, outcome, elapsed: elapsed, at: now) }
    settle(at: now)
  }

  /// ``finish(_:_:)`` for code that already runs on this actor's executor. Traps elsewhere.
  package nonisolated func finishHere(_ permit: consuming CircuitPermit, _ outcome: CallOutcome) {
    let (lane, ticket, admittedAt) = (permit.lane, permit.ticket, permit.admittedAt)
    permit.redeem()
    here((lane, ticket, admittedAt, outcome)) { breaker, call in
      let now = breaker.clock.now
      let elapsed = breaker.epoch.duration(to: now) - call.2
      breaker.update(call.0) { $0.machine.finish(call.1, call.3, elapsed: elapsed, at: now) }
      breaker.settle(at: now)
    }
  }

  /// Opens the lane until ``close(_:reason:)``. Of the reason 200 characters are kept.
  package func open(_ lane: CircuitLane, reason: String) {
    let kept = String(reason.prefix(200))
    reasons[lane] = kept
    update(lane) { $0.machine.hold(reason: kept) }
  }

  /// Closes the lane whatever it was, forgets what was counted and lets the waiting go.
  package func close(_ lane: CircuitLane, reason: String) {
    reasons[lane] = String(reason.prefix(200))
    update(lane) { $0.machine.close() }
    settle(at: clock.now)
  }

  package func snapshot(_ lane: CircuitLane) -> CircuitSnapshot {
    let now = clock.now
    settle(at: now)
    let reason = reasons[lane] ?? ""
    return update(lane) { $0.snapshot(lane, reason: reason, at: now) }
  }

  /// Every waiting call is refused, and so is each later wait.
  package func shutdown() {
    isShutDown = true
    alarm.cancel()
    for lane in CircuitLane.allCases {
      for id in update(lane, { $0.removeAll() }) {
        _ = waiters[id]?.resolve(.failure(CircuitOpen(lane: lane, reason: .shuttingDown, retryAfter: nil)))
      }
    }
  }

  private func decide(_ lane: CircuitLane, _ purpose: Purpose, at now: Uptime) -> Verdict {
    settle(at: now)
    switch update(lane, { $0.machine.admit(purpose, at: now) }) {
    case .admit(let ticket): return .success(ticket)
    case .refuse(let reason, let retryAfter):
      return .failure(CircuitOpen(lane: lane, reason: reason, retryAfter: retryAfter))
    }
  }

  private func wait(
    _ lane: CircuitLane, _ purpose: Purpose, until deadline: Uptime
  ) async throws(CircuitOpen) -> CircuitPermit {
    let now = clock.now
    settle(at: now)
    func refusal(_ reason: CircuitOpen.Reason) -> CircuitOpen {
      CircuitOpen(lane: lane, reason: reason, retryAfter: nil)
    }
    if isShutDown { throw refusal(.shuttingDown) }
    if deadline <= now { throw refusal(.deadlinePassed) }
    nextWaiterID += 1
    let id = nextWaiterID
    guard update(lane, { $0.enqueue(id, purpose, deadline: deadline) }) else { throw refusal(.queueFull) }
    let waiter = Waiter<Verdict>()
    waiters[id] = waiter
    settle(at: now)
    let verdict = await waiter.wait(cancelled: .failure(refusal(.cancelled)))
    waiters[id] = nil
    update(lane) { $0.remove(id) }
    return permit(lane, try verdict.get(), at: clock.now)
  }

  private nonisolated func permit(_ lane: CircuitLane, _ ticket: CircuitTicket, at now: Uptime) -> CircuitPermit {
    CircuitPermit(lane: lane, ticket: ticket, admittedAt: epoch.duration(to: now), drops: drops)
  }

  private func settle(at now: Uptime) {
    for (lane, ticket) in drops.take() { update(lane) { $0.machine.abandon(ticket) } }
    for lane in CircuitLane.allCases { settle(lane, at: now) }
    // Nothing is due while nobody waits, which is nearly always: then no queue is copied to be asked.
    let next = isShutDown || waiters.isEmpty ? nil : [entries.nextEvent, exits.nextEvent].compactMap { $0 }.min()
    alarm.set(to: next) { due in
      Task(executorPreference: taskExecutor) { await self.ring(at: due) }
    }
  }

  private func settle(_ lane: CircuitLane, at now: Uptime) {
    var isSettled = false
    while !isSettled {
      isSettled = true
      for resolution in update(lane, { $0.settle(at: now) }) {
        switch resolution {
        case .admit(let id, let ticket):
          if waiters[id]?.resolve(.success(ticket)) == true { continue }
          // Cancelled a moment ago: the next in the row takes its place.
          update(lane) { $0.machine.abandon(ticket) }
          isSettled = false
        case .deadlinePassed(let id):
          let refusal = CircuitOpen(lane: lane, reason: .deadlinePassed, retryAfter: nil)
          _ = waiters[id]?.resolve(.failure(refusal))
        }
      }
    }
  }

  private func ring(at due: Uptime) async {
    do {
      try await clock.wait(until: due)
    } catch {
      return  // Cancelled: an earlier alarm took over, or the end did.
    }
    if alarm.rang(for: due) { settle(at: clock.now) }
  }

  @discardableResult
  private func update<Value>(_ lane: CircuitLane, _ body: (inout CircuitQueue) -> Value) -> Value {
    switch lane {
    case .entries: body(&entries)
    case .exits: body(&exits)
    }
  }
}
