import OrderDomain
import TestSupport
import Testing

@testable import Actors

private typealias State = RateLimiterState
private typealias Instant = Uptime

private func at(_ milliseconds: Int) -> Instant { Instant(offset: .milliseconds(milliseconds)) }

private func date(_ text: String) throws -> CalendarDate { try #require(CalendarDate(iso: text)) }

extension State {
  /// Whole limits for every class and no guard time, unless `change` says otherwise.
  fileprivate init(_ policy: String, _ change: (inout RateLimiterSettings) -> Void = { _ in }) throws {
    var settings = RateLimiterSettings(policy: try RateLimitPolicy(policy))
    settings.exitShare = 0
    settings.orderShare = 0
    settings.guardTime = .zero
    change(&settings)
    self.init(settings: settings, epoch: at(0))
  }

  /// `go`, or why not, after which it was spent at once.
  fileprivate mutating func call(
    _ kind: RateClass = .entries, from reservation: ReservationID? = nil, at milliseconds: Int
  ) -> String {
    switch tryAcquire(kind, from: reservation, at: at(milliseconds)) {
    case .success(let ticket):
      spend(ticket, at: at(milliseconds))
      return "go"
    case .failure(let refusal):
      let wait = refusal.retryAfter.map {
        " \($0.components.seconds * 1_000 + $0.components.attoseconds / 1_000_000_000_000_000)"
      }
      return refusal.refusal.code + (wait ?? "")
    }
  }

  fileprivate mutating func calls(_ count: Int, _ kind: RateClass = .entries, at milliseconds: Int) -> Int {
    (0..<count).count { _ in call(kind, at: milliseconds) == "go" }
  }

  fileprivate mutating func take(_ kind: RateClass = .entries, at milliseconds: Int) throws -> RateTicket {
    try tryAcquire(kind, from: nil, at: at(milliseconds)).get()
  }

  fileprivate mutating func plan(_ count: Int, until end: Int, at milliseconds: Int) throws -> ReservationID {
    try reserve(count, .entries, until: at(end), at: at(milliseconds)).get()
  }
}

@Suite struct RateLimiterStateTests {
  @Test func `the eleventh in a second waits until the first is a second old`() throws {
    var state = try State("10/1s")
    #expect(state.calls(10, at: 500) == 10)
    #expect(state.call(at: 600) == "rate.windowFull 900")
    #expect(state.call(at: 1_499) == "rate.windowFull 1")
    #expect(state.calls(11, at: 1_500) == 10)
  }

  @Test func `all windows hold at once, and the one that frees last says when`() throws {
    var state = try State("2/1s,3/60s")
    #expect(state.calls(3, at: 0) == 2)
    #expect(state.calls(3, at: 1_000) == 1)
    #expect(state.call(at: 1_500) == "rate.windowFull 58500")
  }

  @Test func `the guard time widens each window`() throws {
    var state = try State("1/1s") { $0.guardTime = .milliseconds(50) }
    #expect(state.call(at: 0) == "go")
    #expect(state.call(at: 1_049) == "rate.windowFull 1")
    #expect(state.call(at: 1_050) == "go")
  }

  @Test func `a permit counts while it is out and from the moment it is spent`() throws {
    var state = try State("1/1s")
    let ticket = try state.take(at: 0)
    #expect(state.call(at: 5_000) == "rate.windowFull")
    state.spend(ticket, at: at(5_000))
    #expect(state.call(at: 5_999) == "rate.windowFull 1")
    #expect(state.call(at: 6_000) == "go")
  }

  @Test func `a permit that is given back was never there, a dropped one was spent`() throws {
    var state = try State("1/1s")
    state.giveBack(try state.take(at: 0))
    state.abandon(try state.take(at: 0), at: at(100))
    #expect(state.call(at: 1_000) == "rate.windowFull 100")
    #expect(state.counters.abandoned == 1)
  }

  @Test func `entries leave a share to exits, and reads leave one to orders`() throws {
    var state = try State("10/1s") {
      $0.exitShare = 20
      $0.orderShare = 30
    }
    #expect(state.calls(20, .reads, at: 0) == 5)
    #expect(state.calls(20, .entries, at: 0) == 3)
    #expect(state.calls(20, .exits, at: 0) == 2)
  }

  @Test func `a limit of one still lets every class go`() throws {
    for kind in RateClass.allCases {
      var state = try State("1/1s") { $0.exitShare = 90 }
      #expect(state.call(kind, at: 0) == "go")
    }
  }

  @Test func `the day counts by trading day, survives a restart and does not run backwards`() throws {
    var state = try State("3/1d")
    let (monday, tuesday) = (try date("2026-11-23"), try date("2026-11-24"))
    #expect(state.beginDay(tuesday, used: 2) == true)
    #expect(state.beginDay(tuesday, used: 0) == true)
    #expect(state.calls(3, at: 0) == 1)
    #expect(state.call(at: 86_400_000) == "rate.dayLimit")
    #expect(state.beginDay(monday, used: 0) == false)
    #expect(state.call(at: 86_400_000) == "rate.dayLimit")
    #expect(state.beginDay(try date("2026-11-25"), used: 0) == true)
    #expect(state.calls(5, at: 86_400_000) == 3)
  }

  @Test func `calls before a restart still count`() throws {
    var state = try State("3/60s")
    state.restore(ages: [.seconds(61), .seconds(50), .seconds(10)], at: at(0))
    #expect(state.calls(2, at: 0) == 1)
    #expect(state.call(at: 9_999) == "rate.windowFull 1")
    #expect(state.call(at: 10_000) == "go")
  }

  @Test func `after a 429 nothing goes before the rest is over, not even an exit`() throws {
    var state = try State("10/1s")
    #expect(state.penalise(for: .seconds(7), at: at(0)) == RatePenalty(rest: .seconds(7), wasCapped: false))
    #expect(state.penalise(for: .seconds(1), at: at(0)).wasCapped == false)
    #expect(state.call(.exits, at: 6_999) == "rate.penalised 1")
    #expect(state.call(.exits, at: 7_000) == "go")
  }

  @Test(arguments: [(nil, 1, false), (Duration.seconds(1_000_000_000), 300, true), (.seconds(-5), 0, false)])
  func `no, absurd and negative rests are made sensible`(asked: Duration?, seconds: Int, wasCapped: Bool) throws {
    var state = try State("10/1s")
    let penalty = state.penalise(for: asked, at: at(0))
    #expect(penalty == RatePenalty(rest: .seconds(seconds), wasCapped: wasCapped))
    #expect(state.counters.cappedPenalties == (wasCapped ? 1 : 0))
  }

  @Test func `a reserved budget is nobody else's, but an exit's`() throws {
    var state = try State("10/60s")
    let plan = try state.plan(8, until: 30_000, at: 0)
    #expect(state.calls(9, at: 0) == 2)
    #expect(state.call(from: plan, at: 0) == "go")
    #expect(state.remaining(plan) == 7)
    #expect(state.call(.exits, at: 0) == "go")
    state.release(plan)
    #expect(state.calls(9, at: 0) == 6)
  }

  @Test func `a reservation lapses at its end`() throws {
    var state = try State("10/60s")
    let plan = try state.plan(10, until: 30_000, at: 0)
    #expect(state.call(at: 29_999) == "rate.windowFull")
    #expect(state.call(at: 30_000) == "go")
    #expect(state.remaining(plan) == 0)
    #expect(state.call(from: plan, at: 30_000) == "go", "an ordinary call then")
  }

  @Test func `a permit given back returns to its reservation, even the last one`() throws {
    var state = try State("10/60s")
    let plan = try state.plan(1, until: 30_000, at: 0)
    let ticket = try state.tryAcquire(.entries, from: plan, at: at(0)).get()
    state.giveBack(ticket)
    #expect(state.remaining(plan) == 1)
  }

  /// The last of `count` calls can leave at `done` and no sooner: the reservation knows.
  @Test(arguments: [(10, 0), (11, 1_000), (20, 1_000), (21, 2_000), (40, 3_000), (41, 60_000), (80, 63_000)])
  func `a plan is taken if and only if all of it can leave in time`(count: Int, done: Int) throws {
    var state = try State("10/1s,40/60s")
    #expect(throws: RateLimited.self) { _ = try state.plan(count, until: done - 1, at: 0) }
    let plan = try state.plan(count, until: done, at: 0)
    var left: [Int] = []
    for now in stride(from: 0, through: done, by: 100) {
      while left.count < count, state.call(from: plan, at: now) == "go" { left.append(now) }
    }
    #expect(left.count == count)
    #expect(left.last == done)
  }

  @Test func `waiting calls go exits first, and in order within a class`() throws {
    var state = try State("1/1s")
    #expect(state.call(at: 0) == "go")
    let deadline = at(60_000)
    for (id, kind) in [(1, RateClass.reads), (2, .entries), (3, .exits), (4, .entries), (5, .exits)] {
      #expect(state.enqueue(WaiterID(id), kind, from: nil, deadline: deadline) == true)
    }
    #expect(state.call(.exits, at: 0) == "rate.windowFull 1000")
    var order: [WaiterID] = []
    for second in 1...5 {
      #expect(state.settle(at: at(second * 1_000 - 1)) == [])
      #expect(state.nextEvent == at(second * 1_000))
      for case .admit(let id, let ticket) in state.settle(at: at(second * 1_000)) {
        order.append(id)
        state.spend(ticket, at: at(second * 1_000))
      }
    }
    #expect(order == [3, 5, 2, 4, 1])
  }

  @Test func `nobody overtakes who waits, but one of a class that goes before`() throws {
    var state = try State("10/1s") { $0.exitShare = 50 }
    #expect(state.calls(5, at: 0) == 5)
    #expect(state.enqueue(1, .entries, from: nil, deadline: at(60_000)) == true)
    #expect(state.settle(at: at(0)) == [])
    #expect(state.call(.exits, at: 0) == "go")
    #expect(state.call(.reads, at: 1_000) == "rate.behindOthers")
  }

  @Test func `a call that draws from its reservation does not wait behind those that wait for it`() throws {
    var state = try State("10/60s")
    let plan = try state.plan(10, until: 50_000, at: 0)
    #expect(state.enqueue(1, .entries, from: nil, deadline: at(59_000)) == true)
    #expect(state.settle(at: at(0)) == [])
    #expect(state.call(from: plan, at: 0) == "go")
    #expect(state.enqueue(2, .entries, from: plan, deadline: at(59_000)) == true)
    #expect(state.settle(at: at(0)) == [.admit(2, RateTicket(kind: .entries, reservation: plan))])
  }

  @Test func `the forecast says what is left and when the next goes`() throws {
    var state = try State("10/1s,250/60s,7000/1d") { $0.exitShare = 20 }
    _ = state.beginDay(try date("2026-11-24"), used: 100)
    _ = state.calls(8, at: 0)
    let forecast = state.forecast(.entries, at: at(400))
    #expect(forecast.windows.map(\.name) == ["1s", "60s", "1d"])
    #expect(forecast.windows.map(\.used) == [8, 8, 108])
    #expect(forecast.windows.map(\.left) == [0, 192, 5_492])
    #expect(forecast.windows.map(\.nextFree) == [.milliseconds(600), .zero, .zero])
  }

  /// Two days of bursts and pauses, with permits that dawdle, come back or get lost.
  @Test(arguments: [
    ("10/1s,250/60s,1000/1h,7000/1d", 1), ("10/1s,250/60s,1000/1h,7000/1d", 2), ("3/1s,5/10s,20/1m", 3),
    ("1/1s", 4), ("5/2s,5000/1h", 5), ("20/1s,6000/60s", 6),
  ])
  func `no window is ever exceeded`(policy: String, seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    let settings = try RateLimitPolicy(policy)
    var state = try State(policy) {
      $0.exitShare = 20
      $0.orderShare = 20
    }
    var spent: [Int] = []
    var out: [RateTicket] = []
    var now = 0
    var today = try date("2026-11-24")
    _ = state.beginDay(today, used: 0)
    var dayStart = 0
    while now < 2 * 86_400_000 {
      for _ in 0..<Int(random.next() % 25) {
        let kind = RateClass.allCases[Int(random.next() % 3)]
        if case .success(let ticket) = state.tryAcquire(kind, from: nil, at: at(now)) { out.append(ticket) }
        guard random.next() % 4 != 0, !out.isEmpty else { continue }
        let ticket = out.remove(at: Int(random.next() % UInt64(out.count)))
        switch random.next() % 8 {
        case 0: state.giveBack(ticket)
        case 1:
          state.abandon(ticket, at: at(now))
          spent.append(now)
        default:
          state.spend(ticket, at: at(now))
          spent.append(now)
        }
      }
      let pauses = [1, 40, 400, 1_500, 20_000, 300_000]
      now += Int(random.next() % UInt64(pauses[Int(random.next() % 6)])) + 1
      if now / 86_400_000 > dayStart {
        dayStart = now / 86_400_000
        today = today.adding(days: 1)
        _ = state.beginDay(today, used: 0)
      }
    }
    #expect(spent.count > 1_000)
    for window in settings.windows {
      let length = Int(window.length.components.seconds) * 1_000
      for index in spent.indices.dropFirst(window.limit) where spent[index] - spent[index - window.limit] < length {
        Issue.record("\(window.limit + 1) calls in \(window.name) at \(spent[index])")
      }
    }
    if let limit = settings.dayLimit {
      for number in 0..<2 { #expect(spent.count { $0 / 86_400_000 == number } <= limit) }
    }
  }

  @Test func `a large limit is counted in buckets and loses less than a hundredth`() throws {
    var state = try State("6000/60s")
    var spent = 0
    for now in stride(from: 0, to: 180_000, by: 5) where state.call(at: now) == "go" { spent += 1 }
    #expect(spent <= 18_000)
    #expect(spent >= 17_700)
  }

  /// Random waits, cancels, deadlines and passing time.
  @Test(arguments: 0..<30 as Range<UInt64>)
  func `every waiter is answered exactly once, in time`(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var state = try State("3/1s,30/60s") {
      $0.exitShare = 20
      $0.waiterLimit = 8
    }
    var waiting: [WaiterID: Instant] = [:]
    var out: [RateTicket] = []
    var plans: [ReservationID] = []
    var nextID: WaiterID = 0
    var now = 0
    func settle() {
      for resolution in state.settle(at: at(now)) {
        switch resolution {
        case .admit(let id, let ticket):
          #expect(waiting.removeValue(forKey: id).map { $0 > at(now) } == true)
          out.append(ticket)
        case .deadlinePassed(let id, _):
          #expect(waiting.removeValue(forKey: id).map { $0 <= at(now) } == true)
        }
      }
      #expect(state.forecast(.reads, at: at(now)).waiterCounts.reduce(0, +) == waiting.count)
    }
    for _ in 0..<2_000 {
      switch random.next() % 8 {
      case 0, 1, 2:
        nextID += 1
        let deadline = at(now + Int(random.next() % 5_000) + 1)
        let kind = RateClass.allCases[Int(random.next() % 3)]
        let plan = random.next() % 2 == 0 ? plans.last : nil
        if state.enqueue(nextID, kind, from: plan, deadline: deadline) { waiting[nextID] = deadline }
      case 3:
        guard let id = waiting.keys.min() else { break }
        waiting[id] = nil
        state.remove(id)
      case 4, 5:
        guard let ticket = out.popLast() else { break }
        random.next() % 3 == 0 ? state.giveBack(ticket) : state.spend(ticket, at: at(now))
      case 6:
        let end = at(now + Int(random.next() % 20_000))
        if case .success(let id) = state.reserve(Int(random.next() % 5) + 1, .entries, until: end, at: at(now)) {
          plans.append(id)
        }
      default:
        now += Int(random.next() % 700)
      }
      settle()
    }
    now += 10_000
    settle()
    #expect(waiting.isEmpty)
  }
}
