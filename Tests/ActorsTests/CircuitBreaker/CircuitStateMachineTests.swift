import OrderDomain
import TestSupport
import Testing

@testable import Actors

private typealias Machine = CircuitStateMachine
private typealias Instant = Uptime

private func at(_ seconds: Double) -> Instant { Instant(offset: .milliseconds(Int64(seconds * 1_000))) }

extension Machine {
  fileprivate init(_ change: (inout CircuitBreakerSettings) -> Void = { _ in }) {
    var settings = CircuitBreakerSettings()
    change(&settings)
    self.init(settings: settings, epoch: at(0))
  }

  fileprivate mutating func ticket(_ purpose: Purpose = .call, at now: Instant) throws -> CircuitTicket {
    guard case .admit(let ticket) = admit(purpose, at: now) else { throw NotAdmitted() }
    return ticket
  }

  fileprivate mutating func call(_ outcome: CallOutcome, lasting elapsed: Duration = .zero, at now: Instant) throws {
    finish(try ticket(at: now), outcome, elapsed: elapsed, at: now)
  }

  fileprivate mutating func fail(_ count: Int, at now: Instant) throws {
    for _ in 0..<count { try call(.failure, at: now) }
  }

  fileprivate var phase: CircuitSnapshot.Phase {
    switch state {
    case .closed: .closed
    case .open: .open
    case .held: .held
    case .halfOpen: .halfOpen
    }
  }
}

private struct NotAdmitted: Error {}

@Suite struct CircuitStateMachineTests {
  @Test func `the fifth failure in the window opens it, and not the fourth`() throws {
    var machine = Machine()
    try machine.fail(4, at: at(1))
    #expect(machine.state == .closed)
    try machine.fail(1, at: at(2))
    #expect(machine.state == .open(until: at(62)))
    #expect(machine.admit(.call, at: at(3)) == .refuse(.open, retryAfter: .seconds(59)))
  }

  @Test func `no verdict before the minimum number of calls`() throws {
    var machine = Machine { $0.minimumCalls = 8 }
    try machine.fail(7, at: at(1))
    #expect(machine.state == .closed)
    try machine.call(.success, at: at(1))
    #expect(machine.phase == .open)
  }

  @Test func `failures older than the window are forgotten`() throws {
    var machine = Machine()
    try machine.fail(4, at: at(1))
    try machine.fail(4, at: at(32))
    #expect(machine.state == .closed)
  }

  @Test func `a broker's no and a call that never left are no failures`() throws {
    var machine = Machine()
    for _ in 0..<50 {
      try machine.call(.businessRejection, at: at(1))
      try machine.call(.notSent, at: at(1))
    }
    #expect(machine.state == .closed)
    #expect(machine.counts(at: at(1)).calls == 50)
  }

  @Test func `slow calls open it at their rate`() throws {
    var machine = Machine { $0.slowCalls = .init(threshold: .seconds(5), percent: 50) }
    for _ in 0..<3 { try machine.call(.success, lasting: .milliseconds(4_999), at: at(1)) }
    for _ in 0..<2 { try machine.call(.success, lasting: .seconds(5), at: at(1)) }
    #expect(machine.state == .closed)
    try machine.call(.success, lasting: .seconds(5), at: at(1))
    #expect(machine.phase == .open)
  }

  @Test(arguments: [1, 2, 5]) func `half-open admits exactly its probes and no other`(probeCount: Int) throws {
    var machine = Machine { $0.probeCount = probeCount }
    try machine.fail(5, at: at(0))
    #expect(machine.admit(.call, at: at(59.9)) == .refuse(.open, retryAfter: .milliseconds(100)))
    let tickets = try (0..<probeCount).map { _ in try machine.ticket(at: at(60)) }
    #expect(machine.admit(.call, at: at(61)) == .refuse(.probing, retryAfter: .seconds(14)))
    for (index, ticket) in tickets.enumerated() {
      #expect(machine.phase == .halfOpen)
      machine.finish(ticket, .success, elapsed: .zero, at: at(62))
      #expect((machine.phase == .closed) == (index == probeCount - 1))
    }
  }

  @Test func `where calls may not probe, only a read leads out of half-open`() throws {
    var machine = Machine { $0.callsMayProbe = false }
    try machine.fail(5, at: at(0))
    #expect(machine.admit(.call, at: at(60)) == .refuse(.probing, retryAfter: nil))
    let probe = try machine.ticket(.probe, at: at(60))
    machine.finish(probe, .success, elapsed: .zero, at: at(61))
    #expect(machine.state == .closed)
  }

  @Test func `a failed probe opens it again for the whole wait`() throws {
    var machine = Machine()
    try machine.fail(5, at: at(0))
    try machine.call(.failure, at: at(60))
    #expect(machine.state == .open(until: at(120)))
    #expect(machine.counters.opened == 2)
  }

