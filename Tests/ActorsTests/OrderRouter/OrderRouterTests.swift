import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

@Suite("An order goes out once, and what became of it is known or said to be unknown", .timeLimit(.minutes(1)))
struct OrderRouterTests {
  private let leg = Sample.leg(1)
  private var id: CorrelationID { leg.slices[0].correlationID }

  // MARK: Endings

  @Test func `an order that the broker takes is accepted, and sent again by nobody`() async {
    let fixture = RouterFixture()
    let order = await fixture.route(leg)
    #expect(order.state == .accepted)
    #expect(order.brokerOrderID == ScriptedBroker.number(of: id))
    #expect(await fixture.route(leg).state == .accepted)
    #expect(fixture.broker.placed.count == 1)
    #expect(fixture.changes.states == [.submitted, .accepted])
  }

  @Test func `two tasks that route one order send it once`() async {
    let fixture = RouterFixture()
    fixture.broker.hold()
    async let first = fixture.route(leg)
    await fixture.broker.placed(atLeast: 1)
    #expect(await fixture.route(leg).state == .submitted)
    fixture.broker.release()
    #expect(await first.state == .accepted)
    #expect(fixture.broker.placed.count == 1)
  }

  @Test func `a refusal is final and keeps the broker's words`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .rejected(words, nil))
    let order = await fixture.route(leg)
    #expect(order.state == .rejected)
    #expect(order.refusal == words)
  }

  @Test func `an order that may have been taken is unknown, freezes its instrument, and is never sent again`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .unknown(words))
    #expect(await fixture.route(leg).state == .unknown)
    #expect(await fixture.route(leg).state == .unknown)
    #expect(fixture.broker.placed.count == 1)
    #expect(await fixture.router.isFrozen(Sample.reliance.key))
  }

  @Test func `an order too late to be sent is expired, and the broker sees nothing`() async {
    let fixture = RouterFixture()
    fixture.advance(.seconds(30))
    let order = await fixture.route(leg)
    #expect(order.state == .expired)
    #expect(order.refusal?.code == "order.expired")
    #expect(fixture.broker.placed.isEmpty)
  }

  // MARK: Sending again

  @Test func `what certainly did not leave is sent three times, a second and then two apart`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .notSent(words), .notSent(words))
    async let routed = fixture.route(leg)
    await fixture.clock.sleeper(wakesWithin: .seconds(1))
    fixture.advance(.milliseconds(999))
    #expect(fixture.broker.placed.count == 1)
    fixture.advance(.milliseconds(1))
    await fixture.broker.placed(atLeast: 2)
    await fixture.clock.sleeper(wakesWithin: .seconds(2))
    fixture.advance(.seconds(2))
    #expect(await routed.state == .accepted)
    #expect(fixture.broker.placed.count == 3)
  }

  @Test func `after three sendings of which nothing left the order is denied`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .notSent(words), .notSent(words), .notSent(words))
    async let routed = fixture.route(leg)
    for wait in [1, 2] {
      await fixture.clock.sleeper(wakesWithin: .seconds(wait))
      fixture.advance(.seconds(wait))
    }
    let order = await routed
    #expect(order.state == .denied)
    #expect(order.refusal == words)
    #expect(fixture.broker.placed.count == 3)
  }

  @Test func `a wait for the next sending that would pass the deadline ends the order as expired`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .notSent(words))
    fixture.advance(.milliseconds(29_500))
    #expect(await fixture.route(leg).state == .expired)
    #expect(fixture.broker.placed.count == 1)
  }

  // MARK: Tokens

  @Test func `a refused token is renewed once, and the order goes with the new one`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .tokenRefused(words))
    async let routed = fixture.route(leg)
    await fixture.broker.placed(atLeast: 1)
    // The source is asked at most every five seconds.
    await fixture.clock.sleeper(wakesWithin: .seconds(5))
    fixture.advance(.seconds(5))
    #expect(await routed.state == .accepted)
    #expect(fixture.tokens.count == 2)
    #expect(fixture.broker.tokens.map { $0?.matches(Secret("token-2")) } == [false, true])
  }

  @Test func `thirty orders that are refused for one token ask for one new token`() async {
    let fixture = RouterFixture()
    let legs = (1...30).map { Sample.leg($0) }
    fixture.broker.hold()
    await withTaskGroup(of: OrderState.self) { group in
      for leg in legs { group.addTask { await fixture.route(leg).state } }
      await fixture.broker.placed(atLeast: legs.count)
      fixture.broker.release(.tokenRefused(words))
      // Whoever waits, for the token or to ask for it again, wakes within a second of its time.
      let ticking = Task {
        while !Task.isCancelled {
          if fixture.clock.sleeperCount > 0 { fixture.advance(.milliseconds(100)) }
          await Task.yield()
        }
      }
      for await state in group { #expect(state == .accepted) }
      ticking.cancel()
    }
    #expect(fixture.tokens.count == 2)
    #expect(fixture.broker.placed.count == 2 * legs.count)
  }

  // MARK: Limits and circuits

  @Test func `a 429 is waited for as long as the broker says, and the order goes then`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .rateLimited(retryAfter: .seconds(3)))
    async let routed = fixture.route(leg)
    await fixture.clock.sleeper(wakesWithin: .seconds(3))
    fixture.advance(.seconds(3))
    #expect(await routed.state == .accepted)
    #expect(fixture.broker.placed.count == 2)
  }

  @Test func `orders above the published rate wait for their turn`() async throws {
    let fixture = RouterFixture(policy: try RateLimitPolicy("5/1s"))
    // A fifth of the limit is kept for exits: four entries go at once.
    await withTaskGroup(of: Void.self) { group in
      for number in 1...6 { group.addTask { _ = await fixture.route(Sample.leg(number)) } }
      await fixture.broker.placed(atLeast: 4)
      while await fixture.limiter.forecast(.entries).waiterCounts[1] < 2, !Task.isCancelled { await Task.yield() }
      #expect(fixture.broker.placed.count == 4)
      fixture.advance(.milliseconds(1_100))
    }
    #expect(fixture.broker.placed.count == 6)
  }

  @Test func `a broker that fails five times gets no more entries, and exits still go`() async {
    let fixture = RouterFixture()
    for number in 1...5 {
      let leg = Sample.leg(number)
      fixture.broker.answer(leg.slices[0].correlationID, .unknown(words))
      #expect(await fixture.route(leg).state == .unknown)
    }
    async let held = fixture.route(Sample.leg(6))
    while await fixture.breaker.snapshot(.entries).waiterCount == 0, !Task.isCancelled { await Task.yield() }
    let exit = await fixture.route(Sample.leg(7, .sell, role: .stop, rank: 1))
    #expect(exit.state == .accepted)
    #expect(fixture.broker.placed.count == 6)
    fixture.advance(.seconds(30))
    let expired = await held
    #expect(expired.state == .expired)
    #expect(expired.refusal?.code.hasPrefix("circuit.") == true)
  }

  // MARK: Cancels

  @Test func `an order can be cancelled once the broker has numbered it and until it is final`() async {
    let fixture = RouterFixture()
    guard case .refused(let early) = await fixture.router.cancel(id) else { return #expect(Bool(false)) }
    #expect(early.code == "order.notAtBroker")
    _ = await fixture.route(leg)
    guard case .requested = await fixture.router.cancel(id) else { return #expect(Bool(false)) }
    #expect(fixture.broker.cancelled == [ScriptedBroker.number(of: id)])
    await fixture.router.receive(OrderReport(correlationID: id, transition: .cancelled, at: Sample.opening))
    guard case .refused(let late) = await fixture.router.cancel(id) else { return #expect(Bool(false)) }
    #expect(late.code == "order.final")
  }

  @Test func `an order that has not left is withdrawn by its cancel`() async {
    let fixture = RouterFixture()
    await fixture.router.register(Sample.order(leg))
    guard case .requested = await fixture.router.cancel(id) else { return #expect(Bool(false)) }
    #expect(await fixture.router.order(id)?.state == .denied)
    #expect(await fixture.router.order(id)?.refusal?.code == "order.withdrawn")
    #expect(await fixture.route(leg).state == .denied)
    #expect(fixture.broker.placed.isEmpty && fixture.broker.cancelled.isEmpty)
  }

  @Test func `an unknown order that is cancelled is not sent again when the broker does not have it`() async {
    let fixture = RouterFixture()
    fixture.broker.answer(id, .unknown(Refusal(code: "x", cause: "no answer", fix: "wait")))
    #expect(await fixture.route(leg).state == .unknown)
    guard case .refused = await fixture.router.cancel(id) else { return #expect(Bool(false)) }
    #expect(await fixture.router.order(id)?.state == .unknown)
    await fixture.router.receive(OrderReport(correlationID: id, transition: .provenAbsent, at: Sample.opening))
    #expect(await fixture.router.order(id)?.state == .denied)
    #expect(fixture.broker.placed.count == 1)
  }

  @Test func `a cancel that no permit comes for says that it never left`() async {
    let fixture = RouterFixture()
    _ = await fixture.route(leg)
    await fixture.breaker.open(.exits, reason: "a person said so")
    async let outcome = fixture.router.cancel(id)
    while await fixture.breaker.snapshot(.exits).waiterCount == 0, !Task.isCancelled { await Task.yield() }
    fixture.advance(.seconds(10))
    guard case .unsent = await outcome else { return #expect(Bool(false)) }
    #expect(fixture.broker.cancelled.isEmpty)
  }

  // MARK: Reconciling

  private func report(_ transition: OrderTransition, filled: Int64 = 0) -> OrderReport {
    OrderReport(
      correlationID: id, transition: transition, brokerOrderID: ScriptedBroker.number(of: id),
      cumulativeFill: filled > 0 ? .init(quantity: quantityOf(filled), value: Money(rupees: 2_500 * filled)) : nil,
      at: Sample.opening)
  }

  @Test func `an unknown order that two readings do not show is sent again, once`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.answer(id, .unknown(words))
    _ = await fixture.route(leg)
    // A reading at the very moment of the sending proves nothing, and one more is not enough.
    #expect(await fixture.router.reconcile())
    fixture.advance(.seconds(1))
    #expect(await fixture.router.reconcile())
    fixture.advance(.milliseconds(4_999))
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.order(id)?.state == .unknown)
    #expect(fixture.broker.placed.count == 1)
    fixture.advance(.milliseconds(1))
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.order(id)?.state == .accepted)
    #expect(fixture.broker.placed.count == 2)
    #expect(await !fixture.router.isFrozen(Sample.reliance.key))
  }

  @Test func `an unknown order that is shown in between is never sent again`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.answer(id, .unknown(words))
    _ = await fixture.route(leg)
    fixture.advance(.seconds(1))
    #expect(await fixture.router.reconcile())
    fixture.broker.setBook([report(.filled, filled: 10)])
    fixture.advance(.seconds(6))
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.order(id)?.state == .filled)
    #expect(fixture.changes.filled.reduce(0, +) == 10)
    #expect(fixture.broker.placed.count == 1)
  }

  private func trade(_ units: Int64, _ side: Side = .buy, of instrument: InstrumentKey = Sample.reliance.key)
    -> BrokerTrade
  {
    BrokerTrade(
      id: certain(TradeID("77")), orderID: certain(BrokerOrderID("112")), instrument: instrument, symbol: "RELIANCE",
      side: side, quantity: quantityOf(units), price: price("2500"), product: nil, at: nil)
  }

  @Test func `a trade that may be the order's speaks against the silence of the order book`() async {
    let alarms = Mutex<[String]>([])
    let fixture = RouterFixture(
      absenceInterval: .seconds(5), alarm: { alarm in alarms.withLock { $0.append(alarm.code) } })
    fixture.broker.answer(id, .unknown(words))
    fixture.broker.setUnbookedTrades([trade(10)])
    _ = await fixture.route(leg)
    for _ in 0..<4 {
      fixture.advance(.seconds(5))
      #expect(await fixture.router.reconcile())
    }
    #expect(await fixture.router.order(id)?.state == .unknown)
    #expect(fixture.broker.placed.count == 1)
    #expect(alarms.withLock { $0 } == ["order.bookContradicted"])
    // The book catches up.
    fixture.broker.setBook([report(.filled, filled: 10)])
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.order(id)?.state == .filled)
  }

  @Test func `trades that cannot be the order's speak for nothing, and unreadable ones prove nothing`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.answer(id, .unknown(words))
    fixture.broker.setUnbookedTrades(nil)
    _ = await fixture.route(leg)
    for _ in 0..<4 {
      fixture.advance(.seconds(3))
      #expect(await fixture.router.reconcile())
    }
    #expect(await fixture.router.order(id)?.state == .unknown)
    fixture.broker.setUnbookedTrades([trade(10, .sell), trade(11), trade(10, of: Sample.niftyCall.key)])
    for _ in 0..<3 {
      fixture.advance(.seconds(3))
      #expect(await fixture.router.reconcile())
    }
    #expect(await fixture.router.order(id)?.state == .accepted)
    #expect(fixture.broker.placed.count == 2)
  }

  @Test func `an order that is proven absent too late ends expired, and is not sent`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.answer(id, .unknown(words))
    _ = await fixture.route(leg)
    fixture.advance(.seconds(26))
    #expect(await fixture.router.reconcile())
    fixture.advance(.seconds(5))
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.order(id)?.state == .expired)
    #expect(fixture.broker.placed.count == 1)
  }

  @Test func `an unknown order stays unknown while the broker's book cannot be read`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.answer(id, .unknown(words))
    _ = await fixture.route(leg)
    fixture.broker.setBook(nil)
    for _ in 0..<5 {
      fixture.advance(.seconds(10))
      #expect(await !fixture.router.reconcile())
    }
    #expect(await fixture.router.order(id)?.state == .unknown)
    #expect(fixture.broker.placed.count == 1)
  }

  @Test func `an order whose call is under way is not judged by a book without it`() async {
    let fixture = RouterFixture()
    fixture.broker.hold()
    async let routed = fixture.route(leg)
    await fixture.broker.placed(atLeast: 1)
    #expect(await fixture.router.sendingCount == 1)
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.order(id)?.state == .submitted)
    fixture.broker.release()
    #expect(await routed.state == .accepted)
    #expect(await fixture.router.sendingCount == 0)
  }

  @Test func `an acknowledged order that the book no longer has is gone`() async {
    let fixture = RouterFixture()
    _ = await fixture.route(leg)
    #expect(await fixture.router.reconcile())
    let order = await fixture.router.order(id)
    #expect(order?.state == .cancelled)
    #expect(order?.refusal?.code == "order.goneAtBroker")
  }

  @Test func `an order whose intent alone is in the journal is asked for before it is sent`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.setBook(nil)
    _ = await fixture.router.restore(Sample.order(leg).subject, reports: [], createdAt: Sample.opening)
    await fixture.router.doubtUnsent(at: Sample.opening)
    #expect(await !fixture.router.reconcile())
    #expect(await fixture.route(leg).state == .unknown)
    #expect(fixture.broker.placed.isEmpty)
    fixture.broker.setBook([])
    fixture.advance(.seconds(1))
    _ = await fixture.router.reconcile()
    fixture.advance(.seconds(5))
    _ = await fixture.router.reconcile()
    #expect(await fixture.router.order(id)?.state == .accepted)
    #expect(fixture.broker.placed.count == 1)
  }

  @Test func `an order that had left when the engine died is asked for too, and not awaited for ever`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    let sent = OrderReport(correlationID: id, transition: .submitted, at: Sample.opening)
    _ = await fixture.router.restore(Sample.order(leg).subject, reports: [sent], createdAt: Sample.opening)
    await fixture.router.doubtUnsent(at: Sample.opening)
    #expect(await fixture.router.order(id)?.state == .unknown)
    fixture.broker.setBook([])
    for _ in 0..<2 {
      fixture.advance(.seconds(5))
      _ = await fixture.router.reconcile()
    }
    #expect(await fixture.router.order(id)?.state == .created)
  }

  @Test func `a clock that was a day ahead and is set right holds up no proof`() async {
    let fixture = RouterFixture(absenceInterval: .seconds(5))
    fixture.broker.setBook([])
    fixture.broker.answer(id, .unknown(words))
    fixture.wallClock.jump(by: .seconds(86_400))
    _ = await fixture.router.route(Sample.order(leg), deadline: .distantFuture)
    #expect(await fixture.router.order(id)?.state == .unknown)
    fixture.wallClock.jump(by: .seconds(-86_400))
    for _ in 0..<3 {
      fixture.advance(.seconds(5))
      _ = await fixture.router.reconcile()
    }
    #expect(fixture.broker.placed.count == 2)
    #expect(await fixture.router.order(id)?.state == .accepted)
  }

  @Test func `orders in the book that are none of ours change nothing`() async {
    let fixture = RouterFixture()
    fixture.broker.setBook([report(.filled, filled: 10)])
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.orders().isEmpty)
  }

  @Test func `reports of orders that nobody here asked for are counted, and change nothing`() async {
    let fixture = RouterFixture()
    await fixture.router.receive(OrderReport(correlationID: id, transition: .accepted, at: Sample.opening))
    #expect(await fixture.router.strangeReportCount == 1)
    #expect(fixture.changes.states.isEmpty)
  }

  @Test func `an order that the broker holds and the journal has lost is not sent again`() async {
    let alarms = Mutex<[String]>([])
    let fixture = RouterFixture(alarm: { alarm in alarms.withLock { $0.append(alarm.code) } })
    let lost = OrderReport(
      correlationID: id, transition: .accepted, brokerOrderID: ScriptedBroker.number(of: id), at: Sample.opening)
    fixture.broker.setBook([lost])
    #expect(await fixture.router.reconcile())
    #expect(await fixture.router.reconcile())
    #expect(alarms.withLock { $0 } == ["order.notInJournal"])
    #expect(await fixture.route(leg).state == .accepted)
    #expect(fixture.broker.placed.isEmpty)
    #expect(fixture.changes.states == [.accepted])
  }
}
