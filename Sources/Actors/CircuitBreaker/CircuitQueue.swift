import OrderDomain

/// A circuit and those who wait for it, in the order of their arrival.
struct CircuitQueue: Sendable {
  typealias Machine = CircuitStateMachine

  enum Resolution: Hashable, Sendable {
    case admit(WaiterID, CircuitTicket)
    case deadlinePassed(WaiterID)
  }

  var machine: Machine
  private var callers: WaitQueue
  /// Those who offer to send a read once the circuit is half-open.
  private var probers: WaitQueue

  init(settings: CircuitBreakerSettings, epoch: Uptime) {
    machine = Machine(settings: settings, epoch: epoch)
    callers = WaitQueue(limit: settings.waiterLimit)
    probers = WaitQueue(limit: settings.probeCount)
  }

  var waiterCount: Int { callers.count + probers.count }

  /// `false` when as many wait as may.
  mutating func enqueue(_ id: WaiterID, _ purpose: Machine.Purpose, deadline: Uptime) -> Bool {
    switch purpose {
    case .call:
      if callers.isFull { return false }
      callers.append(id, deadline: deadline)
    case .probe:
      if probers.isFull { return false }
      probers.append(id, deadline: deadline)
    }
    return true
  }

  /// Whoever can be answered now. To be called after every event; allocates only when somebody waits.
  mutating func settle(at now: Uptime) -> [Resolution] {
    machine.tick(at: now)
    if callers.isEmpty, probers.isEmpty { return [] }
    var resolutions = callers.removeExpired(at: now).map(Resolution.deadlinePassed)
    resolutions += probers.removeExpired(at: now).map(Resolution.deadlinePassed)
    while !probers.isEmpty, case .halfOpen = machine.state, let ticket = machine.admitWaiting(.probe, at: now) {
      if let id = probers.popFirst() { resolutions.append(.admit(id, ticket)) }
    }
    while !callers.isEmpty, let ticket = machine.admitWaiting(.call, at: now) {
      if let id = callers.popFirst() { resolutions.append(.admit(id, ticket)) }
    }
    return resolutions
  }

  /// When to settle again if nothing else happens before.
  var nextEvent: Uptime? {
    if callers.isEmpty, probers.isEmpty { return nil }
    let deadlines = [callers.earliestDeadline, probers.earliestDeadline].compactMap { $0 }
    guard let earliest = deadlines.min() else { return nil }
    return machine.nextEvent.map { min($0, earliest) } ?? earliest
  }

  mutating func remove(_ id: WaiterID) {
    if !callers.remove(id) { _ = probers.remove(id) }
  }

  mutating func removeAll() -> [WaiterID] { callers.removeAll() + probers.removeAll() }
}
