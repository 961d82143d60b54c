internal import Ring

/// One connection: feeds the parser, asks the state machine, moves the bytes.
///
/// Owner: ``HTTPServer``, which keeps it in a slot and uses it again for a later connection. The loop holds it as the
/// stream's handler until `closed`. Loop's thread only.
final class HTTPConnection: StreamHandler {
  /// An answer that waits for those ahead of it.
  private enum Held {
    case response(HTTPResponse)
    case raw([UInt8])
    case stream(HTTPStatus, HTTPFields, pieces: [[UInt8]], hasEnded: Bool)
  }

  private struct OpenStream {
    let number: UInt32
    let onClose: () -> Void
    /// Nil until it is the stream's turn.
    var context: ResponseSerializer.Context?
    /// Of a tunnel: takes what comes, and pieces go out as they are.
    var onBytes: ((Span<UInt8>) -> Void)?
  }

  /// Memory that an idle connection may keep in a buffer.
  private static let keptCapacity = 4096

  private let server: HTTPServer
  private let loop: EventLoop
  private var machine: ConnectionStateMachine
  private var parser: RequestParser
  private(set) var id: ConnectionID
  private(set) var stream: StreamID
  private(set) var peer: PeerAddress
  /// Between it and the stream, where TLS is spoken.
  var tls: TLSStream?
  /// Beyond the limits, and only there to be told so.
  var isRefused = false
  /// Bytes that came while nothing may be parsed.
  private var leftover: [UInt8] = []
  private var output = IOBuffer()
  /// Lent to the loop while `isSending`, empty otherwise.
  private var sending: IOBuffer?
  private var isSending = false
  private var held: [(number: UInt32, answer: Held)] = []
  private var openStream: OpenStream?
  private var timer: TimerID?
  private var timerDeadline = LoopClock.Instant(nanoseconds: .max)
  /// Within a stretch of events: ``settle()`` comes at its end.
  private var isBusy = false
  private var isClosed = false

  init(server: HTTPServer, loop: EventLoop, id: ConnectionID, stream: StreamID, peer: PeerAddress) {
    self.server = server
    self.loop = loop
    self.id = id
    self.stream = stream
    self.peer = peer
    machine = ConnectionStateMachine(limits: server.configuration.connection, at: loop.time)
    parser = RequestParser(limits: server.configuration.message)
  }

  /// Becomes another connection. What it was before has been told `closed`.
  func reuse(id: ConnectionID, stream: StreamID, peer: PeerAddress) {
    self.id = id
    self.stream = stream
    self.peer = peer
    machine = ConnectionStateMachine(limits: server.configuration.connection, at: loop.time)
    isClosed = false
  }

  /// Accepted: from here deadlines run.
  func begin() { armTimer() }

  /// Tells a client that came too many so, without having read anything.
  func refuse(_ refusal: HTTPRefusal) {
    let number = machine.messageRefused(at: loop.time)
    isBusy = true
    answer(number, server.configuration.refusal(refusal), closes: true)
    isBusy = false
    settle()
  }

  /// The client does not speak TLS: it is told so, and no more; what it said is thrown away.
  func speakPlainly(_ bytes: Span<UInt8>) {
    tls = nil
    // One that came too many has a sealed answer waiting, which it could not read.
    guard !isRefused, machine.phase == .open else { return loop.close(stream) }
    refuse(.plainRequest)
    received(bytes, on: stream)
  }

  // MARK: StreamHandler

  func received(_ bytes: Span<UInt8>, on stream: StreamID) {
    server.counters.receivedBytes &+= UInt64(bytes.count)
    isBusy = true
    if leftover.isEmpty { take(bytes) } else { leftover.append(bytes) }
    isBusy = false
    settle()
  }

  func peerFinished(_ stream: StreamID) {
    machine.peerFinished()
    settle()
  }

