internal import Synchronization

/// Many days, on as many threads as are asked for: each day lives on one, and shares nothing with another.
package enum Simulations {
  package struct Outcome: Sendable {
    package var totals = Totals()
    package var failures: [DayReport] = []
  }

  /// Runs `seeds` first, all of them, and then fresh ones from the system's random source until `deadline`.
  ///
  /// - Parameter failureLimit: so many failures end it.
  package static func run(
    seeds: [UInt64], freshUntil deadline: ContinuousClock.Instant? = nil, mutation: Mutation? = nil, threads: Int = 2,
    failureLimit: Int = 3, each: @escaping @Sendable (DayReport) -> Void = { _ in }
  ) async -> Outcome {
    let queue = Queue(seeds: seeds, deadline: deadline, failureLimit: failureLimit)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<threads {
        group.addTask {
          while let seed = queue.next() {
            let report = SimulatedDay(seed: seed, mutation: mutation).run()
            each(report)
            queue.add(report)
          }
        }
      }
    }
    return queue.outcome
  }

  private final class Queue: Sendable {
    private let seeds: [UInt64]
    private let deadline: ContinuousClock.Instant?
    private let failureLimit: Int
    private let state = Mutex((next: 0, outcome: Outcome()))

    init(seeds: [UInt64], deadline: ContinuousClock.Instant?, failureLimit: Int) {
      self.seeds = seeds
      self.deadline = deadline
      self.failureLimit = failureLimit
    }

    var outcome: Outcome { state.withLock { $0.outcome } }

    func next() -> UInt64? {
      state.withLock { state in
        guard state.outcome.failures.count < failureLimit else { return nil }
        defer { state.next += 1 }
        if state.next < seeds.count { return seeds[state.next] }
        guard let deadline, ContinuousClock.now < deadline else { return nil }
        var system = SystemRandomNumberGenerator()
        // Short enough to be typed.
        return system.next() >> 24
      }
    }

    func add(_ report: DayReport) {
      state.withLock { state in
        state.outcome.totals.add(report)
        if report.violation != nil { state.outcome.failures.append(report) }
      }
    }
  }
}
