package import OrderDomain

/// The admission of one account: its token, its circuit, its rate limit, asked in the order in which waiting costs nobody
/// else anything. A rate permit comes last, because it counts from the moment that it is given.
package struct RouterAdmission: OrderAdmission {
  private let clock: any MonotonicClock
  private let wallClock: any WallClock
  private let tokens: TokenManager
  private let breaker: CircuitBreaker
  private let limiter: RateLimiter
  private let readLimiter: RateLimiter
  private let jitter: @Sendable (ClosedRange<Int64>) -> Int64

  /// - Parameter readLimiter: where the broker meters readings by themselves; else they share the orders' limit.
  package init(
    clock: any MonotonicClock, wallClock: any WallClock, tokens: TokenManager, breaker: CircuitBreaker,
    limiter: RateLimiter,
    readLimiter: RateLimiter? = nil,
    jitter: @escaping @Sendable (ClosedRange<Int64>) -> Int64
  ) {
    self.clock = clock
    self.wallClock = wallClock
    self.tokens = tokens
    self.breaker = breaker
    self.limiter = limiter
    self.readLimiter = readLimiter ?? limiter
    self.jitter = jitter
  }

  package func admit(_ purpose: CallPurpose, deadline: Timestamp) async -> AdmissionOutcome {
    let left = timeLeft(until: deadline)
    guard left > .zero else {
      return .expired(
        Refusal(
          code: "order.expired", cause: "the alert's validity ended before the order could be sent",
          fix: "nothing was sent; send a new alert if it is still wanted"))
    }
    if let permit = permitNow(purpose) { return .admitted(permit) }
    let end = clock.now.advanced(by: left)
    while true {
      let token: AccessToken
      switch await self.token(until: end) {
      case .success(let granted): token = granted
      case .failure(let stop): return stop.outcome
      }
      var circuit: CircuitPermit?
      if let lane = purpose.lane {
        do throws(CircuitOpen) {
          circuit = try await breaker.admitWhenClosed(lane, until: end)
        } catch {
          return Stop(error).outcome
        }
      }
      let rate: RatePermit
      do throws(RateLimited) {
        rate = try await limiter(of: purpose).acquire(purpose.rateClass, until: end)
      } catch {
        if let circuit = circuit.take() { await breaker.finish(circuit, .notSent) }
        return Stop(error).outcome
      }
      // The token may have been refused or renewed while this call waited for its turn.
      if let current = await tokens.current(), current.generation == token.generation {
        return .admitted(OrderPermit(purpose, token: current, circuit: circuit.take(), rate: rate))
      }
      await limiter(of: purpose).giveBack(rate)
      if let circuit = circuit.take() { await breaker.finish(circuit, .notSent) }
    }
  }

  /// Without a wait, if token, circuit and limit have all that is needed and nobody goes before.
  private func permitNow(_ purpose: CallPurpose) -> OrderPermit? {
    guard let token = tokens.tokenHere() else { return nil }
    var circuit: CircuitPermit?
    do throws(CircuitOpen) {
      if let lane = purpose.lane { circuit = try breaker.admitHere(lane) }
    } catch {
      // It may wait for the circuit to close.
      return nil
    }
    do throws(RateLimited) {
      let rate = try limiter(of: purpose).tryAcquireHere(purpose.rateClass)
      return OrderPermit(purpose, token: token, circuit: circuit.take(), rate: rate)
    } catch {
      // It may wait for its turn.
      if let circuit = circuit.take() { breaker.finishHere(circuit, .notSent) }
      return nil
    }
  }

  package func depart(_ permit: inout OrderPermit) {
    if let rate = permit.takeRate() { limiter(of: permit.purpose).spendHere(rate) }
  }

  package func finish(_ permit: consuming OrderPermit, _ outcome: PlacementClass) {
    let generation = permit.tokenGeneration
    // A call that never departed has used nothing up.
    let limiter = limiter(of: permit.purpose)
    if let rate = permit.takeRate() { limiter.giveBackHere(rate) }
    if let circuit = permit.takeCircuit() { breaker.finishHere(circuit, outcome.callOutcome) }
    switch outcome {
    case .tokenRefused: tokens.assumeIsolated { $0.reportRefused(generation) }
    case .rateLimited(let retryAfter): limiter.assumeIsolated { _ = $0.penalise(for: retryAfter) }
    case .accepted, .rejected, .notSent, .denied, .unknown: break
    }
  }

  /// 1 s, 2 s, 4 s, each shortened by up to a half, so that many orders do not come back at one moment.
  package func waitBeforeRetry(attempt: Int, deadline: Timestamp) async -> Bool {
    let full = Int64(1_000) << Int64(min(max(attempt - 2, 0), 5))
    let wait = Duration.milliseconds(full - jitter(0...(full / 2)))
    guard timeLeft(until: deadline) > wait else { return false }
    return await sleep(wait)
  }

  // MARK: -

  private func limiter(of purpose: CallPurpose) -> RateLimiter { purpose == .read ? readLimiter : limiter }

  /// A token; while its failure is a passing one, asked for again until the end.
  private func token(until end: Uptime) async -> Result<AccessToken, Stop> {
    while true {
      do throws(TokenError) {
        return .success(try await tokens.token(until: end))
      } catch {
        guard error.kind == .temporary, !error.isFinalForCaller else { return .failure(Stop(error)) }
        let wait = max(error.retryAfter ?? .seconds(1), .milliseconds(100))
        guard clock.now.advanced(by: wait) < end else { return .failure(.expired(error.refusal)) }
        guard await sleep(wait) else { return .failure(.parked) }
      }
    }
  }

  private func sleep(_ duration: Duration) async -> Bool {
    do {
      try await clock.wait(for: duration)
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

/// Why a call was not let out. Copyable, unlike the outcome that it becomes.
private enum Stop: Error {
  case expired(Refusal)
  case denied(Refusal)
  case parked

  init(_ error: TokenError) {
    switch error {
    case TokenRefusals.cancelled, TokenRefusals.shuttingDown: self = .parked
    case TokenRefusals.deadlinePassed: self = .expired(error.refusal)
    default: self = .denied(error.refusal)
    }
  }

  init(_ error: CircuitOpen) {
    switch error.reason {
    case .cancelled, .shuttingDown: self = .parked
    case .queueFull: self = .denied(error.refusal)
    case .open, .probing, .held, .deadlinePassed: self = .expired(error.refusal)
    }
  }

  init(_ error: RateLimited) {
    switch error.reason {
    case .cancelled, .shuttingDown: self = .parked
    case .queueFull, .reservationsFull: self = .denied(error.refusal)
    case .windowFull, .dayLimit, .penalised, .behindOthers, .budget, .deadlinePassed: self = .expired(error.refusal)
    }
  }

  var outcome: AdmissionOutcome {
    switch self {
    case .expired(let refusal): .expired(refusal)
    case .denied(let refusal): .denied(refusal)
    case .parked: .parked
    }
  }
}

extension TokenError {
  /// Whether asking once more within the same call is of no use.
  fileprivate var isFinalForCaller: Bool {
    self == TokenRefusals.cancelled || self == TokenRefusals.shuttingDown || self == TokenRefusals.deadlinePassed
      || self == TokenRefusals.queueFull
  }
}
