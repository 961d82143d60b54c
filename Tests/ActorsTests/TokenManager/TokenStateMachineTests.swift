import OrderDomain
import TestSupport
import Testing

@testable import Actors

private typealias Machine = TokenStateMachine
private typealias Instant = Uptime

private func at(_ seconds: Int) -> Instant { Instant(offset: .seconds(seconds)) }
private func wall(_ seconds: Int) -> Timestamp { Timestamp(nanoseconds: Int64(seconds) * 1_000_000_000) }
private func issued(until seconds: Int?) -> IssuedToken {
  IssuedToken(secret: Secret("hush"), expiresAt: seconds.map(wall))
}
private let outage = TokenError(kind: .temporary, refusal: Refusal(code: "auth.outage", cause: "down", fix: "wait"))
private let loginNeeded = TokenError(
  kind: .needsPerson, refusal: Refusal(code: "auth.loginNeeded", cause: "no login", fix: "log in"))
private let day = 86_400

extension Machine {
  /// What a call gets, and the attempts that it starts.
  fileprivate mutating func ask(at seconds: Int) -> String {
    let (answer, actions) = token(at: at(seconds))
    let text =
      switch answer {
      case .use(let token): "use \(token.generation)"
      case .wait: "wait"
      case .refuse(let error): "refuse \(error.refusal.code)"
      }
    return text + actions.text
  }

  fileprivate mutating func fetch(_ attempt: UInt64, _ result: Result<IssuedToken, TokenError>, at seconds: Int)
    -> String
  {
    fetched(attempt: attempt, result, at: at(seconds), wall: wall(seconds)).text
  }

  fileprivate mutating func refuse(_ generation: UInt64, at seconds: Int) -> String {
    refused(generation, at: at(seconds)).text
  }

  fileprivate mutating func wait(until seconds: Int) -> String { tick(at: at(seconds)).text }

  fileprivate mutating func give(until end: Int, at seconds: Int) -> Bool {
    supply(issued(until: end), at: at(seconds), wall: wall(seconds)).wasTaken
  }

  fileprivate var phase: String {
    switch state {
    case .empty: "empty"
    case .valid: "valid"
    case .refreshing(_, _, let current): current == nil ? "refreshing" : "refreshing+"
    case .failed(_, _, let current): current == nil ? "failed" : "failed+"
    }
  }

  /// `+` holds a token that still serves.
  fileprivate static func inState(_ name: String) -> Machine {
    var machine = Machine(settings: TokenManagerSettings())
    if name == "empty" { return machine }
    _ = machine.token(at: at(-100))
    if name == "refreshing" {
      machine = Machine(settings: TokenManagerSettings())
      _ = machine.token(at: at(0))
      return machine
    }
    _ = machine.fetch(1, .success(issued(until: day)), at: -100)
    if name == "valid" { return machine }
    _ = machine.refreshNow(at: at(0))
    if name == "refreshing+" { return machine }
    _ = machine.fetch(2, .failure(outage), at: 0)
    if name == "failed" { _ = machine.refused(1, at: at(0)) }
    return machine
  }
}

extension [Machine.Action] {
  fileprivate var text: String {
    map { action in
      switch action {
      case .fetch(let attempt): ", fetch \(attempt)"
      case .resume(let ids, .success(let token)): ", \(ids) get \(token.generation)"
      case .resume(let ids, .failure(let error)): ", \(ids) fail \(error.refusal.code)"
      }
    }.joined()
  }
}

@Suite struct TokenStateMachineTests {
  @Test(
    arguments: [
      ("empty", "empty"), ("valid", "failed"), ("refreshing", "refreshing"), ("refreshing+", "refreshing"),
      ("failed", "failed"), ("failed+", "failed"),
    ])
  func `a token of another account serves nobody`(_ before: String, _ after: String) {
    var machine = Machine.inState(before)
    let otherClient = TokenError(
      kind: .needsPerson, refusal: Refusal(code: "auth.otherClient", cause: "another's", fix: "log in"))
    // Of an earlier token nothing is believed.
    let unmoved = machine.condemn(7, otherClient).text
    #expect(unmoved == "")
    #expect(machine.phase == before)
    let moved = machine.condemn(1, otherClient).text
    #expect(moved == "")
    #expect(machine.phase == after)
    if before == "valid" || before == "failed+" {
      #expect(machine.ask(at: 1) == "refuse auth.otherClient")
      #expect(machine.ask(at: 10_000) == "refuse auth.otherClient")
      #expect(machine.give(until: day, at: 10_001) == true)
      #expect(machine.ask(at: 10_002) == "use 2")
    }
  }

