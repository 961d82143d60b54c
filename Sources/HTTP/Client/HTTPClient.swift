internal import CCurl
package import Ring

/// Outbound HTTP on one event loop: libcurl's multi handle driven by the loop, with kept connections.
///
/// Every transfer ends: with a whole answer, or with a ``TransferFailure`` that says whether the request certainly was not
/// sent. Nothing is ever sent twice unless the request allows it. The environment (proxies, `.netrc`) is not asked.
///
/// Thread: the loop's, but for the initialiser and the `async` calls, which may come from any and cost a wake-up then. A
/// client is closed (``close()``) before it is dropped; if its loop stops first, it closes itself.
package final class HTTPClient: @unchecked Sendable {
  // @unchecked: immutable references, and state that the loop's thread alone touches.
  package let configuration: HTTPClientConfiguration
  let loop: EventLoop
  let multi: CurlMulti
  /// Under way or waiting. Holds the transfers that libcurl knows the addresses of.
  private var open: [ObjectIdentifier: Transfer] = [:]
  /// Ended ones, to be used again.
  private var spares: [Transfer] = []
  var countersValue = HTTPClientCounters()
  private var records: [String: OriginRecord] = [:]
  /// Origins of which a transfer has ended, and others wait.
  private var freed: [OriginRecord] = []
  private var isStartingWaiting = false
  /// Of what is not timed by itself.
  private var otherTimings = OriginTimings()
  var warmers: [UInt64: Warmer] = [:]
  var nextWarmer: UInt64 = 1
  private var isClosed = false
  /// Closes the client when its loop stops; lives as long as the client is open.
  private var guardian: Task<Void, Never>?

  /// Some kibibytes each.
  private static let spareLimit = 64
  /// Origins that are timed one by one; what comes beyond is timed together, under an empty name.
  private static let originLimit = 64
  /// Kept connections that one transfer may find unsound; afterwards it opens one.
  private static let unsoundLimit = 5
  static let warmerLimit = 64

  package init(
    loop: EventLoop, configuration: HTTPClientConfiguration = HTTPClientConfiguration()
  ) throws(HTTPClientError) {
    if let flaw = configuration.flaw { throw .invalidConfiguration(flaw) }
    try CurlLibrary.start()
    if let path = configuration.extraAuthorities, unsafe ccurl_can_read(path, 0) == 0 {
      throw .authoritiesUnreadable(path)
    }
    if unsafe ccurl_can_read(CurlLibrary.systemAuthorities, 1) == 0 { throw .noSystemAuthorities }
    self.loop = loop
    self.configuration = configuration
    multi = try CurlMulti(loop: loop, configuration: configuration)
    multi.onEnd = { [unowned self] in ended($0, $1) }
    multi.onIdleEnd = { [unowned self] in idleConnectionDied($0) }
    multi.onConnectionChange = { [unowned self] in countConnection(isOpened: $0) }
  }

  /// One that nobody closed: no call is under way, because each would hold it.
  deinit {
    if isClosed { return }
    multi.forgetOwner()
    // Nobody else has it any more; it goes to its loop's thread, which alone may touch it.
    nonisolated(unsafe) let multi = multi
    loop.execute { unsafe multi.close() }
  }

  /// Ends all transfers with `clientClosed` and closes all connections; later calls are refused. May be called again.
  package func close() {
    assertOnLoop()
    if isClosed { return }
    isClosed = true
    guardian?.cancel()
    for warmer in warmers.values { warmer.stop() }
    warmers = [:]
    for transfer in open.values.sorted(by: { $0.number < $1.number }) {
      abort(transfer, .clientClosed)
    }
    spares = []
    multi.close()
  }

  func assertOnLoop() { precondition(loop.isOnLoop, "called from outside the event loop's thread") }

  // MARK: Beginning

  static func refusal(_ code: TransferFailure.Code, _ detail: String = "") -> TransferFailure {
    TransferFailure(code, .certainlyNotSent, detail: detail)
  }

  /// - Parameter isCancelled: already when it was called; the cancellation's own work may be queued behind this.
  /// From the first request on: a loop that stops drops its timers, and with them the deadlines; its sleepers it wakes.
  private func startGuardian() {
    if guardian != nil { return }
    let clock = loop.clock
    guardian = Task(executorPreference: loop) { [weak self] in
      do {
        while true { try await clock.sleep(until: clock.now.advanced(by: .seconds(3600))) }
      } catch { self?.close() }
    }
  }

  func start(
    _ request: HTTPClientRequest, _ call: TransferCall, _ receiver: TransferCall.Receiver, isCancelled: Bool = false
  ) {
    do throws(TransferFailure) {
      if isCancelled { throw Self.refusal(.cancelled) }
      let record = try check(request, call)
      let transfer = try prepare(request, record)
      if case .pieces(let pieces) = receiver { transfer.pieces = pieces }
      call.begin(transfer, receiver)
      begin(transfer, call, request.deadline)
    } catch {
      countersValue.refusals += 1
      receiver.end(.failure(error))
    }
  }

  func check(_ request: HTTPClientRequest, _ call: TransferCall) throws(TransferFailure) -> OriginRecord {
    if isClosed { throw Self.refusal(.clientClosed) }
    if call.isCancelled { throw Self.refusal(.cancelled) }
    if open.count >= configuration.transferLimit {
      throw Self.refusal(.tooMany, "\(configuration.transferLimit) are the limit")
    }
    if let flaw = request.flaw { throw Self.refusal(.requestInvalid, flaw) }
    // Most calls have fields and address of the one before, which the handle that is used next has been told.
    let next = spares.last
    if next?.hasTold(request.fields) != true, let flaw = request.fieldsFlaw {
      throw Self.refusal(.requestInvalid, flaw)
    }
    if let record = next?.record(toldFor: request.url) { return record }
    return try record(of: request.url)
  }

  private func record(of url: String) throws(TransferFailure) -> OriginRecord {
    guard let origin = HTTPOrigin(url) else { throw Self.refusal(.requestInvalid, "its address") }
    if !origin.isSecure {
      switch configuration.plainText {
      case .anywhere: break
      case .loopback where origin.isLoopback: break
      case .loopback, .nowhere: throw Self.refusal(.plainTextRefused, origin.text)
      }
    }
    let record = OriginRecord(origin)
    if let known = records[record.text] { return known }
    if records.count < Self.originLimit { records[record.text] = record }
    return record
  }

  private func prepare(_ request: HTTPClientRequest, _ record: OriginRecord) throws(TransferFailure) -> Transfer {
    do throws(HTTPClientError) {
      let transfer: Transfer
      if let spare = spares.popLast() {
        transfer = spare
      } else {
        transfer = try Transfer(multi: multi, configuration: configuration)
      }
      try transfer.prepare(request, to: record)
      return transfer
    } catch { throw Self.refusal(.outOfMemory, error.cause) }
  }

  private func begin(_ transfer: Transfer, _ call: TransferCall, _ deadline: Duration) {
    startGuardian()
    countersValue.transfers += 1
    transfer.call = call
    transfer.number = countersValue.transfers
    open[ObjectIdentifier(transfer)] = transfer
    // Ours and not libcurl's, which does not count the time that a transfer waits for a connection.
    transfer.deadlineTimer = loop.schedule(at: loop.clock.now.advanced(by: deadline)) { [unowned self] in
      transfer.deadlineTimer = nil
      abort(transfer, .deadlineExceeded)
    }
    if record(of: transfer).hasRoom(configuration.connectionsPerHostLimit) { return run(transfer) }
    transfer.wait(since: loop.clock.now)
    record(of: transfer).enqueue(transfer)
  }

  private func record(of transfer: Transfer) -> OriginRecord {
    guard let record = transfer.record else { preconditionFailure("a transfer that was prepared") }
    return record
  }

  private func run(_ transfer: Transfer) {
    transfer.runs(at: loop.clock)
    record(of: transfer).begins()
    put(transfer)
  }

  private func put(_ transfer: Transfer) {
    do throws(HTTPClientError) { try multi.add(transfer) } catch {
      finish(transfer, .failure(TransferFailure(.failed, transfer.reach, detail: error.cause)))
    }
  }

  /// A loop, because what is started here may end at once.
  private func startWaiting() {
    if isStartingWaiting { return }
    isStartingWaiting = true
    defer { isStartingWaiting = false }
    while let record = freed.popLast() {
      while !isClosed, record.hasRoom(configuration.connectionsPerHostLimit), let transfer = record.dequeue() {
        run(transfer)
      }
    }
  }

  // MARK: Ends

  /// We end it.
  func abort(_ transfer: Transfer, _ code: TransferFailure.Code) {
    multi.remove(transfer)
    finish(transfer, .failure(TransferFailure(code, transfer.reach, detail: "")))
    multi.settle()
  }

  /// libcurl has ended it.
  private func ended(_ transfer: Transfer, _ result: CURLcode?) {
    // Told both ways, when its socket was not watched and it ended all the same.
    if open[ObjectIdentifier(transfer)] == nil { return }
    guard let result else {
      multi.remove(transfer)
      let detail = "the event loop watches no more sockets"
      return finish(transfer, .failure(TransferFailure(.failed, transfer.reach, detail: detail)))
    }
    let timing = transfer.timing()
    if timing.isHTTP2 { record(of: transfer).isMultiplexed = true }
    multi.remove(transfer)
    if transfer.stop == .connectionUnsound, transfer.unsoundCount <= Self.unsoundLimit {
      // Nothing was sent, so it is not a resend.
      countersValue.staleConnections += 1
      do throws(HTTPClientError) {
        try transfer.prepareAgain()
        return put(transfer)
      } catch { return finish(transfer, .failure(TransferFailure(.failed, transfer.reach, detail: error.cause))) }
    }
    transfer.endUse(isMultiplexed: timing.isHTTP2)
    if transfer.stop == .resendPrevented { countersValue.preventedResends += 1 }
    if transfer.attemptCount > 1 { countersValue.resends += 1 }
    finish(transfer, transfer.outcome(result, timing), timing)
  }

  private func finish(_ transfer: Transfer, _ outcome: TransferCall.Outcome, _ timing: TransferTiming? = nil) {
    transfer.endUse(isMultiplexed: false)
    if let timer = transfer.deadlineTimer.take() { loop.cancel(timer) }
    open[ObjectIdentifier(transfer)] = nil
    count(outcome, transfer, timing)
    let (call, record) = (transfer.call, record(of: transfer))
    if !transfer.isWaiting { record.ended() }
    transfer.clear()
    if spares.count < Self.spareLimit, !isClosed { spares.append(transfer) }
    // It only puts the caller's task into the queue.
    call?.end(outcome)
    if record.isAwaited {
      freed.append(record)
      startWaiting()
    }
  }

  // MARK: What is counted

  /// Loop's thread.
  package var counters: HTTPClientCounters {
    assertOnLoop()
    var counters = countersValue
    counters.openTransfers = UInt64(open.count)
    return counters
  }

  /// By `scheme://host:port`. Loop's thread.
  package var timings: [String: OriginTimings] {
    assertOnLoop()
    var timings = records.mapValues(\.timings).filter { $0.value.hasAny }
    if otherTimings.hasAny { timings[""] = otherTimings }
    return timings
  }

  private func countConnection(isOpened: Bool) {
    if isOpened {
      countersValue.connectionsOpened += 1
      countersValue.connectionsOpen += 1
    } else {
      countersValue.connectionsOpen -= 1
    }
  }

  private func count(_ outcome: TransferCall.Outcome, _ transfer: Transfer, _ timing: TransferTiming?) {
    countersValue.sentBytes += UInt64(transfer.sentByteCount)
    countersValue.receivedBytes += UInt64(transfer.receivedByteCount)
    if transfer.attemptCount > 0, !transfer.hasOpenedSocket { countersValue.connectionsReused += 1 }
    switch outcome {
    case .success:
      countersValue.answers += 1
      if !warmers.isEmpty {
        for warmer in warmers.values where warmer.origin == transfer.origin { warmer.noteAnswer() }
      }
    case .failure(let failure) where failure.isCertainlyNotSent: countersValue.failuresCertainlyNotSent += 1
    case .failure: countersValue.failuresPerhapsSent += 1
    }
    if let record = transfer.record, records[record.text] === record {
      record.timings.add(outcome, timing)
    } else {
      otherTimings.add(outcome, timing)
    }
  }
}
