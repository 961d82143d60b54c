import OrderDomain

extension CircuitQueue {
  mutating func snapshot(_ lane: CircuitLane, reason: String, at now: Uptime) -> CircuitSnapshot {
    let counts = machine.counts(at: now)
    let (phase, retryAfter): (CircuitSnapshot.Phase, Duration?) =
      switch machine.state {
      case .closed: (.closed, nil)
      case .open(let until): (.open, now.duration(to: until))
      case .held: (.held, nil)
      case .halfOpen: (.halfOpen, nil)
      }
    return CircuitSnapshot(
      lane: lane, phase: phase, reason: reason, retryAfter: retryAfter, generation: machine.generation,
      callCount: counts.calls, failureCount: counts.failures, slowCount: counts.slow, waiterCount: waiterCount,
      counters: machine.counters)
  }
}