  @Test func `the first call asks once, and all that wait get the same token`() {
    var machine = Machine(settings: TokenManagerSettings())
    #expect(machine.ask(at: 0) == "wait, fetch 1")
    #expect(machine.enqueue(1, deadline: at(30)) == true)
    #expect(machine.ask(at: 1) == "wait")
    #expect(machine.enqueue(2, deadline: at(30)) == true)
    #expect(machine.fetch(1, .success(issued(until: day)), at: 2) == ", [1, 2] get 1")
    #expect(machine.ask(at: 3) == "use 1")
  }

  @Test func `under one hour left it is renewed while the old one serves`() {
    var machine = Machine.inState("valid")
    #expect(machine.ask(at: day - 3_601) == "use 1")
    #expect(machine.ask(at: day - 3_600) == "use 1, fetch 2")
    #expect(machine.ask(at: day - 3_590) == "use 1")
    #expect(machine.fetch(2, .success(issued(until: 2 * day)), at: day - 3_585) == "")
    #expect(machine.ask(at: day - 3_580) == "use 2")
  }

  @Test func `an expired token is not used, not even within the margin`() {
    var machine = Machine.inState("refreshing+")
    _ = machine.fetch(2, .failure(loginNeeded), at: 1)
    #expect(machine.ask(at: day - 6) == "use 1")
    #expect(machine.ask(at: day - 5) == "refuse auth.loginNeeded")
  }

  @Test func `a token with a short life is not renewed without end`() {
    var machine = Machine.inState("refreshing")
    _ = machine.fetch(1, .success(issued(until: 1_800)), at: 0)
    #expect(machine.ask(at: 899) == "use 1")
    #expect(machine.ask(at: 900) == "use 1, fetch 2")
  }

  @Test func `a jump of the wall clock neither ends nor prolongs a token`() {
    var machine = Machine.inState("refreshing")
    _ = machine.fetched(attempt: 1, .success(issued(until: day)), at: at(0), wall: wall(0))
    #expect(machine.ask(at: day - 4_000) == "use 1")
    #expect(machine.ask(at: day) == "wait, fetch 2")
  }

  @Test func `a token that had expired when it came is a failure`() {
    var machine = Machine.inState("refreshing")
    #expect(machine.enqueue(1, deadline: at(30)) == true)
    #expect(machine.fetch(1, .success(issued(until: 3)), at: 3) == ", [1] fail auth.issuedExpired")
    #expect(machine.give(until: 4, at: 4) == false)
  }

