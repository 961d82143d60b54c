import Actors
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Legs go in the order that the plan says, and exits only for what has filled", .timeLimit(.minutes(1)))
struct MultiLegExecutorTests {
  private let fixture = ExecutorFixture()
  private let entry = Sample.leg(1, quantity: 10)
  private let stop = Sample.leg(
    2, .sell, .fixed(.stopMarket(trigger: price("90"))), role: .stop, rank: 1, entryNumber: 1)
  private let target = Sample.leg(3, .sell, .fixed(.limit(price("110"))), role: .target, rank: 1, entryNumber: 1)

  private func run(_ legs: [Leg], _ style: ExecutionStyle) -> Task<Void, Never> {
    let executor = fixture.executor
    return Task { await executor.run(Sample.approved(legs, style)) }
  }

  // MARK: Parallel, sequential

  @Test func `independent legs are all on the wire before any is answered`() async {
    fixture.broker.hold()
    let run = run([Sample.leg(1), Sample.leg(2), Sample.leg(3), Sample.leg(4)], .parallel)
    await fixture.broker.placed(atLeast: 4)
    fixture.broker.release()
    await run.value
    #expect(Set(fixture.broker.placed.map(\.correlationID.leg)) == [1, 2, 3, 4])
  }

  @Test func `a later leg waits for the fill of the one before it, not for its acknowledgement`() async {
    let (first, second) = (Sample.leg(1), Sample.leg(2, rank: 1))
    let run = run([first, second], .sequential)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(first, .partiallyFilled, filled: 4)
    #expect(fixture.broker.placed.count == 1)
    await fixture.report(first, .filled, filled: 10)
    await run.value
    #expect(fixture.broker.placed.map(\.correlationID.leg) == [1, 2])
  }

  @Test func `when a leg ends unfilled, those after it are ended with the reason`() async {
    let (first, second, third) = (Sample.leg(1), Sample.leg(2, rank: 1), Sample.leg(3, rank: 2))
    fixture.broker.answer(
      first.slices[0].correlationID, .rejected(Refusal(code: "x", cause: "no funds", fix: "pay in"), nil))
    await run([first, second, third], .sequential).value
    #expect(fixture.broker.placed.count == 1)
    #expect(fixture.ended == [2, 3])
  }

  // MARK: Brackets

  @Test func `exits are placed only when the entry has filled, and made durable first`() async {
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    #expect(fixture.intents.isEmpty)
    await fixture.report(entry, .filled, filled: 10)
    await fixture.broker.placed(atLeast: 3)
    #expect(fixture.intents.map(\.quantity.units) == [10, 10])
    #expect(fixture.broker.placed.map(\.correlationID.leg) == [1, 2, 3])
    await fixture.report(stop, .filled, filled: 10)
    await fixture.broker.cancelled(atLeast: 1)
    await fixture.report(target, .cancelled)
    await run.value
    #expect(fixture.broker.cancelled == [ScriptedBroker.number(of: target.slices[0].correlationID)])
    #expect(fixture.alarms.isEmpty)
  }

