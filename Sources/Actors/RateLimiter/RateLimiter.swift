package import OrderDomain

/// Keeps all calls made with one broker credential within the broker's published limits, exits before entries before
/// reads.
///
/// All decisions are ``RateLimiterState``'s; this reads the clock, wakes who waits and keeps the alarm. ``shutdown()``
/// ends it.
package actor RateLimiter {
  private typealias Verdict = Result<RateTicket, RateLimited>

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  private let executor: any SerialExecutor
  private let taskExecutor: (any TaskExecutor)?
  private let clock: any MonotonicClock
  private let drops = RateDrops()
  private var state: RateLimiterState
  private var waiters: [WaiterID: Waiter<Verdict>] = [:]
  private var nextWaiterID: WaiterID = 0
  private var alarm = Alarm()
  private var isShutDown = false

  /// If the executor can also run tasks, the alarm sleeps on it, so that no other thread takes part.
  package init(executor: any SerialExecutor & Sendable, clock: any MonotonicClock, settings: RateLimiterSettings) {
    self.executor = executor
    taskExecutor = executor as? any TaskExecutor
    self.clock = clock
    state = RateLimiterState(settings: settings, epoch: clock.now)
  }

  // MARK: Permits

  /// A permit at once, or the reason why not.
  package func tryAcquire(_ kind: RateClass) throws(RateLimited) -> RatePermit {
    RatePermit(try take(kind, from: nil).get(), drops: drops)
  }

  /// ``tryAcquire(_:)`` of a call that a plan reserved; an ordinary one when nothing of the reservation is left.
  package func tryAcquire(from reservation: borrowing RateReservation) throws(RateLimited) -> RatePermit {
    let (kind, id) = (reservation.kind, reservation.id)
    return RatePermit(try take(kind, from: id).get(), drops: drops)
  }

  /// A permit as soon as there is room, at the latest at `deadline`; in the order of the calls within the class.
  package func acquire(_ kind: RateClass, until deadline: Uptime) async throws(RateLimited) -> RatePermit {
    RatePermit(try await wait(kind, from: nil, until: deadline).get(), drops: drops)
  }

  package func acquire(
    from reservation: borrowing RateReservation, until deadline: Uptime
  ) async throws(RateLimited) -> RatePermit {
    let (kind, id) = (reservation.kind, reservation.id)
    return RatePermit(try await wait(kind, from: id, until: deadline).get(), drops: drops)
  }

  /// The call leaves now: to be called just before its first byte does.
  package func spend(_ permit: consuming RatePermit) {
    let ticket = permit.ticket
    permit.redeem()
    spend(ticket)
  }

  /// The call did not leave and will not.
  package func giveBack(_ permit: consuming RatePermit) {
    let ticket = permit.ticket
    permit.redeem()
    giveBack(ticket)
  }

  // MARK: Permits, for code that already runs on this actor's executor. No suspension; they trap elsewhere.

  package nonisolated func tryAcquireHere(_ kind: RateClass) throws(RateLimited) -> RatePermit {
    let verdict = here(kind) { $0.take($1, from: nil) }
    return RatePermit(try verdict.get(), drops: drops)
  }

  package nonisolated func tryAcquireHere(from reservation: borrowing RateReservation) throws(RateLimited) -> RatePermit
  {
    let (kind, id) = (reservation.kind, reservation.id)
    let verdict = here((kind, id)) { $0.take($1.0, from: $1.1) }
    return RatePermit(try verdict.get(), drops: drops)
  }

  package nonisolated func spendHere(_ permit: consuming RatePermit) {
    let ticket = permit.ticket
    permit.redeem()
    here(ticket) { $0.spend($1) }
  }

  package nonisolated func giveBackHere(_ permit: consuming RatePermit) {
    let ticket = permit.ticket
    permit.redeem()
    here(ticket) { $0.giveBack($1) }
  }

  // MARK: Reservations

  /// Sets aside the calls that a plan needs at worst, before its first one leaves, if all of them can leave by `until`.
  /// What is not drawn then lapses. In windows shorter than a minute nothing is set aside, only the first turn is.
  package func reserve(
    _ count: Int, _ kind: RateClass, until: Uptime
  ) throws(RateLimited) -> RateReservation {
    let now = clock.now
    settle(at: now)
    let id = try state.reserve(count, kind, until: until, at: now).get()
    return RateReservation(id: id, kind: kind, drops: drops)
  }

  /// Gives back what was not drawn.
  package func release(_ reservation: consuming RateReservation) {
    let id = reservation.id
    reservation.redeem()
    state.release(id)
    settle(at: clock.now)
  }

  package func remaining(_ reservation: borrowing RateReservation) -> Int { state.remaining(reservation.id) }

  // MARK: What the world says

  /// The broker answered 429: nothing goes until the rest it asked for is over. Tell a person when that was capped.
  @discardableResult
  package func penalise(for retryAfter: Duration?) -> RatePenalty {
    let now = clock.now
    let penalty = state.penalise(for: retryAfter, at: now)
    settle(at: now)
    return penalty
  }

  /// Starts the count of a trading day, or restores it after a restart. `false` for a day before the present one.
  @discardableResult
  package func beginDay(_ date: CalendarDate, used: Int = 0) -> Bool {
    let isTaken = state.beginDay(date, used: used)
    settle(at: clock.now)
    return isTaken
  }

  /// After a restart: the ages of the calls before it, the oldest first.
  package func restore(ages: [Duration]) { state.restore(ages: ages, at: clock.now) }

  package func forecast(_ kind: RateClass) -> RateForecast {
    let now = clock.now
    settle(at: now)
    return state.forecast(kind, at: now)
  }

  /// Every waiting call is refused, and so is each later wait.
  package func shutdown() {
    isShutDown = true
    alarm.cancel()
    for (id, kind) in state.removeAll() {
      _ = waiters[id]?.resolve(.failure(RateLimited(kind: kind, reason: .shuttingDown, retryAfter: nil)))
    }
  }

  // MARK: Inside

  private func take(_ kind: RateClass, from reservation: ReservationID?) -> Verdict {
    let now = clock.now
    settle(at: now)
    return state.tryAcquire(kind, from: reservation, at: now)
  }

  private func spend(_ ticket: RateTicket) {
    let now = clock.now
    state.spend(ticket, at: now)
    settle(at: now)
  }

  private func giveBack(_ ticket: RateTicket) {
    state.giveBack(ticket)
    settle(at: clock.now)
  }

  private func wait(_ kind: RateClass, from reservation: ReservationID?, until deadline: Uptime) async -> Verdict {
    let now = clock.now
    func refusal(_ reason: RateLimited.Reason) -> Verdict {
      .failure(RateLimited(kind: kind, reason: reason, retryAfter: nil))
    }
    if isShutDown { return refusal(.shuttingDown) }
    settle(at: now)
    if deadline <= now { return refusal(.deadlinePassed) }
    nextWaiterID += 1
    let id = nextWaiterID
    guard state.enqueue(id, kind, from: reservation, deadline: deadline) else {
      let next = state.forecast(kind, at: now).windows.compactMap(\.nextFree).max()
      return .failure(RateLimited(kind: kind, reason: .queueFull, retryAfter: next))
    }
    let waiter = Waiter<Verdict>()
    waiters[id] = waiter
    settle(at: now)
    let verdict = await waiter.wait(cancelled: refusal(.cancelled))
    waiters[id] = nil
    state.remove(id)
    if case .failure = verdict { settle(at: clock.now) }
    return verdict
  }

  private func settle(at now: Uptime) {
    for dropped in drops.take() {
      switch dropped {
      case .permit(let ticket): state.abandon(ticket, at: now)
      case .reservation(let id): state.release(id)
      }
    }
    var isSettled = false
    while !isSettled {
      isSettled = true
      for resolution in state.settle(at: now) {
        switch resolution {
        case .admit(let id, let ticket):
          if waiters[id]?.resolve(.success(ticket)) == true { continue }
          // Cancelled a moment ago: the next in the row takes its place.
          state.giveBack(ticket)
          isSettled = false
        case .deadlinePassed(let id, let kind):
          let refusal = RateLimited(kind: kind, reason: .deadlinePassed, retryAfter: nil)
          _ = waiters[id]?.resolve(.failure(refusal))
        }
      }
    }
    // Nothing is due while nobody waits, which is nearly always: then the state is not copied to be asked.
    alarm.set(to: isShutDown || waiters.isEmpty ? nil : state.nextEvent) { due in
      Task(executorPreference: taskExecutor) { await self.ring(at: due) }
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
}