  @Test func `only the refusal of the present token asks for a new one`() {
    var machine = Machine.inState("valid")
    #expect(machine.refuse(7, at: 0) == "")
    #expect(machine.refuse(1, at: 0) == ", fetch 2")
    for _ in 0..<99 { #expect(machine.refuse(1, at: 0) == "") }
    _ = machine.fetch(2, .success(issued(until: day)), at: 1)
    #expect(machine.refuse(1, at: 10) == "")
    #expect(machine.ask(at: 10) == "use 2")
  }

  @Test func `a new token that is refused at once is not asked for again within five seconds`() {
    var machine = Machine.inState("refreshing")
    _ = machine.fetch(1, .success(issued(until: day)), at: 1)
    #expect(machine.refuse(1, at: 2) == "")
    #expect(machine.ask(at: 4) == "refuse auth.tokenRefused")
    #expect(machine.nextEvent == at(5))
    #expect(machine.wait(until: 5) == ", fetch 2")
  }

  @Test func `failures in a row are asked again after twice the time each, up to the maximum`() {
    var machine = Machine(settings: TokenManagerSettings())
    #expect(machine.ask(at: 0) == "wait, fetch 1")
    var now = 0
    for (attempt, wait) in [5, 10, 20, 40, 80, 160, 300, 300].enumerated() {
      _ = machine.fetch(UInt64(attempt + 1), .failure(outage), at: now)
      #expect(machine.ask(at: now + wait - 1) == "refuse auth.outage")
      now += wait
      #expect(machine.ask(at: now) == "wait, fetch \(attempt + 2)")
    }
  }

  @Test func `what the source asks for is waited, within the maximum`() {
    for (asked, waited) in [(130, 130), (1_000_000_000, 300), (1, 5)] {
      var machine = Machine.inState("refreshing")
      let error = TokenError(kind: .temporary, refusal: outage.refusal, retryAfter: .seconds(asked))
      _ = machine.fetch(1, .failure(error), at: 0)
      #expect(machine.nextEvent == at(waited))
    }
  }

  @Test func `where only a person helps nothing is tried until one does`() {
    var machine = Machine.inState("refreshing")
    _ = machine.fetch(1, .failure(loginNeeded), at: 0)
    #expect(machine.nextEvent == nil)
    #expect(machine.ask(at: day) == "refuse auth.loginNeeded")
    #expect(machine.give(until: 2 * day, at: day) == true)
    #expect(machine.ask(at: day) == "use 1")
  }

  @Test func `an attempt without an answer is given up, and its late token is taken all the same`() {
    var machine = Machine.inState("refreshing")
    #expect(machine.enqueue(1, deadline: at(60)) == true)
    #expect(machine.wait(until: 20) == ", [1] fail auth.refreshTimedOut")
    #expect(machine.fetch(1, .success(issued(until: day)), at: 22) == "")
    #expect(machine.ask(at: 23) == "use 1")
    #expect(machine.status(at: at(23)).counters.late == 1)
  }

  @Test func `the answer of an attempt that was overtaken is counted and not obeyed`() {
    var machine = Machine.inState("refreshing")
    _ = machine.supply(issued(until: day), at: at(1), wall: wall(1))
    #expect(machine.fetch(1, .success(issued(until: 2 * day)), at: 2) == "")
    #expect(machine.ask(at: 3) == "use 1")
    #expect(machine.status(at: at(3)).counters.late == 1)
  }

  @Test func `a wait ends at its deadline while the attempt goes on`() {
    var machine = Machine.inState("refreshing")
    #expect(machine.enqueue(1, deadline: at(3)) == true)
    #expect(machine.nextEvent == at(3))
    #expect(machine.wait(until: 3) == ", [1] fail auth.deadlinePassed")
    #expect(machine.phase == "refreshing")
  }

  @Test func `status says what a person asks`() {
    var machine = Machine.inState("valid")
    var status = machine.status(at: at(0))
    #expect(status.valid && status.hoursRemaining == 24 && !status.needsRefresh && status.expiry == wall(day))
    status = machine.status(at: at(day - 3_000))
    #expect(status.valid && status.hoursRemaining == 0 && status.needsRefresh)
    _ = machine.refused(1, at: at(0))
    #expect(machine.status(at: at(0)).valid == false)
  }

  /// Every state against every event: what it leads to and what is done.
  @Test(arguments: [
    ("empty", "ask", "refreshing, fetch 1"), ("empty", "refused", "empty"), ("empty", "supply", "valid"),
    ("empty", "refreshNow", "refreshing, fetch 1"), ("empty", "time", "empty"), ("empty", "good", "empty"),
    ("empty", "bad", "empty"),
    ("valid", "ask", "valid"), ("valid", "refused", "refreshing, fetch 2"), ("valid", "supply", "valid"),
    ("valid", "refreshNow", "refreshing+, fetch 2"), ("valid", "time", "refreshing+, fetch 2"),
    ("valid", "good", "valid"), ("valid", "bad", "valid"),
    ("refreshing", "ask", "refreshing"), ("refreshing", "refused", "refreshing"), ("refreshing", "supply", "valid"),
    ("refreshing", "refreshNow", "refreshing"), ("refreshing", "time", "failed"), ("refreshing", "good", "valid"),
    ("refreshing", "bad", "failed"),
    ("refreshing+", "ask", "refreshing+"), ("refreshing+", "refused", "refreshing"),
    ("refreshing+", "supply", "valid"), ("refreshing+", "refreshNow", "refreshing+"),
    ("refreshing+", "time", "failed+"), ("refreshing+", "good", "valid"), ("refreshing+", "bad", "failed+"),
    ("failed+", "ask", "failed+"), ("failed+", "refused", "failed"), ("failed+", "supply", "valid"),
    ("failed+", "refreshNow", "failed+"), ("failed+", "time", "refreshing+, fetch 3"), ("failed+", "good", "valid"),
    ("failed+", "bad", "failed+"),
    ("failed", "ask", "failed"), ("failed", "refused", "failed"), ("failed", "supply", "valid"),
    ("failed", "refreshNow", "failed"), ("failed", "time", "refreshing, fetch 3"), ("failed", "good", "valid"),
    ("failed", "bad", "failed"),
  ])
  func `each event in each state leads where the table says`(state: String, event: String, result: String) {
    var machine = Machine.inState(state)
    #expect(machine.phase == state)
    let attempt = machine.status(at: at(1)).counters.attempts
    let actions: [Machine.Action] =
      switch event {
      case "ask": machine.token(at: at(1)).1
      case "refused": machine.refused(1, at: at(1))
      case "supply": machine.supply(issued(until: day), at: at(1), wall: wall(1)).actions
      case "refreshNow": machine.refreshNow(at: at(1))
      case "time": machine.tick(at: at(day - 1_800))
      case "good": machine.fetched(attempt: attempt, .success(issued(until: day)), at: at(1), wall: wall(1))
      default: machine.fetched(attempt: attempt, .failure(outage), at: at(1), wall: wall(1))
      }
    #expect(machine.phase + actions.text == result)
  }

  /// Random calls, cancels, answers, refusals and passing time.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `one attempt at a time, five seconds apart, and every waiter answered once`(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var settings = TokenManagerSettings()
    settings.waiterLimit = 8
    var machine = Machine(settings: settings)
    var now = 0
    var waiting: Set<WaiterID> = []
    var nextID: WaiterID = 0
    var attempts: [UInt64] = []
    var lastStart: Int?
    func run(_ actions: [Machine.Action]) {
      for action in actions {
        switch action {
        case .fetch(let attempt):
          if let lastStart { #expect(now - lastStart >= 5) }
          lastStart = now
          attempts.append(attempt)
        case .resume(let ids, _):
          for id in ids { #expect(waiting.remove(id) != nil, "answered twice") }
        }
      }
      #expect(machine.waiterCount == waiting.count)
      #expect(waiting.isEmpty || machine.phase.hasPrefix("refreshing"), "waiting for nothing")
    }
    for _ in 0..<3_000 {
      switch random.next() % 8 {
      case 0, 1, 2:
        let (answer, actions) = machine.token(at: at(now))
        run(actions)
        guard case .wait = answer else { break }
        nextID += 1
        if machine.enqueue(nextID, deadline: at(now + Int(random.next() % 40) + 1)) { waiting.insert(nextID) }
      case 3:
        guard let id = waiting.min() else { break }
        machine.remove(id)
        waiting.remove(id)
      case 4:
        guard !attempts.isEmpty else { break }
        let attempt = attempts.remove(at: Int(random.next() % UInt64(attempts.count)))
        let result: Result<IssuedToken, TokenError> =
          random.next() % 3 == 0 ? .failure(outage) : .success(issued(until: now + Int(random.next() % 5_000)))
        run(machine.fetched(attempt: attempt, result, at: at(now), wall: wall(now)))
      case 5:
        run(machine.refused(machine.status(at: at(now)).generation, at: at(now)))
      default:
        now += Int(random.next() % 30)
        run(machine.tick(at: at(now)))
      }
    }
    now += 100
    run(machine.tick(at: at(now)))
    #expect(waiting.isEmpty)
  }
}
