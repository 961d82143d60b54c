import Foundation
import Glibc

/// Posts a stream of alerts to an engine that is killed again and again, as a sender would: each alert is repeated, the
/// same bytes, until it has been answered 2xx or refused for good. Then compares what the broker holds with what was
/// answered.
final class CrashHarness: @unchecked Sendable {
  /// One alert that its sender has not given up.
  struct Sent: Sendable {
    let id: String
    let body: String
    let legCount: Int
  }

  /// What the run was, and what came out.
  struct Verdict: CustomStringConvertible {
    var killCount = 0
    var killedAtStart = 0
    var acceptedCount = 0
    var repeatCount = 0
    var orderCount = 0
    var faultCount = 0
    /// Each sentence names what was lost or doubled.
    var findings: [String] = []

    var description: String {
      "\(killCount) kills (\(killedAtStart) of them while starting), \(faultCount) faults, \(acceptedCount) alerts "
        + "accepted after \(repeatCount) repeats, \(orderCount) orders at the broker: "
        + (findings.isEmpty ? "none lost, none doubled" : findings.joined(separator: "; "))
    }
  }

  /// How alerts come.
  enum Stream {
    /// Two senders who wait for each answer, over connections and with brokers that break.
    case faulty
    /// So many alerts of one leg a second, whether or not the earlier ones have been answered, with brokers that work:
    /// many are under way at each kill.
    case steady(alertsPerSecond: Int)
  }

  static let brokers = ["dhan", "fyers"]
  private let symbols: [String]
  /// Faults of the call that places an order; the first half takes it.
  private static let faults = [
    ("reset_after", ""), ("cut", ""), ("html", ""), ("blackhole_after", ""), ("status_after", "\"status\":500"),
    ("reset_before", ""), ("status", "\"status\":502"), ("delay_after", "\"milliseconds\":50"), ("close_before", ""),
    ("too_many_calls", "\"retry_after\":\"1\""),
  ]

  let simulator: SimulatorProcess
  let directory = EngineProcess.newDirectory()
  private let environment: [String: String]
  private let stream: Stream
  private var chance: SeededChance
  private var verdict = Verdict()
  private let lock = NSLock()
  private var pending: [Sent] = []
  /// Each that was accepted, once.
  private var sent: [Sent] = []
  private var nextID = 0
  /// By the sender's id: the engine's id of each alert that was answered 2xx, and how many legs it has.
  private var accepted: [String: (alert: String, legCount: Int)] = [:]
  private var endings: [String: Ending] = [:]

  init(seed: UInt64, durability: String = "strict", stream: Stream = .faulty) throws {
    self.stream = stream
    // What was on the wire at a kill keeps its instrument closed until the broker has shown twice that it is not there: a
    // stream needs many more instruments than it has orders on the wire.
    simulator = try SimulatorProcess(stream.isSteady ? ["--symbol-rows", "20000"] : [])
    symbols = try simulator.equities()
    environment = simulator.environment("dhan", "fyers").merging([
      "BROKER_ORDER_TIMEOUT_MS": "1000", "BROKER_READ_TIMEOUT_MS": "1000", "WEBHOOK_SECRET": Self.secret,
      "JOURNAL_SEGMENT_MEGABYTES": "1", "DURABILITY": durability,
    ]) { $1 }
    chance = SeededChance(seed: seed)
  }

  private static let secret = "the-secret-of-the-crash-harness"

  /// Starts the engine, posts, kills it; so many times at least, and until so many alerts have been accepted.
  func run(kills: Int = 0, untilAccepted count: Int = 0) throws {
    let most = max(100, 3 * kills)
    while verdict.killCount < kills || verdict.killCount < most && lock.withLock({ accepted.count }) < count {
      try round()
      if verdict.killCount % Self.killsBetweenLooks == 0 { try collect(from: launch(), within: 60) }
    }
  }

  /// Often enough that the engine still has each alert in memory.
  private static let killsBetweenLooks = 10

  private func launch() throws -> EngineProcess {
    try EngineProcess(directory: directory, environment: environment)
  }

