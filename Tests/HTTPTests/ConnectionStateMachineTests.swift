import HTTP
import Ring
import Testing

@Suite struct ConnectionStateMachineTests {
  typealias Machine = ConnectionStateMachine

  private static func at(_ milliseconds: Int64) -> LoopClock.Instant {
    LoopClock.Instant(nanoseconds: milliseconds * 1_000_000)
  }

  private static func machine(_ change: (inout ConnectionLimits) -> Void = { _ in }) -> Machine {
    var limits = ConnectionLimits()
    change(&limits)
    return Machine(limits: limits, at: at(0))
  }

  private static let plain = ResponseSerializer.Context()
  private static let last = ResponseSerializer.Context(keepsAlive: false)

  // MARK: One request after another

  @Test func `a request is answered and the connection lives on until it is idle for too long`() {
    var machine = Self.machine()
    #expect(machine.nextDeadline == Self.at(20_000), "the first byte's deadline")
    machine.messageBegan(at: Self.at(5))
    #expect(machine.nextDeadline == Self.at(10_005), "the head's deadline")
    let number = machine.requestCompleted(version: .http11, isHead: false, isPersistent: true, at: Self.at(6))
    #expect(machine.nextDeadline == Self.at(30_006), "the answer's deadline")
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(6)) == .init(reads: nil, ending: .none))
    #expect(machine.answer(number) == .write(Self.plain))
    #expect(machine.nextHeld() == .none)
    machine.sendStarted(byteCount: 100, at: Self.at(7))
    #expect(machine.settle(unsentByteCount: 100, at: Self.at(7)) == .init(reads: nil, ending: .none))
    #expect(machine.nextDeadline == Self.at(20_007), "the client's to take the bytes")
    machine.sendFinished()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(8)) == .init(reads: nil, ending: .none))
    #expect(machine.nextDeadline == Self.at(75_008), "idle")
    #expect(machine.expired(at: Self.at(75_007)) == .nothing)
    #expect(machine.expired(at: Self.at(75_008)) == .close)
  }

  @Test(arguments: [(true, true), (false, false)])
  func `the last request's answer says so and leads to lingering`(_ isPersistent: Bool, _ closes: Bool) {
    var machine = Self.machine()
    let number = machine.take(isPersistent: isPersistent, at: 0)
    #expect(machine.input == (isPersistent ? .parse : .discard))
    #expect(machine.answer(number, closes: closes) == .write(Self.last))
    #expect(machine.phase == .answering)
    #expect(machine.settle(unsentByteCount: 10, at: Self.at(1)).ending == .none)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(2)).ending == .shutdownWrite)
    #expect(machine.phase == .lingering(until: Self.at(2002)))
    #expect(machine.nextDeadline == Self.at(2002))
    #expect(machine.input == .discard)
    machine.peerFinished()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(3)).ending == .close)
    #expect(machine.nextDeadline == nil)
  }

  @Test func `the frame carries the version and whether the method was HEAD`() {
    var machine = Self.machine()
    machine.messageBegan(at: Self.at(0))
    let number = machine.requestCompleted(version: .http10, isHead: true, isPersistent: true, at: Self.at(0))
    #expect(machine.answer(number) == .write(.init(version: .http10, isHead: true, keepsAlive: true)))
  }

  @Test func `a limit of requests makes the last of them the last`() {
    var machine = Self.machine { $0.requestLimit = 2 }
    let first = machine.take(at: 0)
    #expect(machine.answer(first) == .write(Self.plain))
    let second = machine.take(at: 0)
    #expect(machine.input == .discard)
    #expect(machine.answer(second) == .write(Self.last))
  }

  // MARK: Pipelining

  @Test func `answers leave in the order of the requests`() {
    var machine = Self.machine()
    let numbers = (0..<3).map { _ in machine.take(at: 0) }
    #expect(machine.answer(numbers[2]) == .hold)
    #expect(machine.answer(numbers[1]) == .hold)
    #expect(machine.nextHeld() == .none)
    #expect(machine.answer(numbers[0]) == .write(Self.plain))
    #expect(machine.nextHeld() == .answer(numbers[1], Self.plain))
    #expect(machine.nextHeld() == .answer(numbers[2], Self.plain))
    #expect(machine.nextHeld() == .none)
    #expect(machine.unansweredCount == 0)
  }

  @Test func `an answer is taken once`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 0)
    #expect(machine.answer(second) == .hold)
    #expect(machine.answer(second) == .ignore)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.answer(first) == .ignore)
    #expect(machine.answer(second &+ 1) == .ignore, "a request that has not come")
  }

  @Test func `with 100 requests unanswered no more is read, and one answer lets it go on`() {
    var machine = Self.machine()
    let numbers = (0..<100).map { _ in machine.take(at: 0) }
    #expect(machine.input == .keep)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).reads == false)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).reads == nil)
    #expect(machine.answer(numbers[0]) == .write(Self.plain))
    #expect(machine.input == .parse)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).reads == true)
  }

  @Test func `with 99 requests unanswered reading goes on`() {
    var machine = Self.machine()
    for _ in 0..<99 { _ = machine.take(at: 0) }
    #expect(machine.input == .parse)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).reads == nil)
  }

  @Test func `answers that pile up stop the reading until half of them is gone`() {
    var machine = Self.machine { $0.unsentByteLimit = 1000 }
    #expect(machine.settle(unsentByteCount: 1000, at: Self.at(0)).reads == nil)
    #expect(machine.settle(unsentByteCount: 1001, at: Self.at(0)).reads == false)
    #expect(machine.input == .keep)
    #expect(machine.settle(unsentByteCount: 501, at: Self.at(0)).reads == nil)
    #expect(machine.settle(unsentByteCount: 500, at: Self.at(0)).reads == true)
  }

  @Test func `thousands of requests leave nothing behind`() {
    var machine = Self.machine()
    var waiting: [UInt32] = [machine.take(at: 0)]
    for _ in 0..<5000 {
      waiting.append(machine.take(at: 0))
      let number = waiting.removeFirst()
      #expect(machine.answer(number) == .write(Self.plain))
    }
    #expect(machine.unansweredCount == 1)
  }

  @Test func `an answer that ends the connection drops the requests behind it`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 0)
    machine.messageBegan(at: Self.at(0))
    #expect(machine.answer(first, closes: true) == .write(Self.last))
    #expect(machine.answer(second) == .ignore)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .shutdownWrite)
  }

  // MARK: Refusals

  @Test func `a refusal is answered in its turn and is the last`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    machine.messageBegan(at: Self.at(0))
    let refusal = machine.messageRefused(at: Self.at(0))
    #expect(machine.input == .discard)
    #expect(machine.answer(refusal) == .hold)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.nextHeld() == .answer(refusal, Self.last))
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .shutdownWrite)
  }

  @Test func `a lingering client that sends without end is cut off`() {
    var machine = Self.machine { $0.lingerByteLimit = 100 }
    let refusal = machine.messageRefused(at: Self.at(0))
    #expect(machine.answer(refusal) == .write(Self.last))
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .shutdownWrite)
    machine.discarded(100)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .none)
    machine.discarded(1)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  @Test func `a client that sends without end while its refusal waits is not read any more`() {
    var machine = Self.machine { $0.lingerByteLimit = 100 }
    let refusal = machine.messageRefused(at: Self.at(0))
    #expect(machine.answer(refusal) == .write(Self.last))
    machine.discarded(101)
    #expect(machine.settle(unsentByteCount: 50, at: Self.at(0)) == .init(reads: false, ending: .none))
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  // MARK: 100 Continue

  @Test func `100 Continue is written once, when nothing is owed before it`() {
    var machine = Self.machine()
    machine.messageBegan(at: Self.at(0))
    #expect(machine.headCompleted(awaitsContinue: true) == true)
    #expect(machine.headCompleted(awaitsContinue: true) == false)
    #expect(machine.takeContinue() == false)
  }

  @Test func `100 Continue waits for earlier answers`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    machine.messageBegan(at: Self.at(0))
    #expect(machine.headCompleted(awaitsContinue: true) == false)
    #expect(machine.takeContinue() == false)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.takeContinue() == true)
    #expect(machine.takeContinue() == false)
  }

  @Test func `100 Continue is not owed to a client that sends without it`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    machine.messageBegan(at: Self.at(0))
    #expect(machine.headCompleted(awaitsContinue: true) == false)
    #expect(machine.headCompleted(awaitsContinue: false) == false)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.takeContinue() == false)
  }

  // MARK: The client's end

  @Test func `a client that has shut its side still gets its answers`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 0)
    machine.peerFinished()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .none)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.answer(second) == .write(Self.last))
    #expect(machine.settle(unsentByteCount: 9, at: Self.at(0)).ending == .none)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  @Test func `a client that leaves in the middle of a message is let go`() {
    var machine = Self.machine()
    machine.messageBegan(at: Self.at(0))
    machine.peerFinished()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  @Test func `a client that leaves before asking is let go`() {
    var machine = Self.machine()
    machine.peerFinished()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  @Test func `a broken connection ignores answers and has no deadline`() {
    var machine = Self.machine()
    let number = machine.take(at: 0)
    machine.close()
    #expect(machine.answer(number) == .ignore)
    #expect(machine.startStream(number) == .ignore)
    #expect(machine.input == .discard)
    #expect(machine.nextHeld() == .none)
    #expect(machine.nextDeadline == nil)
    #expect(machine.expired(at: Self.at(1_000_000)) == .nothing)
    machine.peerFinished()
    machine.drain()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)) == .init(reads: nil, ending: .close))
  }

  // MARK: Deadlines

  @Test func `a message's deadlines run from its first byte, whatever drips in`() {
    var machine = Self.machine()
    machine.messageBegan(at: Self.at(1000))
    #expect(machine.expired(at: Self.at(10_999)) == .nothing)
    #expect(machine.expired(at: Self.at(11_000)) == .refuseMessage)
    #expect(machine.headCompleted(awaitsContinue: false) == false)
    #expect(machine.headCompleted(awaitsContinue: false) == false)
    #expect(machine.nextDeadline == Self.at(21_000))
    #expect(machine.expired(at: Self.at(20_999)) == .nothing)
    #expect(machine.expired(at: Self.at(21_000)) == .refuseMessage)
    let refusal = machine.messageRefused(at: Self.at(21_000))
    #expect(machine.answer(refusal) == .write(Self.last))
    #expect(machine.expired(at: Self.at(21_000)) == .nothing)
  }

  @Test func `a client is not late while we do not read`() {
    var machine = Self.machine { $0.unsentByteLimit = 10 }
    machine.messageBegan(at: Self.at(0))
    #expect(machine.settle(unsentByteCount: 11, at: Self.at(1)).reads == false)
    #expect(machine.expired(at: Self.at(15_000)) == .nothing)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(15_000)).reads == true)
    #expect(machine.nextDeadline == Self.at(25_000))
  }

  @Test func `a handler that does not answer is answered for, and its late answer ignored`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 1000)
    #expect(machine.answer(second) == .hold)
    #expect(machine.expired(at: Self.at(30_000)) == .answer(first))
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.nextHeld() == .answer(second, Self.plain))
    #expect(machine.expired(at: Self.at(31_000)) == .nothing)
    #expect(machine.answer(first) == .ignore)
  }

  @Test func `a stream drops the requests behind it and is never overdue`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 10)
    let third = machine.take(at: 20)
    #expect(machine.startStream(first) == .write(Self.last), "a stream drops what is behind it")
    #expect(machine.answer(second) == .ignore)
    #expect(machine.answer(third) == .ignore)
    #expect(machine.expired(at: Self.at(60_000)) == .nothing, "a stream takes its time")
  }

  @Test func `a client that does not take its bytes is abandoned, a large answer gets longer`() {
    var machine = Self.machine()
    machine.sendStarted(byteCount: 100, at: Self.at(0))
    #expect(machine.expired(at: Self.at(19_999)) == .nothing)
    #expect(machine.expired(at: Self.at(20_000)) == .abandonReader)
    machine.sendFinished()
    machine.sendStarted(byteCount: 160 * 1024, at: Self.at(0))
    #expect(machine.expired(at: Self.at(29_999)) == .nothing)
    #expect(machine.expired(at: Self.at(30_000)) == .abandonReader)
  }

  @Test func `a lingering client that does not hang up is closed`() {
    var machine = Self.machine()
    let refusal = machine.messageRefused(at: Self.at(0))
    _ = machine.answer(refusal)
    _ = machine.settle(unsentByteCount: 0, at: Self.at(0))
    #expect(machine.expired(at: Self.at(1999)) == .nothing)
    #expect(machine.expired(at: Self.at(2000)) == .close)
  }

  // MARK: Draining

  @Test func `draining closes an idle connection`() {
    var machine = Self.machine()
    machine.drain()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  @Test func `draining ends behind the requests that have come`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 0)
    machine.drain()
    #expect(machine.input == .discard)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.answer(second) == .write(Self.last))
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .shutdownWrite)
  }

  @Test func `draining awaits a message that has begun`() {
    var machine = Self.machine()
    machine.messageBegan(at: Self.at(0))
    machine.drain()
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .none)
    #expect(machine.input == .parse)
    let number = machine.requestCompleted(version: .http11, isHead: false, isPersistent: true, at: Self.at(1))
    #expect(machine.input == .discard)
    #expect(machine.answer(number) == .write(Self.last))
  }

  @Test func `draining with unsent bytes waits for them`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    #expect(machine.answer(first) == .write(Self.plain))
    machine.drain()
    #expect(machine.settle(unsentByteCount: 5, at: Self.at(0)).ending == .none)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .close)
  }

  // MARK: Streams

  @Test func `a stream flows, ends, and ends the connection`() {
    var machine = Self.machine()
    let number = machine.take(at: 0)
    #expect(machine.startStream(number) == .write(Self.last))
    #expect(machine.input == .discard)
    #expect(machine.answer(number) == .ignore)
    #expect(machine.startStream(number) == .ignore)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .none)
    machine.endStream(number)
    #expect(machine.settle(unsentByteCount: 0, at: Self.at(0)).ending == .shutdownWrite)
  }

  @Test func `a stream waits for the answers ahead of it`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 0)
    #expect(machine.startStream(second) == .hold)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.nextHeld() == .stream(second, Self.last))
    machine.endStream(second)
    #expect(machine.unansweredCount == 0)
  }

  @Test func `a stream that ends before its turn is a held answer`() {
    var machine = Self.machine()
    let first = machine.take(at: 0)
    let second = machine.take(at: 0)
    #expect(machine.startStream(second) == .hold)
    machine.endStream(second)
    #expect(machine.answer(first) == .write(Self.plain))
    #expect(machine.nextHeld() == .answer(second, Self.last))
  }

  @Test func `a client that shuts its side while it is streamed to has left`() {
    var machine = Self.machine()
    let number = machine.take(at: 0)
    _ = machine.startStream(number)
    machine.peerFinished()
    #expect(machine.settle(unsentByteCount: 100, at: Self.at(0)).ending == .close)
  }

  @Test func `no stream is started for a client that has left`() {
    var machine = Self.machine()
    let number = machine.take(at: 0)
    machine.peerFinished()
    #expect(machine.startStream(number) == .ignore)
    #expect(machine.answer(number) == .write(Self.last))
  }

  // MARK: Every event in every later phase

  /// A machine in each phase but `open`, with the number of a request that was never answered where there is one.
  private static func machine(in phase: String) -> (Machine, UInt32) {
    var machine = machine()
    let number = machine.take(isPersistent: false, at: 0)
    switch phase {
    case "answering": break
    case "lingering":
      _ = machine.answer(number)
      _ = machine.settle(unsentByteCount: 0, at: at(0))
    default: machine.close()
    }
    return (machine, number)
  }

  @Test(arguments: ["answering", "lingering", "closed"])
  func `behind the last request every event has its answer`(_ phase: String) {
    func after(_ event: (inout Machine, UInt32) -> Void) -> Machine {
      var (machine, number) = Self.machine(in: phase)
      event(&machine, number)
      return machine
    }
    let (fresh, _) = Self.machine(in: phase)
    #expect(fresh.input == .discard)
    _ = after { machine, _ in #expect(machine.takeContinue() == false) }
    _ = after { machine, _ in #expect(machine.nextHeld() == .none) }
    #expect(after { machine, _ in machine.drain() }.phase == fresh.phase)
    #expect(after { machine, _ in machine.discarded(1) }.phase == fresh.phase)
    #expect(after { machine, _ in machine.close() }.phase == .closed)
    #expect(after { machine, _ in machine.peerFinished() }.phase == (phase == "answering" ? .answering : .closed))
    _ = after { machine, number in
      #expect(machine.answer(number) == (phase == "answering" ? .write(Self.last) : .ignore))
    }
    _ = after { machine, number in
      #expect(machine.startStream(number) == (phase == "answering" ? .write(Self.last) : .ignore))
    }
    #expect(after { machine, number in machine.endStream(number) }.phase == fresh.phase, "no stream was started")
    _ = after { machine, _ in
      let ending = machine.settle(unsentByteCount: 0, at: Self.at(0)).ending
      #expect(ending == (phase == "closed" ? .close : .none))
    }
    switch phase {
    case "answering": #expect(fresh.expired(at: Self.at(30_000)) == .answer(0))
    case "lingering": #expect(fresh.expired(at: Self.at(30_000)) == .close)
    default: #expect(fresh.expired(at: Self.at(30_000)) == .nothing)
    }
  }

  @Test func `a request taken behind the last one is a bug that traps`() async {
    await #expect(processExitsWith: .failure) {
      var machine = ConnectionStateMachine(limits: ConnectionLimits(), at: LoopClock.Instant(nanoseconds: 0))
      machine.close()
      _ = machine.requestCompleted(
        version: .http11, isHead: false, isPersistent: true, at: LoopClock.Instant(nanoseconds: 0))
    }
    await #expect(processExitsWith: .failure) {
      var machine = ConnectionStateMachine(limits: ConnectionLimits(), at: LoopClock.Instant(nanoseconds: 0))
      machine.messageBegan(at: LoopClock.Instant(nanoseconds: 0))
      machine.messageBegan(at: LoopClock.Instant(nanoseconds: 0))
    }
    await #expect(processExitsWith: .failure) {
      var machine = ConnectionStateMachine(limits: ConnectionLimits(), at: LoopClock.Instant(nanoseconds: 0))
      _ = machine.headCompleted(awaitsContinue: true)
    }
  }

  // MARK: Any order of events

  @Test(arguments: 0..<200)
  func `in any order of events answers leave in order, and every connection ends`(_ seed: UInt64) {
    var random = SplitMix(seed: seed)
    var machine = Self.machine { $0.unansweredRequestLimit = 5 }
    var now: Int64 = 0
    var hasMessage = false
    var open: [UInt32] = []
    var written: [UInt32] = []
    for _ in 0..<400 where machine.phase != .closed {
      now += Int64(random.next() % 50)
      switch random.next() % 12 {
      case 0...3:
        guard machine.input == .parse else { continue }
        if !hasMessage { machine.messageBegan(at: Self.at(now)) }
        hasMessage = false
        open.append(
          machine.requestCompleted(
            version: .http11, isHead: false, isPersistent: random.next() % 50 != 0, at: Self.at(now)))
      case 4:
        guard machine.input == .parse, !hasMessage else { continue }
        machine.messageBegan(at: Self.at(now))
        hasMessage = true
      case 5...9:
        guard !open.isEmpty else { continue }
        let number = open.remove(at: Int(random.next() % UInt64(open.count)))
        let answer = machine.answer(number, closes: random.next() % 40 == 0)
        if case .write = answer { written.append(number) }
        while case .answer(let next, _) = machine.nextHeld() { written.append(next) }
        if machine.phase != .open { hasMessage = false }
      case 10 where random.next() % 30 == 0:
        machine.peerFinished()
        hasMessage = false
      case 11 where random.next() % 30 == 0: machine.drain()
      default: _ = machine.settle(unsentByteCount: Int(random.next() % 3), at: Self.at(now))
      }
      #expect(machine.unansweredCount <= 5)
    }
    #expect(written == Array(0..<UInt32(written.count)))
    machine.drain()
    for _ in 0..<100 where machine.phase != .closed {
      now += 60_000
      switch machine.expired(at: Self.at(now)) {
      case .nothing: _ = machine.settle(unsentByteCount: 0, at: Self.at(now))
      case .close, .abandonReader: machine.close()
      case .refuseMessage: _ = machine.answer(machine.messageRefused(at: Self.at(now)))
      case .answer(let number):
        _ = machine.answer(number)
        while machine.nextHeld() != .none {}
      }
    }
    #expect(machine.phase == .closed)
  }
}

extension ConnectionStateMachine {
  /// A whole request at once.
  fileprivate mutating func take(isPersistent: Bool = true, at milliseconds: Int64) -> UInt32 {
    let now = LoopClock.Instant(nanoseconds: milliseconds * 1_000_000)
    messageBegan(at: now)
    return requestCompleted(version: .http11, isHead: false, isPersistent: isPersistent, at: now)
  }
}
