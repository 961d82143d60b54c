package import OrderDomain

/// What a trader asks for, each answered at once.
extension SimulatedExchange {
  /// Takes an order, or refuses it. With no latency configured it is matched before this returns.
  package mutating func submit(_ order: NewOrder, account: AccountID, at time: Timestamp) -> Submission {
    run(to: time)
    guard let account = accountIndex[account] else { return .refused(.unknownAccount) }
    let market = enterMarket(order.instrument)
    if let rejection = rejection(of: order, .immediate, account, market, units: order.quantity.units) {
      return .refused(rejection)
    }
    let slot = place(order, account, market)
    if let arrival = completion(after: configuration.latency.transit) {
      steps.schedule(.arrive(slot: slot, number: orders[slot].number), at: arrival)
    } else {
      arrive(slot)
    }
    return .acknowledged(orders[slot].id)
  }

  /// Changes a live order. It loses its place in the queue.
  package mutating func modify(
    _ id: BrokerOrderID, _ amendment: OrderAmendment, account: AccountID, at time: Timestamp
  ) -> RequestAnswer {
    run(to: time)
    guard let slot = liveSlot(of: id, account) else { return .refused(absence(of: id, account)) }
    if let refusal = refusal(of: amendment, slot) { return .refused(refusal) }
    orders[slot].modificationCount += 1
    if let completion = completion(after: configuration.latency.modify) {
      steps.schedule(.modify(slot: slot, number: orders[slot].number, amendment), at: completion)
    } else {
      apply(amendment, to: slot)
    }
    return .acknowledged
  }

  /// Cancels what has not filled of a live order.
  package mutating func cancel(_ id: BrokerOrderID, account: AccountID, at time: Timestamp) -> RequestAnswer {
    run(to: time)
    guard let slot = liveSlot(of: id, account) else { return .refused(absence(of: id, account)) }
    if orders[slot].stage == .transit, !configuration.cancelsInTransit { return .refused(.inTransit) }
    if let completion = completion(after: configuration.latency.cancel) {
      steps.schedule(.cancel(slot: slot, number: orders[slot].number), at: completion)
    } else {
      cancel(slot, .trader)
    }
    return .acknowledged
  }

  // MARK: -

  /// Books an order that is acknowledged from now on.
  mutating func place(_ order: NewOrder, _ account: Int32, _ market: Int32) -> Int32 {
    orderCount += 1
    let record = OrderRecord(
      number: orderCount, id: numbering.orderID(orderCount), account: account, market: market, order: order,
      tradingDay: bookDay(of: order), at: now)
    let slot = orders.insert(record)
    if configuration.rules[.funds] != .afterAcknowledgement { assess(slot) }
    enterClaims(slot)
    return slot
  }

  /// An after-market order belongs to the day on which it is going to be matched.
  private func bookDay(of order: NewOrder) -> CalendarDate {
    let segment = order.instrument.key.segment
    guard order.isAfterMarket, !configuration.hours.isOpen(segment, at: now) else { return tradingDay }
    return max(configuration.hours.nextOpening(segment, after: now)?.indianDate ?? tradingDay, tradingDay)
  }

  private func liveSlot(of id: BrokerOrderID, _ account: AccountID) -> Int32? {
    guard let slot = orders.slot(of: id), orders[slot].stage != .closed,
      accounts[Int(orders[slot].account)].id == account
    else { return nil }
    return slot
  }

  private func absence(of id: BrokerOrderID, _ account: AccountID) -> RequestRefusal {
    guard let slot = orders.slot(of: id), accounts[Int(orders[slot].account)].id == account else {
      return .unknownOrder
    }
    return .alreadyFinal(orders[slot].state)
  }

  private mutating func refusal(of amendment: OrderAmendment, _ slot: Int32) -> RequestRefusal? {
    if orders[slot].stage == .transit, !configuration.modifiesInTransit { return .inTransit }
    let limit = configuration.modificationLimit
    if orders[slot].modificationCount >= limit { return .tooManyModifications(limit: limit) }
    if orders[slot].isTriggered, amendment.type?.triggerPrice != nil { return .alreadyTriggered }
    let filled = SimulatedExchange.quantity(orders[slot].filled)
    if let quantity = amendment.quantity, quantity <= filled { return .quantityNotAboveFilled(filled) }

    let amended = newOrder(slot, amendment)
    let (account, market) = (orders[slot].account, orders[slot].market)
    // The order is judged as if it were not there: what it blocks and claims now is its own.
    withdrawClaims(slot)
    let units = amended.quantity.units - filled.units
    let rejection = rejection(of: amended, .modification, account, market, units: units)
    enterClaims(slot)
    return rejection.map { .rejected($0) }
  }

  mutating func apply(_ amendment: OrderAmendment, to slot: Int32) {
    // A fill that came first may have left nothing to change.
    guard orders[slot].stage != .closed, (amendment.quantity?.units ?? .max) > orders[slot].filled,
      !orders[slot].isTriggered || amendment.type?.triggerPrice == nil
    else { return }
    let isAssessed = orders[slot].stage != .transit || configuration.rules[.funds] != .afterAcknowledgement
    unrest(slot)
    withdrawClaims(slot)
    if let type = amendment.type { orders[slot].type = type }
    if let quantity = amendment.quantity { orders[slot].quantity = quantity.units }
    if let validity = amendment.validity { orders[slot].validity = validity }
    orders[slot].updatedAt = now
    if isAssessed { assess(slot) }
    enterClaims(slot)
    emit(.modified(orders[slot].type, SimulatedExchange.quantity(orders[slot].quantity)), slot)
    if orders[slot].stage == .working { match(slot) }
  }

  /// The order as it was given, or as it would become.
  func newOrder(_ slot: Int32, _ amendment: OrderAmendment = OrderAmendment()) -> NewOrder {
    NewOrder(
      instrument: markets[Int(orders[slot].market)].instrument, side: orders[slot].side,
      type: amendment.type ?? effectiveType(slot),
      quantity: amendment.quantity ?? SimulatedExchange.quantity(orders[slot].quantity),
      product: orders[slot].product, validity: amendment.validity ?? orders[slot].validity, tag: nil,
      isAfterMarket: orders[slot].isAfterMarket)
  }

  /// A triggered stop works as what it has become.
  func effectiveType(_ slot: Int32) -> OrderType {
    guard orders[slot].isTriggered else { return orders[slot].type }
    return orders[slot].type.limitPrice.map { .limit($0) } ?? .market
  }
}
