import Actors
import OrderDomain
import OrderEngine
import TestSupport

/// The whole engine with a paper account, on one thread and on nothing but memory.
///
/// What runs is `EngineCore` as it is. What it stands on is taken from it: its jobs run when they are told to, its clocks
/// stand still in between, its journal's disk is none. So the same alerts take the same steps, each time.
final class EngineInMemory {
  private let executor = HandExecutor()
  private let clock = ManualClock()
  private let wallClock = ManualWallClock(Sample.opening)
  private let timers = HandTimers()
  private let replies = Replies()
  private let core: EngineCore
  private let writing: Task<Void, Never>

  /// Unchecked: see HandExecutor.
  private final class Replies: @unchecked Sendable {
    var acceptedCount = 0
    var last: [UInt8] = []

    func add(_ reply: EngineReply) {
      if reply.status == 200 { acceptedCount += 1 }
      last = reply.body
    }
  }

  private final class Start: @unchecked Sendable {
    var result: Result<(EngineCore, Task<Void, Never>), any Error>?
  }

  init() {
    let (executor, timers) = (executor, timers)
    let ground = EngineGround(
      executor: executor, clock: clock, wallClock: wallClock, timer: { timers.add($0, $1) },
      jitter: { $0.lowerBound }, alarm: { fail("an alarm: \($0)") })
    let start = Start()
    Task(executorPreference: executor) {
      do {
        start.result = .success(try await EngineInMemory.start(on: ground))
      } catch {
        start.result = .failure(error)
      }
    }
    executor.run()
    guard let result = start.result else { fail("the engine waits for something at its start") }
    (core, writing) = certainly { try result.get() }
  }

  private static func start(on ground: EngineGround) async throws -> (EngineCore, Task<Void, Never>) {
    let configuration = try EngineConfiguration.load(layers: [
      SettingsLayer(
        name: "benchmark", values: ["BROKER": "paper", "WEBHOOK_RATE_LIMIT": "off"], mayHoldOthers: false)
    ])
    let past = EngineCore.Past(fold: JournalFold(), state: JournalState(settings: configuration.journal))
    let table = SymbolTrials.sample
    let core = try await EngineCore.build(
      on: ground, configuration: configuration, past: past, log: MemoryLog(), webhookSecret: Secret(AlertBodies.secret)
    ) { maker in
      var houses: [AccountHouse] = []
      for account in configuration.accounts { houses.append(await maker.paper(account, symbols: { table })) }
      return houses
    }
    let writing = Task(executorPreference: ground.executor) { await core.journal.run() }
    try await core.restore()
    guard await core.settle() else { fail("the engine does not settle") }
    return (core, writing)
  }

  /// Takes an alert in, and goes on until its orders have filled and nothing is left to do for it: 10 ms of the engine's
  /// time, of which the paper market takes 5.
  func carryOut(_ delivery: AlertDelivery) {
    core.engine.assumeIsolated { [replies] engine in engine.receive(delivery) { replies.add($0) } }
    executor.run()
    pass(10_000_000)
  }

  private func pass(_ nanoseconds: Int64) {
    let end = timers.now + nanoseconds
    while true {
      let before = timers.now
      let due = timers.next(until: end)
      let passed = Duration.nanoseconds(timers.now - before)
      wallClock.jump(by: passed)
      clock.advance(by: passed)
      due?.body()
      executor.run()
      if due == nil { return }
    }
  }

  // MARK: What came of it

  /// Alerts that were answered 200.
  var acceptedCount: Int { replies.acceptedCount }
  var lastReply: [UInt8] { replies.last }
  /// Orders of which something is still to come.
  var liveCount: Int { core.parts.accounts.reduce(0) { $0 + $1.router.assumeIsolated { $0.liveCount } } }
  /// Units that were bought or sold.
  var tradedUnits: Int64 {
    core.parts.positions.assumeIsolated { $0.all() }.reduce(0) { $0 + $1.boughtUnits + $1.soldUnits }
  }

  func answer(_ identity: AlertIdentity) -> [UInt8]? { core.engine.assumeIsolated { $0.alertJSON(identity) } }

  /// Ends all its tasks, so that none stays behind suspended.
  func stop() {
    Task(executorPreference: executor) { [core, writing] in
      await core.close(grace: .seconds(1))
      await core.journal.stop(leaving: .engineStopped)
      await writing.value
    }
    executor.run()
  }
}
