import Actors
import OrderDomain
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AlertLedgerTests {
  private let ledger = AlertLedger(executor: SerialQueueExecutor())

  private func admit() async -> AlertLedgerState.Admission {
    await ledger.admit(
      Sample.alert, bodyDigest: Sample.alert, rememberedUntil: Sample.opening.adding(nanoseconds: 1), at: Sample.opening
    )
  }

  @Test(arguments: [true, false])
  func `a hundred twins wait for the first, and all learn how it ended`(isAccepted: Bool) async {
    #expect(await admit() == .new)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<100 {
        group.addTask {
          #expect(await admit() == .duplicateInFlight)
          return await ledger.outcome(of: Sample.alert)
        }
      }
      while await ledger.waiterCount < 100 { await Task.yield() }
      if isAccepted { await ledger.confirm(Sample.alert) } else { await ledger.forget(Sample.alert) }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(outcomes == [Bool](repeating: isAccepted, count: 100))
    #expect(await ledger.waiterCount == 0)
    #expect(await admit() == (isAccepted ? .duplicate : .new))
  }

  /// A twin that asked a moment after the end used to wait for ever.
  @Test func `a twin that asks after the end is answered at once`() async {
    _ = await admit()
    #expect(await admit() == .duplicateInFlight)
    await ledger.confirm(Sample.alert)
    #expect(await ledger.outcome(of: Sample.alert))
    await ledger.forget(Sample.alert)
    #expect(await !ledger.outcome(of: Sample.alert))
  }

  @Test func `what a restart restores is known`() async {
    await ledger.restore(Sample.alert, bodyDigest: Sample.alert, rememberedUntil: Sample.opening)
    #expect(await ledger.count == 1)
    #expect(await admit() == .duplicate)
  }
}