  private func round() throws {
    if case .faulty = stream { try plantFault() }
    verdict.killCount += 1
    let engine = try EngineProcess(starting: directory, environment: environment)
    if chance.below(4) == 0 {
      usleep(UInt32(chance.below(300_000)))
      engine.killAtOnce()
      verdict.killedAtStart += 1
      return
    }
    let port = try engine.waitUntilReady()
    let delay = UInt32(chance.below(stream.longestLife))
    let killer = Joined { [identifier = engine.identifier] in
      usleep(delay)
      kill(identifier, SIGKILL)
    }
    // Before they run: the posters draw chances of their own.
    let paces = stream.paces(&chance)
    let posters = paces.map { pace in Joined { [self] in post(to: port, pace) } }
    for poster in posters { poster.join() }
    killer.join()
    engine.killAtOnce()
  }

  private func plantFault() throws {
    guard chance.below(2) == 0 else { return }
    let (kind, more) = Self.faults[chance.below(Self.faults.count)]
    let skip = "\"skip\":\(chance.below(4))"
    try simulator.add(kind, on: "\(Self.brokers[chance.below(2)]).place", more.isEmpty ? skip : skip + "," + more)
    verdict.faultCount += 1
  }

  /// Posts until the connection breaks.
  private func post(to port: UInt16, _ pace: Pace) {
    guard let client = try? RawClient(port: port) else { return }
    var pace = pace
    while true {
      let sent = next()
      guard let answer = try? client.post("/webhook", sent.body) else { return giveBack(sent) }
      settle(sent, answer)
      pace.wait()
    }
  }

  private func next() -> Sent {
    lock.withLock {
      if let again = pending.popLast() {
        verdict.repeatCount += 1
        return again
      }
      nextID += 1
      let count = stream.isSteady ? 1 : 1 + chance.below(3)
      let legs = (0..<count).map { _ in
        "{\"symbol\":\"NSE:\(symbols[chance.below(symbols.count)])\",\"side\":\"buy\","
          + "\"quantity\":\(1 + chance.below(9)),\"product\":\"intraday\",\"account\":\"\(Self.brokers[chance.below(2)])\"}"
      }
      let body =
        "{\"format\":\"order-engine/1\",\"secret\":\"\(Self.secret)\",\"alert_id\":\"crash-\(nextID)\","
        + "\"execution\":\"parallel\",\"legs\":[\(legs.joined(separator: ","))]}"
      return Sent(id: "crash-\(nextID)", body: body, legCount: count)
    }
  }

  private func giveBack(_ sent: Sent) { lock.withLock { pending.append(sent) } }

  private func settle(_ sent: Sent, _ answer: RawClient.Answer) {
    lock.withLock {
      switch answer.status {
      case 200:
        if let alert = answer.json["alert_id"] as? String {
          if accepted[sent.id] == nil { self.sent.append(sent) }
          accepted[sent.id] = (alert, sent.legCount)
        }
      case 503, 429: pending.append(sent)
      // Refused whole, such as for an instrument with an order of unknown outcome: the sender gives it up.
      case 422: break
      default: verdict.findings.append("\(sent.id) was answered \(answer.status): \(answer.body)")
      }
    }
  }

  /// Gives every alert that was accepted to the engine once more, as soon as it takes alerts.
  func repeatAll() throws -> Int {
    let engine = try launch()
    let client = try RawClient(port: engine.port)
    let again = lock.withLock { sent }
    for one in again { settle(one, try client.post("/webhook", one.body)) }
    engine.killAtOnce()
    return again.count
  }

  // MARK: The end

  /// What an alert's legs ended as, and the tags of their orders.
  private struct Ending {
    let outcomes: [String]
    let tags: [String]
  }

  /// Lets everything come to its end, for which it has so many seconds, and compares.
  func finish(within seconds: Double = 60) throws -> Verdict {
    let engine = try launch()
    // What nobody has answered yet, until somebody does.
    let client = try RawClient(port: engine.port)
    while let sent = lock.withLock({ pending.popLast() }) {
      settle(sent, try client.post("/webhook", sent.body))
    }
    try collect(from: engine, within: seconds)
    let received = try simulator.received()
    verdict.acceptedCount = accepted.count
    verdict.orderCount = received.acknowledged
    judge(book: try simulator.book(), doubled: received.doubled)
    engine.stop()
    return verdict
  }

  /// Waits for the end of every alert that has not been seen to its end, for so many seconds.
  private func collect(from engine: EngineProcess, within seconds: Double) throws {
    let limit = Date(timeIntervalSinceNow: seconds)
    let open = lock.withLock { accepted.filter { endings[$0.key] == nil } }
    for (id, one) in open.sorted(by: { $0.key < $1.key }) {
      let legs = try engine.legs(of: one.alert, seconds: max(0.1, limit.timeIntervalSinceNow)) { legs in
        !legs.isEmpty && legs.allSatisfy { Self.finals.contains($0["outcome"] as? String ?? "") }
      }
      endings[id] = Ending(
        outcomes: legs.compactMap { $0["outcome"] as? String },
        tags: legs.compactMap { $0["correlation_id"] as? String })
    }
  }