  func sendFinished(_ buffer: IOBuffer, on stream: StreamID) {
    server.counters.sentBytes &+= UInt64(buffer.count)
    isSending = false
    buffer.removeAll()
    if buffer.capacity > Self.keptCapacity { sending = nil }
    machine.sendFinished()
    settle()
  }

  func failed(_ error: RingError, on stream: StreamID) {
    server.counters.brokenConnections &+= 1
    machine.close()
  }

  func closed(_ stream: StreamID) {
    isClosed = true
    machine.close()
    if let timer = timer.take() { loop.cancel(timer) }
    timerDeadline = LoopClock.Instant(nanoseconds: .max)
    parser.reset()
    leftover = []
    held = []
    isSending = false
    sending = nil
    output.removeAll()
    if output.capacity > Self.keptCapacity { output = IOBuffer() }
    let stream = openStream.take()
    tls = nil
    server.ended(self)
    // Last: it may call anything.
    stream?.onClose()
  }

  // MARK: Input

  /// Takes as many requests out of `bytes` as may be taken, and keeps or drops the rest.
  private func take(_ bytes: Span<UInt8>) {
    var offset = 0
    while offset < bytes.count {
      let rest = bytes.extracting(offset..<bytes.count)
      if let onBytes = openStream?.onBytes { return onBytes(rest) }
      switch machine.input {
      case .parse:
        guard let consumed = takeOne(rest) else { return }
        offset += consumed
      case .keep:
        leftover.append(rest)
        return
      case .discard:
        machine.discarded(rest.count)
        return
      }
    }
  }

  /// Feeds the parser, and hands over a request that became whole. Nil if all of `bytes` is spent.
  private func takeOne(_ bytes: Span<UInt8>) -> Int? {
    if parser.stage == .idle { machine.messageBegan(at: loop.time) }
    do throws(HTTPParseError) {
      switch try parser.parse(bytes) {
      case .needsMore:
        if parser.stage == .body, machine.headCompleted(awaitsContinue: parser.isAwaitingContinue) {
          ResponseSerializer.writeContinue(to: &output)
        }
        return nil
      case .complete(let consumed):
        let number = machine.requestCompleted(
          version: parser.version, isHead: parser.method == .head, isPersistent: parser.isPersistent, at: loop.time)
        server.counters.requests &+= 1
        server.handler.handle(
          parser.request(in: bytes, from: peer), HTTPResponder(server: server, connection: id, number: number))
        parser.reset()
        return consumed
      }
    } catch {
      server.counters.refusedMessages &+= 1
      // What is left of these bytes belongs to a message whose end nobody knows.
      machine.discarded(bytes.count)
      refuseMessage(.message(error))
      return nil
    }
  }

  private func refuseMessage(_ refusal: HTTPRefusal) {
    let number = machine.messageRefused(at: loop.time)
    answer(number, server.configuration.refusal(refusal), closes: true)
  }

  // MARK: Answers

  func respond(_ response: HTTPResponse, to number: UInt32) {
    answer(number, response, closes: response.closesConnection)
    settle()
  }

  private func answer(_ number: UInt32, _ response: HTTPResponse, closes: Bool) {
    switch machine.answer(number, closes: closes) {
    case .write(let context):
      write(response, context)
      writeHeld()
    case .hold: held.append((number, .response(response)))
    case .ignore: server.counters.ignoredAnswers &+= 1
    }
  }

  func respond(raw bytes: [UInt8], closes: Bool, to number: UInt32) {
    switch machine.answer(number, closes: closes) {
    case .write:
      output.append(bytes.span)
      writeHeld()
    case .hold: held.append((number, .raw(bytes)))
    case .ignore: server.counters.ignoredAnswers &+= 1
    }
    settle()
  }

  func write(ahead bytes: [UInt8], of number: UInt32) {
    guard machine.isNext(number) else { return }
    output.append(bytes.span)
    settle()
  }

