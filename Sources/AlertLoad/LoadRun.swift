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
  private let security: LoadSecurity?
  private var done: (LoadResult) -> Void
  private var result = LoadResult()
  private var start: Int64 = 0
  private var nextAlert = 0
  private var answeredCount = 0
  private var idle: [AlertConnection] = []
  /// Connections that could send, or that never will.
  private var openCount = 0
  private var hasStarted = false
  private var timer: TimerID?
  private var isOver = false
  /// The status of each alert's answer; 0 for none.
  private var answers: [UInt16]
  /// The orders that the broker has read of each alert, and when the first one was.
  private var orders: [(count: UInt16, first: Int64)]

  /// - Parameters:
  ///   - ordersPerAlert: orders that the broker of this run must see of each alert; 0 where it is another's.
  ///   - security: `nil` speaks in plain.
  init(
    _ plan: LoadPlan, to server: SocketAddress, _ template: AlertTemplate, ordersPerAlert: Int,
    security: LoadSecurity? = nil, on loop: EventLoop, done: @escaping (LoadResult) -> Void
  ) {
    self.plan = plan
    self.server = server
    self.template = template
    self.ordersPerAlert = ordersPerAlert
    self.security = security
    self.loop = loop
    self.done = done
    answers = Array(repeating: 0, count: plan.alertCount)
    orders = Array(repeating: (0, 0), count: ordersPerAlert > 0 ? plan.alertCount : 0)
  }

  /// Connects first: what connecting costs is not the alerts'.
  func begin() throws(RingError) {
    for _ in 0..<plan.connectionCount { try connect() }
  }

  private func connect() throws(RingError) {
    let connection = AlertConnection(self, loop, security)
    try loop.connect(to: server, handler: connection) { [self] outcome in
      switch outcome {
      case .success(let stream): connection.opened(stream)
      case .failure: openFailed()
      }
    }
  }

  private func startIfAllAreOpen() {
    if !hasStarted, openCount == plan.connectionCount { idle.isEmpty ? finish() : startClock() }
  }

  private func startClock() {
    hasStarted = true
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

  /// Requests can be sent.
  func ready(_ connection: AlertConnection, _ session: TLSSession?) {
    if isOver { return connection.close() }
    if let session {
      result.handshakeCount += 1
      result.security = "\(session.version?.rawValue ?? "TLS"), \(session.cipher ?? "no cipher")"
    }
    openCount += 1
    idle.append(connection)
    hasStarted ? pump() : startIfAllAreOpen()
  }

  /// It could not be connected, or no handshake was agreed on: no other takes its place, which would meet the same.
  func openFailed() {
    if isOver { return }
    result.brokenCount += 1
    openCount += 1
    startIfAllAreOpen()
  }

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
    do throws(RingError) {
      try connect()
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