  @Test func `a probe that never comes back frees its place, and its late result changes nothing`() throws {
    var machine = Machine()
    try machine.fail(5, at: at(0))
    let lost = try machine.ticket(at: at(60))
    #expect(machine.admit(.call, at: at(74.9)) == .refuse(.probing, retryAfter: .milliseconds(100)))
    let second = try machine.ticket(at: at(75))
    machine.finish(lost, .failure, elapsed: .seconds(16), at: at(76))
    #expect(machine.phase == .halfOpen)
    #expect(machine.counters.late == 1)
    machine.finish(second, .success, elapsed: .zero, at: at(77))
    #expect(machine.state == .closed)
    #expect(machine.counters.probesTimedOut == 1)
  }

  @Test func `results of an older generation are counted and not obeyed`() throws {
    var machine = Machine()
    let early = try (0..<10).map { _ in try machine.ticket(at: at(0)) }
    try machine.fail(5, at: at(1))
    try machine.call(.success, at: at(61))
    #expect(machine.state == .closed)
    for ticket in early { machine.finish(ticket, .failure, elapsed: .seconds(60), at: at(62)) }
    #expect(machine.state == .closed)
    #expect(machine.counts(at: at(62)).calls == 0)
    #expect(machine.counters.late == 10)
    #expect(machine.counters.failed == 15)
  }

  @Test func `an abandoned probe frees its place at once`() throws {
    var machine = Machine()
    try machine.fail(5, at: at(0))
    machine.abandon(try machine.ticket(at: at(60)))
    _ = try machine.ticket(at: at(60))
    #expect(machine.counters.abandoned == 1)
  }

  /// Every state against every event: what it leads to.
  @Test(arguments: [
    ("closed", "admit", "closed"), ("closed", "probe", "closed"), ("closed", "success", "closed"),
    ("closed", "failure", "closed"), ("closed", "abandon", "closed"), ("closed", "late", "closed"),
    ("closed", "time", "closed"), ("closed", "hold", "held"), ("closed", "close", "closed"),
    ("open", "admit", "open"), ("open", "probe", "open"), ("open", "late", "open"), ("open", "lateAbandon", "open"),
    ("open", "time", "half_open"), ("open", "hold", "held"), ("open", "close", "closed"),
    ("half_open", "admit", "half_open"), ("half_open", "probe", "half_open"), ("half_open", "success", "closed"),
    ("half_open", "businessRejection", "closed"), ("half_open", "notSent", "half_open"),
    ("half_open", "failure", "open"), ("half_open", "abandon", "half_open"), ("half_open", "late", "half_open"),
    ("half_open", "lateAbandon", "half_open"), ("half_open", "time", "half_open"), ("half_open", "hold", "held"),
    ("half_open", "close", "closed"),
    ("held", "admit", "held"), ("held", "probe", "held"), ("held", "late", "held"), ("held", "lateAbandon", "held"),
    ("held", "time", "held"), ("held", "hold", "held"), ("held", "close", "closed"),
  ])
  func `each event in each state leads where the table says`(state: String, event: String, next: String) throws {
    var machine = Machine()
    let old = try machine.ticket(at: at(0))
    machine.close()
    switch state {
    case "open": try machine.fail(5, at: at(0))
    case "half_open":
      try machine.fail(5, at: at(0))
      machine.tick(at: at(60))
    case "held": machine.hold(reason: "test")
    default: break
    }
    let now = state == "half_open" ? at(61) : at(1)
    switch event {
    case "admit": _ = machine.admit(.call, at: now)
    case "probe": _ = machine.admit(.probe, at: now)
    case "abandon": machine.abandon(try machine.ticket(at: now))
    case "late": machine.finish(old, .failure, elapsed: .zero, at: now)
    case "lateAbandon": machine.abandon(old)
    case "time": machine.tick(at: now.advanced(by: .seconds(600)))
    case "hold": machine.hold(reason: "test")
    case "close": machine.close()
    default:
      let outcome = try #require(CallOutcome.allCases.first { "\($0)" == event })
      try machine.call(outcome, at: now)
    }
    #expect(machine.phase.rawValue == next)
  }

  @Test func `the window agrees with a list of events under random arrivals`() {
    var random = SplitMix(seed: 7)
    var window = FailureWindow(length: .seconds(30), epoch: at(0))
    var events: [(nanoseconds: Int64, isFailure: Bool)] = []
    var now: Int64 = 0
    for _ in 0..<20_000 {
      now += Int64(random.next() % 3_000_000_000)
      let isFailure = random.next() % 2 == 0
      let instant = Instant(offset: .nanoseconds(now))
      window.record(isFailure: isFailure, isSlow: false, at: instant)
      events.append((now, isFailure))
      events.removeAll { $0.nanoseconds / 1_000_000_000 <= now / 1_000_000_000 - 30 }
      let counts = window.counts(at: instant)
      #expect(counts.calls == events.count)
      #expect(counts.failures == events.count { $0.isFailure })
    }
  }
}
