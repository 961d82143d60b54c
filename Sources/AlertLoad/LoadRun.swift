import HTTP
import Ring

/// Sends a plan's alerts to one server and notes when each was answered. Loop's thread only.
@safe final class LoadRun: @unchecked Sendable {
  // @unchecked: the loop's thread alone touches it, and the loop checks that at each call.
  let plan: LoadPlan
  private let loop: EventLoop
  private let server: SocketAddress
  private let template: AlertTemplate
  private let ordersPerAlert: Int
  private var done: (LoadResult) -> Void
  private var result = LoadResult()
  private var start: Int64 = 0
  private var nextAlert = 0
  private var answeredCount = 0
  private var idle: [AlertConnection] = []
  private var openCount = 0
  private var timer: TimerID?
  private var isOver = false
  /// The status of each alert's answer; 0 for none.
  private var answers: [UInt16]
  /// The orders that the broker has read of each alert, and when the first one was.
  private var orders: [(count: UInt16, first: Int64)]

  /// - Parameter ordersPerAlert: orders that the broker of this run must see of each alert; 0 where it is another's.
  init(
    _ plan: LoadPlan, to server: SocketAddress, _ template: AlertTemplate, ordersPerAlert: Int, on loop: EventLoop,
    done: @escaping (LoadResult) -> Void
  ) {
    self.plan = plan
    self.server = server
    self.template = template
    self.ordersPerAlert = ordersPerAlert
    self.loop = loop
    self.done = done
    answers = Array(repeating: 0, count: plan.alertCount)
    orders = Array(repeating: (0, 0), count: ordersPerAlert > 0 ? plan.alertCount : 0)
  }

  /// Connects first: what connecting costs is not the alerts'.
  func begin() throws(RingError) {
    for _ in 0..<plan.connectionCount {
      let connection = AlertConnection(self, loop)
      try loop.connect(to: server, handler: connection) { [self] outcome in
        openCount += 1
        switch outcome {
        case .success(let stream):
          connection.stream = stream
          idle.append(connection)
        case .failure: result.brokenCount += 1
        }
        if openCount == plan.connectionCount { idle.isEmpty ? finish() : startClock() }
      }
    }
  }

  private func startClock() {
    start = now
    _ = loop.schedule(at: LoopClock.Instant(nanoseconds: start + plan.end)) { [self] in finish() }
    pump()
  }

  private var now: Int64 { loop.clock.now.nanoseconds }

  /// Sends what is due as far as there are connections, and sees to it that the next one is not missed.
  private func pump() {
    while nextAlert < plan.alertCount, plan.due(nextAlert) <= now - start, let connection = idle.popLast() {
      connection.send(nextAlert, template.request(of: nextAlert), at: now)
      nextAlert += 1
    }
    guard nextAlert < plan.alertCount, !idle.isEmpty, timer == nil else { return }
    timer = loop.schedule(at: LoopClock.Instant(nanoseconds: start + plan.due(nextAlert))) { [self] in
      timer = nil
      pump()
    }
  }

  // MARK: What the connections tell

  func answered(_ alert: Int, sentAt: Int64, status: Int, on connection: AlertConnection) {
    if isOver { return }
    let time = now
    answers[alert] = UInt16(clamping: status)
    answeredCount += 1
    if alert >= plan.warmUpCount {
      result.answers.record(time - start - plan.due(alert))
      result.service.record(time - sentAt)
      result.statuses[status, default: 0] += 1
    }
    result.duration = time - start
    idle.append(connection)
    finishIfComplete()
    pump()
  }

  /// The server closed, or said what is no answer. A new connection takes the place; the alert is not sent again.
  func broke(_ alert: Int?) {
    if isOver { return }
    result.brokenCount += 1
    if alert != nil { answeredCount += 1 }
    let connection = AlertConnection(self, loop)
    do throws(RingError) {
      try loop.connect(to: server, handler: connection) { [self] outcome in
        guard case .success(let stream) = outcome, !isOver else { return }
        connection.stream = stream
        idle.append(connection)
        pump()
      }
    } catch {
      result.brokenCount += 1
    }
    finishIfComplete()
  }

  /// The broker has read an order of so many units.
  func orderArrived(quantity: Int) {
    let alert = quantity - AlertTemplate.firstNumber
    guard !isOver, orders.indices.contains(alert) else { return }
    let time = now
    result.orderCount += 1
    if orders[alert].count == 0 {
      orders[alert].first = time
      if alert >= plan.warmUpCount { result.wire.record(time - start - plan.due(alert)) }
    }
    orders[alert].count += 1
    if ordersPerAlert > 1, orders[alert].count == UInt16(ordersPerAlert), alert >= plan.warmUpCount {
      result.spread.record(time - orders[alert].first)
    }
    finishIfComplete()
  }

  // MARK: The end

  private func finishIfComplete() {
    guard answeredCount == plan.alertCount, result.orderCount >= plan.alertCount * ordersPerAlert else { return }
    finish()
  }

  private func finish() {
    if isOver { return }
    isOver = true
    result.sentCount = max(0, nextAlert - plan.warmUpCount)
    for alert in plan.warmUpCount..<max(plan.warmUpCount, nextAlert) where answers[alert] == 0 {
      result.unansweredCount += 1
      // It enters the figures with its age.
      result.answers.record(now - start - plan.due(alert))
    }
    for (alert, order) in orders.enumerated() {
      if Int(order.count) > ordersPerAlert { result.doubledCount += 1 }
      if (200..<300).contains(answers[alert]), Int(order.count) < ordersPerAlert { result.lostCount += 1 }
    }
    // They hold the run, and the run them.
    for connection in idle { connection.close() }
    idle = []
    done(result)
  }
}

/// One kept-alive connection with at most one request under way.
final class AlertConnection: StreamHandler {
  private let run: LoadRun
  private let loop: EventLoop
  var stream: StreamID?
  private let buffer = IOBuffer(capacity: 4_096)
  private var reader = AnswerReader()
  private var current: (alert: Int, sentAt: Int64)?
  /// The status of an answer that overtook the news that its request has left.
  private var early: Int?

  init(_ run: LoadRun, _ loop: EventLoop) {
    self.run = run
    self.loop = loop
  }

  func close() {
    if let stream { loop.close(stream) }
  }

  func send(_ alert: Int, _ request: [UInt8], at time: Int64) {
    guard let stream else { preconditionFailure("a connection sends when it is open") }
    current = (alert, time)
    buffer.removeAll()
    buffer.append(request.span)
    loop.send(buffer, on: stream)
  }

  func received(_ bytes: Span<UInt8>, on stream: StreamID) {
    switch reader.take(bytes) {
    case .incomplete: return
    case .malformed: loop.close(stream)
    case .complete(let status): if loop.isSending(stream) { early = status } else { end(status, on: stream) }
    }
  }

  private func end(_ status: Int, on stream: StreamID) {
    guard let (alert, sentAt) = current.take() else { return loop.close(stream) }
    run.answered(alert, sentAt: sentAt, status: status, on: self)
  }

  func peerFinished(_ stream: StreamID) { loop.close(stream) }

  func sendFinished(_ buffer: IOBuffer, on stream: StreamID) {
    if let status = early.take() { end(status, on: stream) }
  }

  func failed(_ error: RingError, on stream: StreamID) {}

  func closed(_ stream: StreamID) {
    self.stream = nil
    run.broke(current.take()?.alert)
  }
}