  private func write(_ response: HTTPResponse, _ context: ResponseSerializer.Context) {
    server.counters.count(response.status)
    server.refreshDate()
    server.serializer.write(response, for: context, to: &output)
  }

  /// Writes what waited for the answer just written.
  private func writeHeld() {
    while true {
      switch machine.nextHeld() {
      case .none:
        if machine.takeContinue() { ResponseSerializer.writeContinue(to: &output) }
        return
      case .answer(let number, let context):
        switch takeHeld(number) {
        case .response(let response): write(response, context)
        case .raw(let bytes): output.append(bytes.span)
        case .stream(let status, let fields, let pieces, _):
          writeStream(status, fields, pieces, context)
          server.serializer.writeStreamEnd(for: context, to: &output)
        case nil: preconditionFailure("the machine holds what was never given")
        }
      case .stream(let number, let context):
        // The machine names it until it ends; only the first time is its head due.
        guard openStream?.context == nil else { return }
        guard case .stream(let status, let fields, let pieces, _) = takeHeld(number) else { return }
        writeStream(status, fields, pieces, context)
        openStream?.context = context
        return
      }
    }
  }

  private func takeHeld(_ number: UInt32) -> Held? {
    guard let index = held.firstIndex(where: { $0.number == number }) else { return nil }
    return held.remove(at: index).answer
  }

  private func writeStream(
    _ status: HTTPStatus, _ fields: HTTPFields, _ pieces: [[UInt8]], _ context: ResponseSerializer.Context
  ) {
    server.counters.count(status)
    server.refreshDate()
    server.serializer.writeStreamHead(status, fields: fields, for: context, to: &output)
    for piece in pieces { server.serializer.writeStreamPiece(piece.span, for: context, to: &output) }
  }

  // MARK: Streams

  func startStream(_ number: UInt32, _ status: HTTPStatus, _ fields: HTTPFields, _ onClose: @escaping () -> Void)
    -> Bool
  {
    switch machine.startStream(number) {
    case .ignore:
      server.counters.ignoredAnswers &+= 1
      return false
    case .write(let context):
      openStream = OpenStream(number: number, onClose: onClose, context: context)
      writeStream(status, fields, [], context)
    case .hold:
      openStream = OpenStream(number: number, onClose: onClose)
      held.append((number, .stream(status, fields, pieces: [], hasEnded: false)))
    }
    server.counters.streams &+= 1
    settle()
    return true
  }

  func startTunnel(
    _ number: UInt32, _ head: [UInt8], _ onBytes: @escaping (Span<UInt8>) -> Void, _ onClose: @escaping () -> Void
  ) -> Bool {
    guard machine.isNext(number), case .write(let context) = machine.startStream(number) else {
      server.counters.ignoredAnswers &+= 1
      return false
    }
    openStream = OpenStream(number: number, onClose: onClose, context: context, onBytes: onBytes)
    output.append(head.span)
    server.counters.streams &+= 1
    settle()
    return true
  }

  func sendPiece(_ bytes: Span<UInt8>, of number: UInt32) -> Bool {
    guard let open = openStream, open.number == number else { return false }
    if open.onBytes != nil {
      output.append(bytes)
    } else if let context = open.context {
      server.serializer.writeStreamPiece(bytes, for: context, to: &output)
    } else {
      hold(bytes, number)
    }
    if backlogByteCount > server.configuration.streamBacklogLimit {
      server.counters.slowReaders &+= 1
      abandon()
      return false
    }
    settle()
    return true
  }

  private func hold(_ bytes: Span<UInt8>, _ number: UInt32) {
    var copy: [UInt8] = []
    copy.append(bytes)
    guard let index = held.firstIndex(where: { $0.number == number }),
      case .stream(let status, let fields, var pieces, let hasEnded) = held[index].answer
    else { return }
    pieces.append(copy)
    held[index].answer = .stream(status, fields, pieces: pieces, hasEnded: hasEnded)
  }