  private static let finals: Set = ["filled", "rejected", "denied", "expired", "cancelled"]

  private func judge(book: [String: SimulatorProcess.BookRow], doubled: Int) {
    if doubled != 0 { verdict.findings.append("\(doubled) orders came to the broker more than once") }
    var known: Set<String> = []
    for (id, one) in accepted.sorted(by: { $0.key < $1.key }) {
      guard let ending = endings[id], ending.outcomes.count == one.legCount else {
        verdict.findings.append("\(id) was answered 200 and is not known any more")
        continue
      }
      for (outcome, tag) in zip(ending.outcomes, ending.tags) {
        known.insert(tag)
        let row = book[tag]
        switch outcome {
        case "filled":
          if row?.state != "filled" { verdict.findings.append("\(id) is filled here and \(row?.state ?? "not") there") }
        case "denied", "expired":
          if row != nil { verdict.findings.append("\(id) is \(outcome) here and \(row?.state ?? "") there") }
        case "rejected", "cancelled":
          if row?.state != outcome {
            verdict.findings.append("\(id) is \(outcome) here and \(row?.state ?? "not") there")
          }
        default: verdict.findings.append("\(id) is still \(outcome)")
        }
      }
    }
    let foreign = Set(book.keys).subtracting(known)
    if !foreign.isEmpty {
      verdict.findings.append("\(foreign.count) orders at the broker belong to no alert that was answered 200")
    }
  }

  // MARK: What it must catch

  /// A second order under the tag of one that is there; on a slow machine none may have left before the last kill.
  func plantDouble() throws {
    let engine = try launch()
    try collect(from: engine, within: 60)
    engine.killAtOnce()
    try simulator.placeAgain()
  }

  /// Takes the end of the journal away, as a disk does that had only said that it has written.
  func plantLoss(of byteCount: UInt64) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("journal-") }
    // Zeros are room that was made ahead, and so is a segment without records.
    let segments = try names.sorted().map { name in
      let file = URL(fileURLWithPath: directory + "/" + name)
      return (file, UInt64((try Data(contentsOf: file).lastIndex { $0 != 0 } ?? 0) + 1))
    }
    guard let (file, size) = segments.last(where: { $0.1 > 200 }) else { throw RawClient.Closed() }
    let handle = try FileHandle(forUpdating: file)
    try handle.truncate(atOffset: size - min(size, byteCount))
    try handle.close()
  }
}

/// When one sender posts next.
private struct Pace {
  private enum Kind {
    case pause(UInt32)
    case interval(Duration)
  }

  private let kind: Kind
  private var due = ContinuousClock.now

  /// So many microseconds between an answer and the next alert.
  init(pause: UInt32) { kind = .pause(pause) }
  /// Every so often; late ones follow at once.
  init(interval: Duration) { kind = .interval(interval) }

  mutating func wait() {
    switch kind {
    case .pause(let microseconds): usleep(microseconds)
    case .interval(let interval):
      due += interval
      let left = (due - .now) / .microseconds(1)
      if left > 0 { usleep(UInt32(left)) }
    }
  }
}

extension CrashHarness.Stream {
  fileprivate static let senderCount = 16

  fileprivate var isSteady: Bool {
    switch self {
    case .steady: true
    case .faulty: false
    }
  }

  /// In microseconds, from ready to the kill.
  fileprivate var longestLife: Int { isSteady ? 400_000 : 150_000 }

  /// Of each sender.
  fileprivate func paces(_ chance: inout SeededChance) -> [Pace] {
    switch self {
    case .faulty: (0..<2).map { _ in Pace(pause: UInt32(chance.below(12_000))) }
    case .steady(let perSecond):
      (0..<Self.senderCount).map { _ in Pace(interval: .seconds(1) * Self.senderCount / perSecond) }
    }
  }
}

/// A thread that is waited for.
private final class Joined: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread { [done] in
      body()
      done.signal()
    }
    thread.start()
  }

  func join() { done.wait() }
}

/// SplitMix64: the same seed makes the same run, as far as the machine lets it.
struct SeededChance {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}
