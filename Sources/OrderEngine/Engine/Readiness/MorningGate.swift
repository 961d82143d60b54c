import Logging
import OrderDomain

/// Looks at the engine's readiness each morning, and whenever it is asked.
package actor MorningGate {
  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  private let executor: any SerialExecutor & TaskExecutor
  private let clock: any MonotonicClock
  private let wallClock: any WallClock
  private let round: ReadinessRound
  private let from: Duration
  private let logger: Logger
  private var last: (report: ReadinessReport, at: Uptime)?
  private var running: Task<ReadinessReport, Never>?

  /// From the time of the first look until the market's pre-open.
  static let length = Duration.seconds(3_600)
  /// Between two looks while something is wrong.
  static let interval = Duration.seconds(600)
  /// A report that is asked for again so soon is given again: the brokers meter readings.
  static let freshness = Duration.seconds(10)

  init(
    executor: any SerialExecutor & TaskExecutor, clock: any MonotonicClock, wallClock: any WallClock,
    round: ReadinessRound, from: Duration, logger: Logger
  ) {
    self.executor = executor
    self.clock = clock
    self.wallClock = wallClock
    self.round = round
    self.from = from
    self.logger = logger
  }

  /// Looks now, once however many ask, and tells the log.
  package func check() async -> ReadinessReport {
    if let last, last.at.duration(to: clock.now) < MorningGate.freshness { return last.report }
    if let running { return await running.value }
    let round = round
    let look = Task(executorPreference: executor) { await round.run() }
    running = look
    let report = await look.value
    running = nil
    last = (report, clock.now)
    tell(report)
    return report
  }

  /// Looks each morning, again and again until all is well or the hour is over. As long as its task lives.
  func watch() async {
    var good: CalendarDate?
    var next = clock.now
    while true {
      do { try await clock.sleep(for: .seconds(30)) } catch { return }
      let now = wallClock.now()
      let second = Duration.seconds(Int64(now.indianSecondOfDay))
      guard second >= from, second < from + MorningGate.length, good != now.indianDate, clock.now >= next else {
        continue
      }
      if await check().isReady { good = now.indianDate }
      next = clock.now.advanced(by: MorningGate.interval)
    }
  }

  private func tell(_ report: ReadinessReport) {
    logger.log(
      level: report.isReady ? .info : .error, "readiness.checked",
      metadata: [
        "ready": "\(report.isReady)", "failed": "\(report.names(.failed))", "warnings": "\(report.names(.warning))",
        "unknown": "\(report.names(.unknown))",
      ])
  }
}