  func endStream(_ number: UInt32) {
    guard let open = openStream, open.number == number else { return }
    openStream = nil
    if let context = open.context, open.onBytes == nil {
      server.serializer.writeStreamEnd(for: context, to: &output)
    }
    machine.endStream(number)
    settle()
  }

  func backlog(of number: UInt32) -> Int { openStream?.number == number ? backlogByteCount : 0 }

  private var backlogByteCount: Int {
    var count = unsentByteCount
    for (_, answer) in held {
      if case .stream(_, _, let pieces, _) = answer { count += pieces.reduce(0) { $0 + $1.count } }
    }
    return count
  }

  // MARK: Ends

  func drain() {
    machine.drain()
    settle()
  }

  /// Closes at once, whatever is under way.
  func abandon() {
    machine.close()
    loop.close(stream)
  }

  func reset() {
    machine.close()
    loop.reset(stream)
  }

  /// The TLS session broke, and its stream is being closed.
  func sever() { machine.close() }

  private func close() {
    if let tls { tls.close() } else { loop.close(stream) }
  }

  /// Bytes written here that the kernel has not taken all of.
  private var unsentByteCount: Int { output.count + (isSending ? sending?.count ?? 0 : 0) }

  /// The end of a stretch of events: parse what was kept, send, and do what the machine decides.
  private func settle() {
    if isBusy || isClosed { return }
    isBusy = true
    while !leftover.isEmpty, machine.input != .keep {
      let bytes = leftover
      leftover = []
      take(bytes.span)
      if leftover.count == bytes.count { break }
    }
    isBusy = false
    send()
    let settlement = machine.settle(unsentByteCount: unsentByteCount, at: loop.time)
    switch settlement.reads {
    case true?: loop.resumeReceiving(stream)
    case false?:
      server.counters.readPauses &+= 1
      loop.pauseReceiving(stream)
    case nil: break
    }
    switch settlement.ending {
    case .none: break
    case .shutdownWrite:
      if let tls { tls.shutdownWrite() } else { loop.shutdownWrite(stream) }
    case .close: close()
    }
    armTimer()
  }

  /// One buffer is with the kernel while the other gathers what comes next.
  private func send() {
    if isSending || output.isEmpty || machine.phase == .closed { return }
    let full = output
    output = sending ?? IOBuffer()
    sending = full
    let isTaken = if let tls { tls.send(full) } else { loop.send(full, on: stream) }
    if isTaken {
      isSending = true
      machine.sendStarted(byteCount: full.count, at: loop.time)
    }
  }

  // MARK: Deadlines

  /// Keeps one timer, never later than the machine's next deadline. It is not moved when the deadline recedes, which
  /// it does with every request: it fires early, finds nothing due, and is set anew.
  private func armTimer() {
    guard let deadline = machine.nextDeadline, deadline < timerDeadline else { return }
    timerDeadline = deadline
    if let timer, loop.move(timer, to: deadline) { return }
    timer = loop.schedule(at: deadline) { [unowned self] in timerFired() }
  }

  private func timerFired() {
    timer = nil
    timerDeadline = LoopClock.Instant(nanoseconds: .max)
    isBusy = true
    var isOver = false
    while !isOver { isOver = !performExpiry() }
    isBusy = false
    if machine.phase == .closed { close() } else { settle() }
  }

  private func performExpiry() -> Bool {
    switch machine.expired(at: loop.time) {
    case .nothing: return false
    case .close:
      server.counters.idleCloses &+= 1
      machine.close()
    case .abandonReader:
      server.counters.slowReaders &+= 1
      machine.close()
    case .refuseMessage:
      server.counters.slowMessages &+= 1
      refuseMessage(.requestTooSlow)
    case .answer(let number):
      server.counters.overdueAnswers &+= 1
      answer(number, server.configuration.refusal(.answerOverdue), closes: false)
    }
    return true
  }
}

extension IOBuffer: ByteOutput {}