  @Test func `an entry that stays partly filled is cancelled after its grace, and its exits guard what filled`() async {
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .partiallyFilled, filled: 4)
    await fixture.clock.sleepers(atLeast: 1)
    fixture.clock.advance(by: MultiLegExecutor.partialFillGrace)
    await fixture.broker.cancelled(atLeast: 1)
    await fixture.report(entry, .cancelled, filled: 4)
    await fixture.broker.placed(atLeast: 3)
    #expect(fixture.broker.placed.dropFirst().map(\.quantity.units) == [4, 4])
    await fixture.report(stop, .filled, filled: 4)
    await fixture.broker.cancelled(atLeast: 2)
    await fixture.report(target, .cancelled)
    await run.value
  }

  @Test func `an entry that ends without a fill has no exits`() async {
    fixture.broker.answer(
      entry.slices[0].correlationID, .rejected(Refusal(code: "x", cause: "no funds", fix: "pay in"), nil))
    await run([entry, stop, target], .bracket).value
    #expect(fixture.broker.placed.count == 1)
    #expect(fixture.ended == [2, 3])
  }

  @Test func `a target that fills in part leaves a stop for the rest`() async {
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    await fixture.broker.placed(atLeast: 3)
    await fixture.report(target, .partiallyFilled, filled: 6)
    // The stop asks for 10 where only 4 are left: it is cancelled and placed anew for them.
    await fixture.broker.cancelled(atLeast: 1)
    await fixture.report(stop, .cancelled)
    await fixture.broker.placed(atLeast: 4)
    #expect(fixture.broker.placed.last?.quantity == quantityOf(4))
    #expect(fixture.broker.placed.last?.correlationID.attempt == 1)
    await fixture.report(target, .filled, filled: 10)
    await fixture.broker.cancelled(atLeast: 2)
    await fixture.report(stop, .cancelled, attempt: 1)
    await run.value
    #expect(fixture.alarms.isEmpty)
  }

  @Test func `a stop that was being made smaller when the engine went down is placed for the rest`() async {
    let first = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    await fixture.broker.placed(atLeast: 3)
    await fixture.report(target, .partiallyFilled, filled: 6)
    await fixture.broker.cancelled(atLeast: 1)
    first.cancel()
    await first.value
    await fixture.report(target, .cancelled, filled: 6)
    await fixture.report(stop, .cancelled)
    let second = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 4)
    #expect(fixture.broker.placed.last?.quantity == quantityOf(4))
    #expect(fixture.broker.placed.last?.correlationID.attempt == 1)
    await fixture.report(stop, .filled, filled: 4, attempt: 1)
    await second.value
    #expect(fixture.alarms.isEmpty)
  }

  @Test func `after a restart an exit of a later attempt is found and goes on`() async {
    let first = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    await fixture.broker.placed(atLeast: 3)
    await fixture.report(target, .partiallyFilled, filled: 6)
    await fixture.broker.cancelled(atLeast: 1)
    await fixture.report(stop, .cancelled)
    await fixture.broker.placed(atLeast: 4)
    first.cancel()
    await first.value
    await fixture.report(target, .partiallyFilled, filled: 8)
    let second = run([entry, stop, target], .bracket)
    // The stop that works asks for 4 where 2 are left.
    await fixture.broker.cancelled(atLeast: 2)
    await fixture.report(stop, .cancelled, attempt: 1)
    await fixture.broker.placed(atLeast: 5)
    #expect(fixture.broker.placed.last?.quantity == quantityOf(2))
    #expect(fixture.intents.count == 4)
    await fixture.report(stop, .filled, filled: 2, attempt: 2)
    await fixture.broker.cancelled(atLeast: 3)
    await fixture.report(target, .cancelled, filled: 8)
    await second.value
    #expect(fixture.alarms.isEmpty)
  }

  @Test func `a cancel that the broker refuses is asked for again until it is taken`() async {
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    await fixture.broker.placed(atLeast: 3)
    fixture.broker.answerCancels(.refused(Refusal(code: "x", cause: "order in transit", fix: "wait")))
    await fixture.report(stop, .filled, filled: 10)
    await fixture.clock.sleepers(atLeast: 1)
    fixture.broker.answerCancels(.requested)
    fixture.clock.advance(by: .seconds(1))
    await fixture.broker.cancelled(atLeast: 2)
    await fixture.report(target, .cancelled)
    await run.value
    #expect(fixture.broker.cancelled.count == 2)
    #expect(fixture.alarms.isEmpty)
  }

  @Test func `a person is told of an exit that the broker does not let go, and the watch goes on`() async {
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    await fixture.broker.placed(atLeast: 3)
    fixture.broker.answerCancels(.refused(Refusal(code: "x", cause: "order in transit", fix: "wait")))
    await fixture.report(stop, .filled, filled: 10)
    for attempt in 1..<MultiLegExecutor.cancelAttemptLimit {
      await fixture.clock.sleepers(atLeast: 1)
      #expect(fixture.broker.cancelled.count == attempt)
      fixture.clock.advance(by: .seconds(1))
    }
    await fixture.clock.sleepers(atLeast: 1)
    #expect(fixture.alarms == ["bracket.exitNotCancelled"])
    fixture.clock.advance(by: .seconds(30))
    await fixture.clock.sleepers(atLeast: 1)
    #expect(fixture.alarms.count == 1)
    // It ends by itself: the bracket is over, and nobody asks any more.
    await fixture.report(target, .cancelled)
    await run.value
    #expect(fixture.broker.cancelled.count == MultiLegExecutor.cancelAttemptLimit + 1)
    #expect(fixture.clock.sleeperCount == 0)
  }

  @Test func `when both exits are refused a person is told how much is unguarded`() async {
    for leg in [stop, target] {
      fixture.broker.answer(
        leg.slices[0].correlationID, .rejected(Refusal(code: "x", cause: "outside the band", fix: "none"), nil))
    }
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    await run.value
    #expect(fixture.alarms == ["bracket.unguarded"])
    #expect(fixture.log.said.withLock { $0.alarms[0].cause.contains("10 units") })
  }

  @Test func `when one order of a sliced stop is refused a person is told, and the rest guards on`() async {
    let call = Sample.niftyCall
    let entry = Sample.leg(1, quantity: 3510, instrument: call)
    let stop = Sample.leg(
      2, .sell, .fixed(.stopMarket(trigger: price("90"))), quantity: 3510, role: .stop, rank: 1, instrument: call,
      entryNumber: 1)
    fixture.broker.answer(
      stop.slices[1].correlationID, .rejected(Refusal(code: "x", cause: "outside the band", fix: "none"), nil))
    let run = run([entry, stop], .bracket)
    await fixture.broker.placed(atLeast: 2)
    for slice in 1...2 { await fixture.report(entry, .filled, filled: 1755, slice: slice) }
    await fixture.broker.placed(atLeast: 4)
    await fixture.report(stop, .accepted)
    await fixture.report(stop, .partiallyFilled, filled: 1000)
    await fixture.report(stop, .filled, filled: 1755)
    await run.value
    #expect(fixture.broker.cancelled.isEmpty)
    #expect(fixture.alarms == ["bracket.exitIncomplete", "bracket.unguarded"])
    #expect(fixture.log.said.withLock { $0.alarms.allSatisfy { $0.cause.contains("1755 units") } })
  }

  @Test func `no exit leaves while its terms cannot be made durable, a person is told, and then it leaves`() async {
    fixture.breakJournal()
    let run = run([entry, stop, target], .bracket)
    await fixture.broker.placed(atLeast: 1)
    await fixture.report(entry, .filled, filled: 10)
    for _ in 0..<3 {
      await fixture.clock.sleepers(atLeast: 1)
      #expect(fixture.broker.placed.count == 1)
      fixture.clock.advance(by: MultiLegExecutor.journalPause)
    }
    await fixture.clock.sleepers(atLeast: 1)
    #expect(fixture.alarms == ["bracket.unguarded"])
    fixture.mendJournal()
    fixture.clock.advance(by: MultiLegExecutor.journalPause)
    await fixture.broker.placed(atLeast: 3)
    await fixture.report(stop, .filled, filled: 10)
    await fixture.broker.cancelled(atLeast: 1)
    await fixture.report(target, .cancelled)
    await run.value
    #expect(fixture.alarms == ["bracket.unguarded"])
  }

  @Test func `an exit that never left and is not needed any more is taken back, not sent`() async throws {
    let router = fixture.router
    for leg in [entry, stop, target] {
      _ = await router.restore(Sample.order(leg).subject, reports: [], createdAt: Sample.opening)
    }
    await fixture.report(entry, .filled, filled: 10)
    await fixture.report(target, .filled, filled: 10)
    await run([entry, stop, target], .bracket).value
    #expect(await fixture.state(stop) == .denied)
    #expect(fixture.broker.placed.isEmpty)
    #expect(fixture.alarms.isEmpty)
  }

  @Test func `a bracket taken up after a restart sends nothing twice and guards on`() async {
    let router = fixture.router
    for leg in [entry, stop, target] {
      _ = await router.restore(Sample.order(leg).subject, reports: [], createdAt: Sample.opening)
    }
    await fixture.report(entry, .filled, filled: 10)
    await fixture.report(stop, .accepted)
    await fixture.report(target, .accepted)
    let run = run([entry, stop, target], .bracket)
    await fixture.report(stop, .filled, filled: 10)
    await fixture.broker.cancelled(atLeast: 1)
    await fixture.report(target, .cancelled)
    await run.value
    #expect(fixture.broker.placed.isEmpty)
    #expect(fixture.broker.cancelled == [ScriptedBroker.number(of: target.slices[0].correlationID)])
  }
}
