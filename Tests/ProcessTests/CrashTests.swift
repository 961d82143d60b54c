import Foundation
import Testing

/// The engine is killed at random moments under a stream of alerts, with a broker that breaks connections and lies.
///
/// `make crash-test N=1000` kills it so often; `SEED=…` repeats the choices of a run, as far as the machine's timing lets it.
@Suite(.timeLimit(.minutes(20)), .serialized)
struct CrashTests {
  private func setting(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

  @Test func `however often it is killed, each alert that was answered 200 has its orders once`() throws {
    let seed = setting("CRASH_SEED") ?? UInt64.random(in: 1...1_000_000)
    print("crash test: seed \(seed)")
    let harness = try CrashHarness(seed: seed)
    try harness.run(kills: Int(setting("CRASH_KILLS") ?? 100))
    let verdict = try harness.finish()
    print("crash test: \(verdict)")
    #expect(verdict.findings.isEmpty, "seed \(seed): \(verdict)")
    #expect(verdict.acceptedCount > 0)
  }

  @Test func `killed under 500 alerts a second, each alert that was answered 200 has its order once`() throws {
    let seed = setting("CRASH_SEED") ?? UInt64.random(in: 1...1_000_000)
    // A debug build takes few of them between its start and its end: `make crash-test` has a release build.
    let kills = Int(setting("CRASH_STREAM_KILLS") ?? 10)
    let least = Int(setting("CRASH_STREAM_ACCEPTED") ?? 100)
    let harness = try CrashHarness(seed: seed, stream: .steady(alertsPerSecond: 500))
    try harness.run(kills: kills, untilAccepted: least)
    let verdict = try harness.finish(within: 300)
    print("crash test under a stream: \(verdict)")
    #expect(verdict.findings.isEmpty, "seed \(seed): \(verdict)")
    #expect(verdict.acceptedCount >= least)
  }

  @Test func `an alert that the disk has lost finds its order when it comes again`() throws {
    let harness = try CrashHarness(seed: 3, durability: "overlapped")
    try harness.run(untilAccepted: 20)
    try harness.plantLoss(of: 20_000)
    let repeats = try harness.repeatAll()
    #expect(repeats >= 20)
    let verdict = try harness.finish()
    #expect(verdict.findings.isEmpty, "\(verdict)")
  }

  @Test func `a second order under one tag is found`() throws {
    let harness = try CrashHarness(seed: 1)
    try harness.run(untilAccepted: 20)
    try harness.plantDouble()
    #expect(try harness.finish().findings.contains { $0.contains("more than once") })
  }

  @Test func `an alert that the disk has lost is found`() throws {
    let harness = try CrashHarness(seed: 2)
    try harness.run(untilAccepted: 20)
    try harness.plantLoss(of: 20_000)
    #expect(try harness.finish(within: 5).findings.contains { $0.contains("not known any more") })
  }
}
