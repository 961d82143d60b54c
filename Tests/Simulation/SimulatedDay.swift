import Actors
import BrokerSimulation
import OrderDomain
import OrderEngine
import SimulatedExchange
internal import Synchronization

/// The whole engine under one seed: alerts in, orders out, through everything that goes wrong between.
///
/// What runs is the engine as it is: `EngineCore` with its planner, journal, ledger, executor of plans, routers, limiters,
/// circuits and token managers, and the gateways of both brokers down to their bytes. What is simulated is what it stands
/// on: the thread (``SimulatedExecutor``), the clocks, the disk (``SimulatedDisk``), the network and the brokers
/// (``SimulatedBrokers``), the senders of alerts, and whoever starts, stops and kills the process. All of it draws from one
/// seed; no real time passes and no second thread takes part, so a seed is repeated by its number alone, and a whole
/// trading day passes in about a second.
///
/// A day has a busy part, in which alerts come and faults happen, and a quiet one, in which the engine must bring
/// everything to its end. The ``Judge`` looks at every step of the first and at the whole outcome of the second.
package final class SimulatedDay: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  private let seed: UInt64
  private let world: World
  private let setting: WorldSetting
  private let faults: FaultPlan
  private let brokers: SimulatedBrokers
  private let judge: Judge
  private let disk: SimulatedDisk
  private var source: AlertSource
  private var chance: Chance
  private var life: EngineLife?
  private var lives: [EngineLife] = []
  private var senders: [Sender] = []
  private var isStarting = false
  /// Steps until the process dies; `nil` while nothing threatens it.
  private var countdown: (steps: Int, crash: SimulatedDisk.Crash)?

  /// Somebody who sends one alert until he is told that it was taken, or refused.
  private final class Sender: @unchecked Sendable {
    // Unchecked: see SimulatedExecutor.
    let draft: AlertSource.Draft
    let number: Int
    let since: Int64
    var attempts = 0
    var isOver = false

    init(_ draft: AlertSource.Draft, number: Int, since: Int64) {
      self.draft = draft
      self.number = number
      self.since = since
    }
  }

  /// What the dead of crashed days held: nothing of it may be freed, because continuations that nobody will ever resume
  /// are among it.
  private static let graveyard = Mutex<[SimulatedDay]>([])

  /// How long everything may take to come to its end after the last fault.
  private static let quietNanoseconds: Int64 = 240_000_000_000
  /// More steps than any day needs: something turns in a circle.
  private static let stepLimit = 5_000_000

  package init(seed: UInt64, mutation: Mutation? = nil, isLoud: Bool = false) {
    self.seed = seed
    setting = WorldSetting(seed: seed, mutation: mutation)
    world = World(seed: seed, beginning: Instruments.opening, scheduling: setting.scheduling)
    world.trace.isLoud = isLoud
    switch mutation {
    case nil: faults = FaultPlan(seed: seed)
    case .doubleSend: faults = FaultPlan(seed: seed, only: [.lostAnswer: 100, .resetAnswer: 100])
    case .lostRecord, .forgetfulSnapshot: faults = FaultPlan(seed: seed, only: [.kill: 1_000])
    }
    judge = Judge(world: world, setting: setting)
    brokers = SimulatedBrokers(world: world, faults: faults, settings: setting.brokers)
    disk = SimulatedDisk(world: world, faults: faults, firstByteCount: setting.firstSegmentByteCount)
    source = AlertSource(secret: WorldSetting.secret, accounts: setting.accounts, seed: seed)
    chance = Chance(seed: seed, stream: 7)
    judge.brokers = brokers
    brokers.received = { [judge] in judge.received($0) }
    brokers.departed = { [judge] in judge.departed($0) }
  }

  package func run() -> DayReport {
    world.note("seed \(seed): \(setting.accounts.joined(separator: ", ")), \(setting.alertCount) alerts")
    start()
    planAlerts()
    planTrouble()
    watchOver()
    let busyEnd = setting.busyNanoseconds
    world.after(busyEnd) { [self] in
      world.note("all faults end")
      faults.end()
      countdown = nil
      world.wallOffset = 0
    }
    let end = busyEnd + SimulatedDay.quietNanoseconds
    // For the last while the markets stand still, so that what the engine read last is what there is, and twenty refused
    // cancels have been told of.
    world.after(end - 40_000_000_000) { [brokers] in brokers.freeze() }
    play(until: end)
    if judge.violation == nil { checkQuiet() }
    brokers.thaw()
    if judge.violation == nil { checkEnd() }
    if !lives.allSatisfy({ $0.stage == .ended }) { SimulatedDay.graveyard.withLock { $0.append(self) } }
    return report()
  }

  private func play(until end: Int64, while isWanted: () -> Bool = { true }) {
    while judge.violation == nil, isWanted(), world.step(until: end) {
      if var running = countdown {
        running.steps -= 1
        countdown = running
        if running.steps <= 0 { crash(running.crash) }
      }
      if world.stepCount > SimulatedDay.stepLimit { judge.fail(.everyAlertEnds, "the engine turns in a circle") }
    }
  }

  // MARK: The process

  private func start() {
    isStarting = false
    do throws(JournalDamage) {
      let promised = disk.promised
      let life = try EngineLife(
        number: lives.count + 1, world: world, setting: setting, brokers: brokers, faults: faults, judge: judge,
        disk: disk)
      judge.recovered(life.position, promised: promised)
      self.life = life
      lives.append(life)
      world.executor = life.executor
      life.start()
    } catch {
      judge.fail(.journalIsReadable, error.refusal.cause)
    }
  }

  /// - Parameter milliseconds: no machine is up again after a power cut while bytes that it sent are still on their way.
  private func startSoon(afterAtLeast milliseconds: Int64 = 50) {
    guard !isStarting else { return }
    isStarting = true
    world.after(chance.milliseconds(milliseconds, chance.perMille(800) ? 3_000 : 60_000)) { [self] in start() }
  }

  private func crash(_ crash: SimulatedDisk.Crash) {
    countdown = nil
    guard let life, !isStarting else { return }
    faults.count(crash == .kill ? .kill : .powerCut)
    world.note("life \(life.number) dies: \(crash)")
    life.executor.die()
    world.executor = nil
    self.life = nil
    disk.crash(crash)
    startSoon(afterAtLeast: crash == .powerCut ? 2_500 : 50)
  }

  /// Whoever restarts a process that has ended or is of no more use.
  private func watchOver() {
    world.after(chance.milliseconds(1_000, 4_000)) { [self] in
      if let life, !isStarting {
        if life.stage == .ended {
          self.life = nil
          world.executor = nil
          startSoon()
        } else if life.isBroken {
          world.note("life \(life.number) is broken")
          crash(.kill)
        }
      }
      watchOver()
    }
  }

  private func planTrouble() {
    func moments(_ kind: FaultPlan.Kind) -> [Int64] {
      guard faults.rate(kind) > 0 else { return [] }
      return (0..<(1 + faults.rate(kind) / 250)).map { _ in moment() }
    }
    for (kind, crash) in [(FaultPlan.Kind.kill, SimulatedDisk.Crash.kill), (.powerCut, .powerCut)] {
      for moment in moments(kind) {
        world.after(moment) { [self] in
          if !faults.isOver { countdown = (1 + chance.below(300), crash) }
        }
      }
    }
    for moment in moments(.stop) {
      world.after(moment) { [self] in
        guard let life, !faults.isOver else { return }
        faults.count(.stop)
        life.stop()
      }
    }
    for moment in moments(.diskFull) {
      world.after(moment) { [self] in
        guard !faults.isOver else { return }
        faults.count(.diskFull)
        let duration = chance.milliseconds(100, 30_000)
        world.note("disk: full for \(duration / 1_000_000) ms")
        disk.fill(for: duration)
      }
    }
    for moment in moments(.clockJump) {
      world.after(moment) { [self] in
        guard !faults.isOver else { return }
        faults.count(.clockJump)
        world.wallOffset += chance.pick([1, -1]) * chance.pick([1, 30, 3_600, 86_400]) * 1_000_000_000
        world.note("the clock jumps: it is wrong by \(world.wallOffset / 1_000_000_000) s")
      }
    }
  }

  /// Often soon after an alert, when most is under way.
  private func moment() -> Int64 {
    guard chance.perMille(700), !alertTimes.isEmpty else { return chance.between(0, setting.busyNanoseconds) }
    return chance.pick(alertTimes) + chance.milliseconds(0, chance.pick([5, 200, 12_000]))
  }

  // MARK: The senders

  private var alertTimes: [Int64] = []

  private func planAlerts() {
    var time: Int64 = 0
    let isBursty = chance.perMille(500)
    for _ in 0..<setting.alertCount {
      time =
        isBursty && chance.perMille(700)
        ? time + chance.milliseconds(0, 30) : chance.between(0, setting.busyNanoseconds)
      time = min(time, setting.busyNanoseconds)
      alertTimes.append(time)
      world.after(time) { [self] in newAlert() }
    }
  }

  private func newAlert() {
    let draft = source.draft(at: world.trueTime, faults: faults) { [self] share in
      guard let instrument = Instruments.catalogue.instrument(ticker: "NSE:\(share)-EQ") else { return 100_000 }
      return brokers.simulation.floor.exchange.quote(instrument, at: world.trueTime).lastPrice.tenThousandths / 100
    }
    send(draft)
    if faults.happens(.twins) { for _ in 0...chance.below(4) { send(draft) } }
    if draft.hasIdentity {
      if faults.happens(.laterTwin) { sendLater(draft, chance.milliseconds(1, 100_000)) }
      if draft.key != nil || draft.body.contains("alert_id"), faults.happens(.keyReused) {
        sendLater(AlertSource.changed(draft), chance.milliseconds(0, 20_000))
      }
    } else {
      sendLater(draft, chance.milliseconds(62_000, 120_000))
    }
  }

  private func sendLater(_ draft: AlertSource.Draft, _ delay: Int64) {
    world.after(delay) { [self] in
      if !faults.isOver { send(draft) }
    }
  }

  private func send(_ draft: AlertSource.Draft) {
    let sender = Sender(draft, number: senders.count + 1, since: world.now)
    senders.append(sender)
    deliver(sender)
  }

  private func deliver(_ sender: Sender) {
    guard !sender.isOver else { return }
    // Without an id a repeat is only known for a while, so nobody repeats such an alert for longer.
    if !sender.draft.hasIdentity, world.now - sender.since > 25_000_000_000 {
      sender.isOver = true
      return
    }
    sender.attempts += 1
    guard sender.attempts <= 100 else {
      sender.isOver = true
      return
    }
    let attempt = sender.attempts
    world.after(chance.milliseconds(3_000, 4_000)) { [self] in
      if sender.attempts == attempt { deliver(sender) }
    }
    guard let life, life.isOpen, let core = life.core else { return }
    world.note("sender \(sender.number) posts \(sender.draft.name)\(attempt > 1 ? ", time \(attempt)" : "")")
    let delivery = AlertDelivery(
      body: Array(sender.draft.body.utf8), idempotencyKey: sender.draft.key, headerSecret: nil, strategy: nil,
      sender: SenderAddress(high: 0, low: UInt64(sender.number)), requestID: UInt64(sender.number), waitMilliseconds: 0)
    core.engine.assumeIsolated { engine in
      engine.receive(delivery) { [self] reply in replied(to: sender, reply) }
    }
  }

  private func replied(to sender: Sender, _ reply: EngineReply) {
    let text = String(decoding: reply.body, as: UTF8.self)
    world.note("sender \(sender.number) is answered \(reply.status) \(reply.status == 200 ? "" : text.prefix(160))")
    if reply.status == 200 {
      if sender.draft.isRefused { judge.fail(.badIsRefused, "\(sender.draft.name) was answered 200") }
      if let mark = text.firstRange(of: "\"alert_id\":\""),
        let identity = AlertIdentity(String(text[mark.upperBound...].prefix(26)))
      {
        judge.answered(identity, isNew: text.contains("\"status\":\"accepted\""))
      }
    }
    if faults.happens(.lostReply) { return }
    switch reply.status {
    case 429, 500...: return
    default: sender.isOver = true
    }
  }

  // MARK: The end

  private func checkQuiet() {
    guard let life, life.stage == .serving, let core = life.core else {
      return judge.fail(.recovers, "the engine is \(life?.stage.rawValue ?? "dead") long after the last fault")
    }
    judge.quiet(core)
  }

  private func checkEnd() {
    guard let life, let core = life.core else { return }
    life.stop()
    play(until: world.now + 60_000_000_000) { life.stage != .ended }
    // What the last job started may still run.
    play(until: world.now + 1_000_000)
    guard life.stage == .ended, life.executor.readyCount == 0, life.executor.sleeperCount == 0,
      life.executor.callCount == 0
    else {
      return judge.fail(
        .nothingLeftRunning,
        "\(life.stage.rawValue): \(life.executor.readyCount) jobs, \(life.executor.sleeperCount) sleeps, "
          + "\(life.executor.callCount) calls")
    }
    judge.stopped(core)
    start()
    guard let last = self.life, last !== life else { return }
    play(until: world.now + 60_000_000_000) { last.stage != .serving && last.stage != .failed }
    guard judge.violation == nil else { return }
    guard last.stage == .serving else {
      return judge.fail(.recovers, "the last start is \(last.stage.rawValue) after a minute")
    }
    last.stop()
    play(until: world.now + 60_000_000_000) { last.stage != .ended }
  }

  private func report() -> DayReport {
    DayReport(
      seed: seed, violation: judge.violation, simulatedNanoseconds: world.now, stepCount: world.stepCount,
      alertCount: senders.count, acceptedCount: judge.acceptedCount, orderCount: judge.acknowledgedCount,
      lifeCount: lives.count, faults: FaultPlan.Kind.allCases.map { ($0.rawValue, faults.happened($0)) },
      hash: world.trace.hash, latest: world.trace.latest)
  }
}
