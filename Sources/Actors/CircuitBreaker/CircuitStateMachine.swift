package import OrderDomain

/// Whether a broker may be called, judged by what became of the calls before.
///
/// Each change of state starts a generation. A result is obeyed only in the generation that admitted its call: a call that
/// left before the breaker opened says nothing about a broker that has recovered since.
package struct CircuitStateMachine: Sendable {
  package enum State: Hashable, Sendable {
    /// Leads to `open` by a verdict over the window, to `held` by a person.
    case closed
    /// Leads to `halfOpen` when its time is up, to `held` or `closed` by a person.
    case open(until: Uptime)
    /// Opened by a person; leads to `closed` by a person, and by nothing else.
    case held(reason: String)
    /// Leads to `closed` when all its probes passed, to `open` when one failed, to `held` or `closed` by a person.
    case halfOpen(Probing)
  }

  package struct Probing: Hashable, Sendable {
    var passed = 0
    /// At most `probeCount` less `passed`.
    var outstanding: [Probe] = []
  }

  struct Probe: Hashable, Sendable {
    let number: UInt64
    let deadline: Uptime
  }

  package enum Purpose: Hashable, Sendable, CaseIterable {
    /// Work for its own sake.
    case call
    /// A read, sent to find out how the broker is.
    case probe
  }

  package enum Admission: Hashable, Sendable {
    case admit(CircuitTicket)
    case refuse(CircuitOpen.Reason, retryAfter: Duration?)
  }

  package private(set) var state = State.closed
  package private(set) var generation: UInt64 = 0
  package private(set) var counters = CircuitSnapshot.Counters()
  private let settings: CircuitBreakerSettings
  private var window: FailureWindow
  private var nextProbe: UInt64 = 0

  package init(settings: CircuitBreakerSettings, epoch: Uptime) {
    self.settings = settings
    window = FailureWindow(length: settings.window, epoch: epoch)
  }

  /// The whole decision about one call.
  package mutating func admit(_ purpose: Purpose, at now: Uptime) -> Admission {
    tick(at: now)
    let admission = judge(purpose, at: now)
    switch admission {
    case .admit: counters.admitted += 1
    case .refuse: counters.refused += 1
    }
    return admission
  }

  /// ``admit(_:at:)`` for one who waits: not going yet is no refusal.
  package mutating func admitWaiting(_ purpose: Purpose, at now: Uptime) -> CircuitTicket? {
    tick(at: now)
    guard case .admit(let ticket) = judge(purpose, at: now) else { return nil }
    counters.admitted += 1
    return ticket
  }

  /// Time alone: an open breaker becomes half-open, a probe that never came back frees its place.
  package mutating func tick(at now: Uptime) {
    switch state {
    case .closed, .held:
      break
    case .open(let until):
      if now >= until { change(to: .halfOpen(Probing())) }
    case .halfOpen(var probing):
      let before = probing.outstanding.count
      probing.outstanding.removeAll { $0.deadline <= now }
      let lost = before - probing.outstanding.count
      guard lost > 0 else { return }
      counters.probesTimedOut += UInt64(lost)
      state = .halfOpen(probing)
    }
  }

  /// When time alone changes something next.
  package var nextEvent: Uptime? {
    switch state {
    case .closed, .held: nil
    case .open(let until): until
    case .halfOpen(let probing): probing.outstanding.map(\.deadline).min()
    }
  }

  package mutating func finish(_ ticket: CircuitTicket, _ outcome: CallOutcome, elapsed: Duration, at now: Uptime) {
    tick(at: now)
    count(outcome)
    guard ticket.generation == generation else {
      counters.late += 1
      return
    }
    let isSlow = outcome != .notSent && settings.slowCalls.map { elapsed >= $0.threshold } ?? false
    switch state {
    case .closed:
      guard outcome != .notSent else { return }
      window.record(isFailure: outcome == .failure, isSlow: isSlow, at: now)
      if isTripped(at: now) { open(at: now) }
    case .halfOpen(let probing):
      finishProbe(ticket, outcome, isSlow: isSlow, probing, at: now)
    case .open, .held:
      // Neither admits anybody, so nobody holds a ticket of its generation.
      preconditionFailure("a ticket that was never handed out")
    }
  }

  /// A permit was dropped without a word: its place is free, and nothing was learned.
  package mutating func abandon(_ ticket: CircuitTicket) {
    counters.abandoned += 1
    guard ticket.generation == generation, case .halfOpen(var probing) = state else { return }
    probing.outstanding.removeAll { $0.number == ticket.probe }
    state = .halfOpen(probing)
  }

  /// A person opens it: it stays open until a person closes it.
  package mutating func hold(reason: String) { change(to: .held(reason: reason)) }

  /// A person closes it: what was counted is forgotten.
  package mutating func close() { change(to: .closed) }

  package mutating func counts(at now: Uptime) -> FailureWindow.Counts { window.counts(at: now) }

  private mutating func judge(_ purpose: Purpose, at now: Uptime) -> Admission {
    switch state {
    case .closed:
      return .admit(CircuitTicket(generation: generation, probe: nil))
    case .open(let until):
      return .refuse(.open, retryAfter: now.duration(to: until))
    case .held(let reason):
      return .refuse(.held(reason: reason), retryAfter: nil)
    case .halfOpen(var probing):
      let isFull = probing.passed + probing.outstanding.count >= settings.probeCount
      guard !isFull, purpose == .probe || settings.callsMayProbe else {
        return .refuse(.probing, retryAfter: nextEvent.map { now.duration(to: $0) })
      }
      nextProbe += 1
      probing.outstanding.append(Probe(number: nextProbe, deadline: now.advanced(by: settings.probeTimeout)))
      state = .halfOpen(probing)
      return .admit(CircuitTicket(generation: generation, probe: nextProbe))
    }
  }

  private mutating func finishProbe(
    _ ticket: CircuitTicket, _ outcome: CallOutcome, isSlow: Bool, _ current: Probing, at now: Uptime
  ) {
    var probing = current
    guard let place = probing.outstanding.firstIndex(where: { $0.number == ticket.probe }) else {
      counters.late += 1
      return
    }
    probing.outstanding.remove(at: place)
    switch outcome {
    case .notSent:
      state = .halfOpen(probing)
    case .failure:
      open(at: now)
    case .success, .businessRejection:
      if isSlow { return open(at: now) }
      probing.passed += 1
      if probing.passed >= settings.probeCount {
        change(to: .closed)
      } else {
        state = .halfOpen(probing)
      }
    }
  }

  private mutating func isTripped(at now: Uptime) -> Bool {
    let counts = window.counts(at: now)
    guard counts.calls >= settings.minimumCalls else { return false }
    if counts.failures >= settings.failureThreshold { return true }
    guard let rule = settings.slowCalls else { return false }
    return counts.slow * 100 >= rule.percent * counts.calls
  }

  private mutating func open(at now: Uptime) {
    counters.opened += 1
    change(to: .open(until: now.advanced(by: settings.openDuration)))
  }

  private mutating func change(to next: State) {
    state = next
    generation += 1
    window.clear()
  }

  private mutating func count(_ outcome: CallOutcome) {
    switch outcome {
    case .success: counters.succeeded += 1
    case .failure: counters.failed += 1
    case .businessRejection: counters.rejected += 1
    case .notSent: counters.notSent += 1
    }
  }
}
