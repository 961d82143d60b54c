import Actors
import BrokerSimulation
import Brokers
import OrderDomain
import OrderEngine

/// One life of the engine's process: built from what the disk holds, until it is stopped or dies.
final class EngineLife: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  enum Stage: String {
    /// Nothing listens yet.
    case starting
    /// The door is open and every alert is answered 503: brokers are being asked about the past.
    case recovering
    case serving
    case stopping
    /// Stopped in order.
    case ended
    /// The start failed.
    case failed
  }

  let number: Int
  let executor: SimulatedExecutor
  let log: SimulatedLog
  private(set) var stage = Stage.starting
  private(set) var core: EngineCore?
  private let world: World
  private let setting: WorldSetting
  private let brokers: SimulatedBrokers
  private let faults: FaultPlan
  private let judge: Judge
  private let disk: SimulatedDisk
  private let past: EngineCore.Past
  /// What the journal held at the start, and where it ended.
  private let events: [JournalEvent]
  let position: LogPlace
  private var chance: Chance
  private var settling: Task<Bool, Never>?
  private var writing: Task<Void, Never>?

  init(
    number: Int, world: World, setting: WorldSetting, brokers: SimulatedBrokers, faults: FaultPlan, judge: Judge,
    disk: SimulatedDisk
  ) throws(JournalDamage) {
    self.number = number
    self.world = world
    self.setting = setting
    self.brokers = brokers
    self.faults = faults
    self.judge = judge
    chance = Chance(seed: world.seed, stream: 100 + UInt64(number))
    executor = SimulatedExecutor(world: world)
    log = SimulatedLog(disk: disk, executor: executor)
    log.dropsEvery = setting.mutation == .lostRecord ? 5 : 0
    self.disk = disk
    disk.hasForgetfulSnapshots = setting.mutation == .forgetfulSnapshot
    let recovered = try disk.recover()
    if !recovered.agrees { judge.fail(.snapshotAgrees, "a start from the snapshot is not one from all records") }
    events = recovered.events
    position = recovered.position.place
    past = EngineCore.Past(
      fold: recovered.fold,
      state: JournalState(
        at: recovered.position, segmentByteCount: recovered.segmentByteCount, settings: setting.configuration.journal))
  }

  /// Whether somebody answers the door.
  var isOpen: Bool { stage == .recovering || stage == .serving || stage == .stopping }
  /// Whether this process can be of no more use.
  var isBroken: Bool {
    if stage == .failed { return true }
    guard stage == .serving || stage == .recovering, let core else { return false }
    return core.journal.assumeIsolated { $0.isBroken }
  }

  func start() {
    world.note("life \(number) starts with \(events.count) records")
    Task(executorPreference: executor) { await self.run() }
  }

  private func run() async {
    do {
      let core = try await build()
      self.core = core
      let judge = judge
      _ = await core.engine.addListener { news in if case .order(let order) = news { judge.changed(order) } }
      writing = Task(executorPreference: executor) { await core.journal.run() }
      try await core.restore()
      judge.restored(core, events)
      stage = .recovering
      let settling = Task(executorPreference: executor) { await core.settle() }
      self.settling = settling
      if await settling.value, stage == .recovering {
        stage = .serving
        world.note("life \(number) serves")
      }
    } catch {
      world.note("life \(number) cannot start: \(error)")
      stage = .failed
    }
  }

  private func build() async throws -> EngineCore {
    let world = world
    let executor = executor
    let ground = EngineGround(
      executor: executor, clock: SimulatedClock(executor: executor), wallClock: SimulatedWallClock(world: world),
      timer: { delay, body in
        let (seconds, attoseconds) = delay.components
        executor.after(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, body)
      },
      jitter: { [self] in chance.between($0.lowerBound, $0.upperBound) },
      alarm: { [judge] refusal in judge.alarmed(refusal) })
    return try await EngineCore.build(
      on: ground, configuration: setting.configuration, past: past, log: log,
      segmentClosed: { [self] in segmentClosed($0) }, webhookSecret: Secret(WorldSetting.secret)
    ) { maker in
      var houses: [AccountHouse] = []
      for account in setting.configuration.accounts {
        let table = Instruments.table(account.broker)
        if account.broker == .paper {
          houses.append(await maker.paper(account, symbols: { table }))
        } else {
          houses.append(
            try await maker.remote(
              account, gateway: gateway(account), tokens: source(account.broker), symbols: { table }))
        }
      }
      return houses
    }
  }

  /// A snapshot is made beside the engine, some time later; only one at a time, of the latest.
  private func segmentClosed(_ segment: UInt64) {
    executor.after(chance.milliseconds(1, 2_000)) { [self] in
      do throws(JournalDamage) {
        try disk.putDownSnapshot(through: segment)
        world.note("life \(number) has a snapshot through segment \(segment)")
      } catch {
        judge.fail(.journalIsReadable, error.refusal.cause)
      }
    }
  }

  private func gateway(_ account: AccountConfiguration) -> any BrokerAccount {
    let line = BrokerLine(
      transport: SimulatedTransport(brokers: brokers, broker: account.broker, executor: executor),
      wallClock: SimulatedWallClock(world: world), readers: executor)
    let gateway: any BrokerAccount =
      account.broker == .fyers
      ? FyersGateway(settings: FyersSettings(appID: brokers.simulation.fyers.clients[0].appID), line: line)
      : DhanGateway(settings: DhanSettings(clientID: brokers.simulation.dhan.clients[0].id), line: line)
    return setting.mutation == .doubleSend ? DoubleSender(gateway) : gateway
  }

  private func source(_ broker: Broker) -> SimulatedTokenSource {
    SimulatedTokenSource(
      brokers: brokers, broker: broker, faults: faults, clock: SimulatedClock(executor: executor))
  }

  /// As a service manager stops it.
  func stop() {
    guard stage == .recovering || stage == .serving, let core else { return }
    world.note("life \(number) is asked to stop")
    stage = .stopping
    let (settling, writing, world, number) = (settling, writing, world, number)
    Task(executorPreference: executor) {
      settling?.cancel()
      _ = await settling?.value
      await core.engine.beginDraining()
      await core.close(grace: .seconds(10))
      await core.journal.stop(leaving: .engineStopped)
      await writing?.value
      self.stage = .ended
      world.note("life \(number) has ended")
    }
  }
}

/// Where a simulated broker's tokens come from when one has died.
struct SimulatedTokenSource: TokenSource {
  let brokers: SimulatedBrokers
  let broker: Broker
  let faults: FaultPlan
  let clock: SimulatedClock

  func fetchToken() async throws(TokenError) -> IssuedToken {
    do {
      try await clock.sleep(for: .milliseconds(150))
    } catch {
      throw failure("the attempt was given up")
    }
    if faults.happens(.tokenNotIssued) { throw failure("the login fails") }
    return IssuedToken(secret: brokers.newToken(broker), expiresAt: nil)
  }

  private func failure(_ cause: String) -> TokenError {
    TokenError(kind: .temporary, refusal: Refusal(code: "auth.simulated", cause: cause, fix: "wait"))
  }
}
