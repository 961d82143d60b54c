import Actors
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
  private let desk: NoticeDesk?
  private let logger: Logger
  private var last: (report: ReadinessReport, at: Uptime)?
  private var running: Task<ReadinessReport, Never>?
  /// What people were told last, and of which day.
  private var told: (day: CalendarDate, failed: String)?

  /// From the time of the first look until the market's pre-open.
  static let length = Duration.seconds(3_600)
  /// Between two looks while something is wrong.
  static let interval = Duration.seconds(600)
  /// A report that is asked for again so soon is given again: the brokers meter readings.
  static let freshness = Duration.seconds(10)

  init(
    executor: any SerialExecutor & TaskExecutor, clock: any MonotonicClock, wallClock: any WallClock,
    round: ReadinessRound, from: Duration, desk: NoticeDesk? = nil, logger: Logger
  ) {
    self.executor = executor
    self.clock = clock
    self.wallClock = wallClock
    self.round = round
    self.from = from
    self.desk = desk
    self.logger = logger
  }

  /// Looks now, once however many ask, and tells the log.
  package func check() async -> ReadinessReport {
    if let last, last.at.duration(to: clock.now) < MorningGate.freshness { return last.report }
    if let running { return await running.value }
    let round = round
    return await finish(Task(executorPreference: executor) { await round.run() })
  }

  /// Looks now, and tells people once a day, and again when something else fails or nothing does any more. Whether that
  /// message arrives is the last of the findings.
  private func checkAndTell() async -> ReadinessReport {
    if let running { _ = await running.value }
    let (round, desk, told, today) = (round, desk, told, wallClock.now().indianDate)
    let report = await finish(
      Task(executorPreference: executor) {
        let report = await round.run()
        guard let desk, told?.day != today || told?.failed != report.names(.failed) else { return report }
        await desk.tell(report)
        return report.replacing(ReadinessRules.notification(await desk.notifier.status()))
      })
    self.told = (today, report.names(.failed))
    return report
  }

  private func finish(_ look: Task<ReadinessReport, Never>) async -> ReadinessReport {
    running = look
    let report = await look.value
    running = nil
    last = (report, clock.now)
    tell(report)
    return report
  }

  /// The last findings, if there are any.
  package var latest: ReadinessReport? { last?.report }

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
      if await checkAndTell().isReady { good = now.indianDate }
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
