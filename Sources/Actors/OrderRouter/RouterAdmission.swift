package import OrderDomain

/// The admission of one account: its circuit first, because an order that waits there should hold no rate permit.
package struct RouterAdmission<C: Clock>: OrderAdmission where C.Duration == Duration {
  private let clock: C
  private let wallClock: any WallClock
  private let breaker: CircuitBreaker<C>
  private let jitter: @Sendable (ClosedRange<Int64>) -> Int64

  package init(
    clock: C, wallClock: any WallClock, breaker: CircuitBreaker<C>,
    jitter: @escaping @Sendable (ClosedRange<Int64>) -> Int64
  ) {
    self.clock = clock
    self.wallClock = wallClock
    self.breaker = breaker
    self.jitter = jitter
  }

  package func admit(_ order: OrderRequest, deadline: Timestamp) async -> AdmissionOutcome {
    let lane: CircuitLane = order.isExit ? .exits : .entries
    let left = timeLeft(until: deadline)
    guard left > .zero else {
      return .expired(
        Refusal(
          code: "order.expired", cause: "the alert's validity ended before the order could be sent",
          fix: "nothing was sent; send a new alert if it is still wanted"))
    }
    do throws(CircuitOpen) {
      let circuit = try await breaker.admitWhenClosed(lane, until: clock.now.advanced(by: left))
      return .admitted(OrderPermit(token: nil, tokenGeneration: 0, circuit: circuit))
    } catch {
      return Task.isCancelled ? .parked : .expired(error.refusal)
    }
  }

  package func finish(_ permit: consuming OrderPermit, _ outcome: PlacementClass) async {
    await breaker.finish(permit.takeCircuit(), outcome.callOutcome)
  }

  package func token() async -> Secret? { nil }

  /// 1 s, 2 s, 4 s, each shortened by up to a half, so that many orders do not come back at one moment.
  package func waitBeforeRetry(attempt: Int, deadline: Timestamp) async -> Bool {
    let full = Int64(1_000) << Int64(min(max(attempt - 2, 0), 5))
    let wait = Duration.milliseconds(full - jitter(0...(full / 2)))
    guard timeLeft(until: deadline) > wait else { return false }
    do {
      try await clock.sleep(for: wait)
      return true
    } catch {
      return false
    }
  }

  /// A deadline that is a time of day, as a stretch from now on: at most a day, so that a clock that jumps cannot make it
  /// endless.
  private func timeLeft(until deadline: Timestamp) -> Duration {
    let left = deadline.nanoseconds.subtractingReportingOverflow(wallClock.now().nanoseconds)
    let day: Int64 = 86_400_000_000_000
    return .nanoseconds(left.overflow ? day : min(left.partialValue, day))
  }
}

extension OrderPermit {
  consuming func takeCircuit() -> CircuitPermit { circuit }
}
