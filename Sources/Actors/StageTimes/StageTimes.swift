package import OrderDomain

/// Where the time of all alerts since the start has gone.
package actor StageTimes {
  private let executor: any SerialExecutor
  private let clock: any MonotonicClock
  private var histograms = [DurationHistogram](repeating: DurationHistogram(), count: AlertStage.allCases.count)

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(executor: any SerialExecutor, clock: any MonotonicClock) {
    self.executor = executor
    self.clock = clock
  }

  /// Ends a stage that began at `begin` and returns when, which is where the next one begins. On the actor's executor.
  @discardableResult
  package nonisolated func end(_ stage: AlertStage, since begin: Uptime) -> Uptime {
    let now = clock.now
    here((stage, now.nanoseconds - begin.nanoseconds)) { $0.histograms[$1.0.rawValue].add(nanoseconds: $1.1) }
    return now
  }

  package nonisolated var now: Uptime { clock.now }

  package func histogram(_ stage: AlertStage) -> DurationHistogram { histograms[stage.rawValue] }
}
