import OrderDomain

/// The ground of one simulation: virtual time, the queue of what is to happen, the choice of what runs next, and the trace.
///
/// A world is single-threaded. In each step either one ready job of the engine runs, or the next thing on the agenda
/// happens: an alert comes, bytes arrive at a broker, a disk answers, a timer rings, the process dies. Which of several ready
/// jobs runs is drawn from the seed, so that one seed is one history, down to the last job, and another seed another
/// interleaving of the same code.
final class World: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  enum Scheduling: CaseIterable {
    /// As the engine's own event loop does it.
    case inOrder
    /// Any ready job may be next.
    case anyOrder
  }

  let seed: UInt64
  /// True wall time at the beginning; what the engine's clock shows may differ by ``wallOffset``.
  let beginning: Timestamp
  private(set) var now: Int64 = 0
  private(set) var stepCount = 0
  var trace = Trace()
  /// By how much the machine's wall clock is wrong.
  var wallOffset: Int64 = 0
  /// Of the life that is on; `nil` between two.
  var executor: SimulatedExecutor?
  let scheduling: Scheduling
  private var agenda = Agenda()
  private var choice: Chance

  init(seed: UInt64, beginning: Timestamp, scheduling: Scheduling) {
    self.seed = seed
    self.beginning = beginning
    self.scheduling = scheduling
    choice = Chance(seed: seed, stream: 1)
  }

  /// True wall time, by which brokers go.
  var trueTime: Timestamp { beginning.adding(nanoseconds: now) }
  /// What the machine's clock shows.
  var wallTime: Timestamp { trueTime.adding(nanoseconds: wallOffset) }

  func after(_ nanoseconds: Int64, _ body: @escaping () -> Void) {
    let (due, overflow) = now.addingReportingOverflow(max(0, nanoseconds))
    agenda.add(at: overflow ? .max : due, body)
  }

  func note(_ text: @autoclosure () -> String) {
    trace.line("\(World.clock(now)) \(text())")
  }

  /// One step; `false` when nothing will ever happen any more, or nothing before `end`.
  func step(until end: Int64) -> Bool {
    let readyCount = executor?.readyCount ?? 0
    let isDue = agenda.earliest.map { $0 <= now } ?? false
    if readyCount > 0, !isDue || choice.perMille(700), let executor {
      stepCount += 1
      let index = scheduling == .inOrder ? 0 : choice.below(readyCount)
      trace.mix(UInt64(readyCount) << 32 | UInt64(index))
      // A job takes a little time, so that what is due meanwhile comes between two jobs.
      now += choice.between(1_000, 20_000)
      executor.run(index)
      return true
    }
    guard let earliest = agenda.earliest, earliest <= end else { return false }
    stepCount += 1
    now = max(now, earliest)
    trace.mix(UInt64(bitPattern: now))
    agenda.removeFirst().body()
    return true
  }

  /// Lets time pass where nothing happens.
  func pass(to time: Int64) { now = max(now, time) }

  private static func clock(_ nanoseconds: Int64) -> String {
    let microseconds = nanoseconds / 1_000
    let seconds = String(microseconds / 1_000_000)
    let rest = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
    return String(repeating: " ", count: max(0, 6 - seconds.count)) + seconds + "." + rest
  }
}

/// The machine's wall clock, which may jump.
struct SimulatedWallClock: WallClock {
  let world: World

  func now() -> Timestamp { world.wallTime }
}
