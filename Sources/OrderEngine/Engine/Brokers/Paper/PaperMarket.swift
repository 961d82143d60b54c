package import OrderDomain
package import SimulatedExchange

/// The market inside the engine: one simulated exchange for all paper accounts, driven by the engine's clock.
package actor PaperMarket {
  /// Calls back on the engine's thread after a while; nothing is owed if the engine ends first.
  package typealias Timer = @Sendable (Duration, @escaping @Sendable () -> Void) -> Void

  private let executor: any SerialExecutor
  private let wallClock: any WallClock
  private let clock: any MonotonicClock
  private var uptimeAtLastLook: Uptime
  private var lastLook: Timestamp
  private let timer: Timer
  var exchange: SimulatedExchange
  /// Orders of an earlier run that work here under new numbers.
  var carried = CarriedOrders()
  private var sinks: [AccountID: @Sendable (OrderReport) -> Void] = [:]
  private var armedFor: Timestamp?
  /// The exchange's.
  private var tradingDay: CalendarDate
  private var isStopped = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(
    executor: any SerialExecutor, wallClock: any WallClock, configuration: ExchangeConfiguration,
    clock: any MonotonicClock, timer: @escaping Timer
  ) {
    self.executor = executor
    self.wallClock = wallClock
    self.timer = timer
    self.clock = clock
    uptimeAtLastLook = clock.now
    let now = wallClock.now()
    lastLook = now
    tradingDay = now.indianDate
    exchange = SimulatedExchange(configuration: configuration, day: tradingDay, at: now)
  }

  package func deliver(_ account: AccountID, to sink: @escaping @Sendable (OrderReport) -> Void) {
    sinks[account] = sink
  }

  package func stop() {
    isStopped = true
    sinks = [:]
  }

  package func lastPrice(_ instrument: Instrument) -> Price {
    // Asked for first: within the call below it would make a copy of the exchange.
    let now = now()
    return exchange.quote(instrument, at: now).lastPrice
  }

  func submit(_ request: OrderRequest) -> PlacementOutcome {
    rollDayIfDue()
    let submission = exchange.submit(NewOrder(request), account: request.account, at: now())
    // Fills that take no time come out after the answer, as a broker's pushes do.
    arm()
    switch submission {
    case .acknowledged(let id): return .accepted(id)
    case .refused(let rejection): return .rejected(rejection.refusal, nil)
    }
  }

  func cancel(_ id: BrokerOrderID, account: AccountID) -> CancelOutcome {
    let answer = exchange.cancel(carried.number(here: id), account: account, at: now())
    arm()
    switch answer {
    case .acknowledged: return .requested
    case .refused(let refusal):
      return .refused(
        Refusal(
          code: "paper.cancelRefused", cause: refusal.words, fix: "look at the order's state; it may have ended first"))
    }
  }

  func modify(_ change: OrderModification, account: AccountID) -> CancelOutcome {
    let number = carried.number(here: change.id)
    // A carried order works here for what was left of it.
    let quantity = change.quantity.subtracting(carried.filledBefore(number)) ?? .zero
    let amendment = OrderAmendment(type: change.type, quantity: quantity, validity: change.validity)
    let answer = exchange.modify(number, amendment, account: account, at: now())
    arm()
    switch answer {
    case .acknowledged: return .requested
    case .refused(let refusal):
      return .refused(
        Refusal(
          code: "paper.modifyRefused", cause: refusal.words, fix: "look at the order's state; it may have ended first"))
    }
  }

  func reports(tagged tag: CorrelationID, account: AccountID) -> [OrderReport] {
    exchange.orders(tagged: tag.description, account: account).map { report(of: $0.standing, tag, at: now()) }
  }

  func orderBook(_ account: AccountID) -> [BrokerOrder]? {
    exchange.orderBook(of: account)?.map { BrokerOrder($0, carried) }
  }

  /// Asks the market as it is now.
  func read<Answer: Sendable>(_ question: @Sendable (SimulatedExchange, Timestamp) -> Answer) -> Answer {
    question(exchange, now())
  }

  // MARK: Time

  /// The market neither runs backwards nor stands still, also when the machine's clock is set back: then it goes on by
  /// itself until the clock has caught up.
  func now() -> Timestamp {
    let uptime = clock.now
    let ran = lastLook.adding(nanoseconds: uptime.nanoseconds - uptimeAtLastLook.nanoseconds)
    uptimeAtLastLook = uptime
    lastLook = max(wallClock.now(), ran)
    return lastLook
  }

  private func rollDayIfDue() {
    let time = now()
    let date = time.indianDate
    guard date > tradingDay else { return }
    tradingDay = date
    exchange.rollDay(to: date, at: time)
  }

  func arm() {
    guard !isStopped, let next = exchange.nextEvent(), armedFor.map({ next < $0 }) ?? true else { return }
    armedFor = next
    timer(.nanoseconds(max(0, next.nanoseconds(since: now())))) { [weak self] in
      self?.here { $0.advance() }
    }
  }

  private func advance() {
    armedFor = nil
    guard !isStopped else { return }
    rollDayIfDue()
    for event in exchange.advance(to: now()) { publish(event) }
    arm()
  }

  private func publish(_ event: ExchangeEvent) {
    guard let tag = event.tag.flatMap(CorrelationID.init), let sink = sinks[event.account],
      let order = exchange.standing(event.orderID, account: event.account)
    else { return }
    switch event.kind {
    case .triggered, .modified: return
    case .accepted, .partiallyFilled, .filled, .rejected, .cancelled, .expired:
      sink(report(of: order, tag, at: event.time))
    }
  }

  /// What the book says of an order now; several events of one moment end in the same report, counted once.
  private func report(of order: ExchangeOrder.Standing, _ tag: CorrelationID, at time: Timestamp) -> OrderReport {
    let transition: OrderTransition
    var refusal: Refusal?
    switch order.state {
    case .transit, .pending: transition = .accepted
    case .partiallyFilled: transition = .partiallyFilled
    case .filled: transition = .filled
    case .rejected:
      transition = .rejected
      refusal = order.rejection?.refusal
    case .cancelled: transition = .cancelled
    case .expired: transition = .expired
    }
    return OrderReport(
      correlationID: tag, transition: transition, brokerOrderID: carried.number(known: order.id),
      cumulativeFill: carried.fill(of: order), refusal: refusal, at: time)
  }
}
