package import Ring

/// What one connection may do next: order of answers, when to read, when to give up, when to end.
///
/// Pure: bytes, sockets and timers are the shell's (``HTTPConnection``). It tells what happened, performs what is
/// returned, and calls ``settle(unsentByteCount:at:)`` when a stretch of events is over.
///
/// Pipelined requests are handed over as they come, before earlier ones are answered, and answered in their order. RFC
/// 9112 9.3.2 asks that unsafe ones do not run in parallel: the handler sees them one after another, in order, and
/// what it begins for one must not depend on another's answer.
package struct ConnectionStateMachine {
  package typealias Instant = LoopClock.Instant

  package enum Phase: Equatable, Sendable {
    /// Takes requests. Leads to `answering` behind the last request, and to `closed` when idle for too long, drained
    /// while idle, or broken.
    case open
    /// Takes no more requests and still owes answers or their bytes. Leads to `lingering` when all is sent, to
    /// `closed` if the client has finished as well or is too slow.
    case answering
    /// Our side is shut; what comes is thrown away. Leads to `closed`.
    case lingering(until: Instant)
    /// Leads nowhere.
    case closed
  }

  /// The message that is coming in, since its first byte.
  private enum Message {
    case none
    case head(since: Instant)
    case body(since: Instant)
  }

  /// A request that was taken and whose answer has not been written.
  private struct Owed {
    var version: HTTPVersion
    var isHead: Bool
    var isPersistent: Bool
    var deadline: Instant
    /// The answer exists and waits for its turn.
    var isHeld = false
    /// Answered piece by piece, for as long as it takes.
    var isStream = false
  }

  package let limits: ConnectionLimits
  package private(set) var phase = Phase.open
  private var message = Message.none
  private var owed: [Owed] = []
  /// Answered ones at the front of `owed`, not removed yet so that a queue of one costs no shifting.
  private var owedStart = 0
  /// The number of the first request in `owed`.
  private var firstNumber: UInt32 = 0
  private var requestCount = 0
  private var isDraining = false
  private var hasPeerFinished = false
  private var owesContinue = false
  private var isReading = true
  private var unsentByteCount = 0
  private var discardedByteCount = 0
  private var sendDeadline: Instant?
  private var quietDeadline: Instant?

  package init(limits: ConnectionLimits, at now: Instant) {
    self.limits = limits
    quietDeadline = now.advanced(by: limits.firstByteLimit)
  }

  /// Requests taken and not answered.
  package var unansweredCount: Int { owed.count - owedStart }

  // MARK: Input

  package enum Input: Equatable, Sendable {
    /// Parse it.
    case parse
    /// Keep it and parse it later: too much is unanswered or unsent.
    case keep
    /// Throw it away: no request is taken any more.
    case discard
  }

  /// What to do with bytes at this moment.
  @inline(__always)
  package var input: Input {
    guard phase == .open else { return .discard }
    return isOverloaded ? .keep : .parse
  }

  private var isOverloaded: Bool {
    unansweredCount >= limits.unansweredRequestLimit || unsentByteCount > limits.unsentByteLimit
  }

  /// A message's first byte came. Its deadlines run from here, whatever comes later.
  package mutating func messageBegan(at now: Instant) {
    precondition(phase == .open, "input is parsed in the open phase only")
    guard case .none = message else { preconditionFailure("a message within a message") }
    message = .head(since: now)
  }

  /// A message's head is whole, its content is not; told again whenever more of the content has come.
  /// - Returns: whether to write `100 Continue` now. It waits for the answers ahead of it.
  package mutating func headCompleted(awaitsContinue: Bool) -> Bool {
    switch message {
    case .head(let start): message = .body(since: start)
    case .body:
      // Content comes although we have not asked for it.
      owesContinue = false
      return false
    case .none: preconditionFailure("a head of no message")
    }
    owesContinue = awaitsContinue && unansweredCount > 0
    return awaitsContinue && !owesContinue
  }

  /// After answers were written: whether a `100 Continue` that had to wait is due.
  package mutating func takeContinue() -> Bool {
    guard owesContinue, unansweredCount == 0, phase == .open else { return false }
    owesContinue = false
    return true
  }

  /// A whole request came.
  /// - Returns: its number, by which it is answered.
  package mutating func requestCompleted(
    version: HTTPVersion, isHead: Bool, isPersistent: Bool, at now: Instant
  ) -> UInt32 {
    precondition(phase == .open, "input is parsed in the open phase only")
    message = .none
    owesContinue = false
    quietDeadline = nil
    requestCount += 1
    let isLast = !isPersistent || isDraining || requestCount == limits.requestLimit
    owed.append(
      Owed(
        version: version, isHead: isHead, isPersistent: !isLast, deadline: now.advanced(by: limits.answerLimit)))
    if isLast { phase = .answering }
    return lastNumber
  }

  /// The bytes were refused, or came too slowly: the refusal is answered in its turn, as the last.
  /// - Returns: the number to answer.
  package mutating func messageRefused(at now: Instant) -> UInt32 {
    precondition(phase == .open, "input is parsed in the open phase only")
    message = .none
    owesContinue = false
    quietDeadline = nil
    // The head may be unread, so what was asked is unknown: the answer is whole, and the connection ends behind it.
    owed.append(
      Owed(
        version: .http11, isHead: false, isPersistent: false, deadline: now.advanced(by: limits.answerLimit)))
    phase = .answering
    return lastNumber
  }

  /// Input was thrown away. Beyond the limit no more is read, and a lingering connection closes.
  package mutating func discarded(_ byteCount: Int) {
    discardedByteCount += byteCount
  }

  /// The client will send nothing more. A message cut off in the middle is forgotten; a client that has shut its side
  /// may still read what it asked for, unless that has no end.
  package mutating func peerFinished() {
    hasPeerFinished = true
    message = .none
    owesContinue = false
    switch phase {
    case .open: phase = .answering
    case .answering, .closed: break
    case .lingering: phase = .closed
    }
    if owed[owedStart...].contains(where: { $0.isStream }) { phase = .closed }
  }

  // MARK: Answers

  /// Whether the next bytes on the wire belong to the answer to request `number`.
  package func isNext(_ number: UInt32) -> Bool {
    (phase == .open || phase == .answering) && index(of: number) == owedStart && !owed[owedStart].isStream
  }

  package enum Answer: Equatable, Sendable {
    /// Write it, in this frame.
    case write(ResponseSerializer.Context)
    /// Keep it until ``nextHeld()`` names it.
    case hold
    /// Nobody waits for it: answered before, overdue, or the connection is ending.
    case ignore
  }

  private var lastNumber: UInt32 { firstNumber &+ UInt32(truncatingIfNeeded: unansweredCount) &- 1 }

  private func index(of number: UInt32) -> Int? {
    let offset = Int(number &- firstNumber)
    return offset < unansweredCount ? owedStart + offset : nil
  }

  /// The answer to request `number` exists.
  /// - Parameter closes: whether it shall be the connection's last; later requests are then not answered.
  package mutating func answer(_ number: UInt32, closes: Bool = false) -> Answer {
    guard phase == .open || phase == .answering, let index = index(of: number), !owed[index].isHeld,
      !owed[index].isStream
    else { return .ignore }
    if closes { makeLast(index) }
    if index == owedStart { return .write(removeFirst()) }
    owed[index].isHeld = true
    return .hold
  }

  /// Request `number` is going to be answered piece by piece, until ``endStream(_:)``. No request behind it is read:
  /// there is no telling when it would be answered.
  package mutating func startStream(_ number: UInt32) -> Answer {
    guard phase == .open || phase == .answering, !hasPeerFinished, let index = index(of: number),
      !owed[index].isHeld, !owed[index].isStream
    else { return .ignore }
    makeLast(index)
    owed[index].isStream = true
    return index == owedStart ? .write(context(index)) : .hold
  }

  /// The stream's last piece was written, or it is held and complete.
  package mutating func endStream(_ number: UInt32) {
    guard let index = index(of: number), owed[index].isStream else { return }
    if index == owedStart {
      _ = removeFirst()
    } else {
      owed[index].isStream = false
      owed[index].isHeld = true
    }
  }

  /// After an answer was written: the held one whose turn it is now, or the stream that may start to flow.
  package enum Next: Equatable, Sendable {
    case none
    case answer(UInt32, ResponseSerializer.Context)
    case stream(UInt32, ResponseSerializer.Context)
  }

  package mutating func nextHeld() -> Next {
    guard phase == .open || phase == .answering, owedStart < owed.count else { return .none }
    let number = firstNumber
    if owed[owedStart].isStream { return .stream(number, context(owedStart)) }
    guard owed[owedStart].isHeld else { return .none }
    return .answer(number, removeFirst())
  }

  /// Drops every request behind `index`, and the message that is coming in.
  private mutating func makeLast(_ index: Int) {
    owed[index].isPersistent = false
    owed.removeLast(owed.count - index - 1)
    message = .none
    owesContinue = false
    phase = .answering
  }

  private func context(_ index: Int) -> ResponseSerializer.Context {
    let isLast = index == owed.count - 1 && (phase != .open || isDrainedOfMessages)
    return ResponseSerializer.Context(
      version: owed[index].version, isHead: owed[index].isHead, keepsAlive: owed[index].isPersistent && !isLast)
  }

  /// No message is coming in and none will be taken.
  private var isDrainedOfMessages: Bool {
    if case .none = message { return isDraining }
    return false
  }

  private mutating func removeFirst() -> ResponseSerializer.Context {
    let context = context(owedStart)
    if !context.keepsAlive { phase = .answering }
    owedStart += 1
    firstNumber &+= 1
    if owedStart == owed.count {
      owed.removeAll(keepingCapacity: true)
      owedStart = 0
    } else if owedStart >= 32 {
      owed.removeFirst(owedStart)
      owedStart = 0
    }
    return context
  }

  // MARK: Output

  /// Bytes were handed to the kernel.
  package mutating func sendStarted(byteCount: Int, at now: Instant) {
    let seconds = byteCount / limits.minimumSendRate
    sendDeadline = now.advanced(by: limits.sendLimit + .seconds(seconds))
  }

  /// The kernel has taken all of them.
  package mutating func sendFinished() {
    sendDeadline = nil
  }

  // MARK: Ends

  /// From now on the connection ends behind what has begun: a message half come in is awaited, an idle one closes.
  package mutating func drain() {
    isDraining = true
    if phase == .open, case .none = message, unansweredCount > 0 { phase = .answering }
  }

  /// The connection broke or was closed.
  package mutating func close() {
    phase = .closed
    owed.removeAll(keepingCapacity: true)
    owedStart = 0
    message = .none
  }

  package enum Ending: Equatable, Sendable {
    case none
    /// Shut our side and go on reading.
    case shutdownWrite
    case close
  }

  package struct Settlement: Equatable, Sendable {
    /// Whether to read; nil where that has not changed.
    package var reads: Bool?
    package var ending: Ending

    package init(reads: Bool?, ending: Ending) {
      self.reads = reads
      self.ending = ending
    }
  }

  /// A stretch of events is over.
  /// - Parameter unsentByteCount: bytes written and not taken by the kernel.
  package mutating func settle(unsentByteCount: Int, at now: Instant) -> Settlement {
    self.unsentByteCount = unsentByteCount
    let isSpent = unansweredCount == 0 && unsentByteCount == 0
    var ending = Ending.none
    switch phase {
    case .open:
      if isSpent, case .none = message {
        if isDraining {
          ending = .close
        } else if quietDeadline == nil {
          quietDeadline = now.advanced(by: limits.idleLimit)
        }
      }
    case .answering where isSpent:
      if hasPeerFinished || discardedByteCount > limits.lingerByteLimit {
        ending = .close
      } else {
        phase = .lingering(until: now.advanced(by: limits.lingerLimit))
        ending = .shutdownWrite
      }
    case .answering: break
    case .lingering:
      if discardedByteCount > limits.lingerByteLimit { ending = .close }
    case .closed: ending = .close
    }
    if ending == .close { phase = .closed }
    return Settlement(reads: decideReading(at: now), ending: ending)
  }

  private mutating func decideReading(at now: Instant) -> Bool? {
    let shallRead: Bool
    switch phase {
    case .open:
      // Resumed only when half is gone: a connection at the edge would otherwise pause and resume all the time.
      let threshold = isReading ? limits.unsentByteLimit : limits.unsentByteLimit / 2
      shallRead = unansweredCount < limits.unansweredRequestLimit && unsentByteCount <= threshold
    case .answering, .lingering: shallRead = discardedByteCount <= limits.lingerByteLimit
    case .closed: return nil
    }
    if shallRead == isReading { return nil }
    isReading = shallRead
    if shallRead {
      // While we did not read, the client could not be late.
      switch message {
      case .none: break
      case .head: message = .head(since: now)
      case .body: message = .body(since: now)
      }
    }
    return shallRead
  }

  // MARK: Deadlines

  package enum Expiry: Equatable, Sendable {
    case nothing
    /// Nothing was asked for too long, or a lingering client does not hang up.
    case close
    /// A message did not come fast enough: answer 408 to ``messageRefused(at:)``.
    case refuseMessage
    /// The handler has not answered this request: answer in its place.
    case answer(UInt32)
    /// The client does not read.
    case abandonReader
  }

  /// What is overdue, the gravest first. Ask again after performing it, until `nothing`.
  package func expired(at now: Instant) -> Expiry {
    if phase == .closed { return .nothing }
    if let sendDeadline, sendDeadline <= now { return .abandonReader }
    if case .lingering(let deadline) = phase { return deadline <= now ? .close : .nothing }
    if let deadline = messageDeadline, deadline <= now { return .refuseMessage }
    if let index = firstUnanswered, owed[index].deadline <= now {
      return .answer(firstNumber &+ UInt32(truncatingIfNeeded: index - owedStart))
    }
    if let deadline = idleDeadline, deadline <= now { return .close }
    return .nothing
  }

  /// The first moment at which ``expired(at:)`` may name something; nil if time alone changes nothing.
  package var nextDeadline: Instant? {
    if phase == .closed { return nil }
    var first = sendDeadline
    func consider(_ deadline: Instant?) {
      guard let deadline else { return }
      if let earlier = first, earlier <= deadline { return }
      first = deadline
    }
    if case .lingering(let deadline) = phase {
      consider(deadline)
      return first
    }
    consider(messageDeadline)
    if let index = firstUnanswered { consider(owed[index].deadline) }
    consider(idleDeadline)
    return first
  }

  /// A message that we do not read because of our own backlog is not late.
  private var messageDeadline: Instant? {
    guard phase == .open, isReading else { return nil }
    switch message {
    case .none: return nil
    case .head(let start): return start.advanced(by: min(limits.headLimit, limits.messageLimit))
    case .body(let start): return start.advanced(by: limits.messageLimit)
    }
  }

  private var idleDeadline: Instant? {
    guard phase == .open, unansweredCount == 0, sendDeadline == nil, case .none = message else { return nil }
    return quietDeadline
  }

  /// Requests come with rising deadlines, so the first without an answer is the next to be late.
  private var firstUnanswered: Int? {
    var index = owedStart
    while index < owed.count {
      if !owed[index].isHeld, !owed[index].isStream { return index }
      index += 1
    }
    return nil
  }
}
