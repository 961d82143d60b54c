import OrderDomain

/// The steps of one order's life, from its arrival to its end.
extension SimulatedExchange {
  /// The exchange receives the order, and judges it by the rules that come after the acknowledgement.
  mutating func arrive(_ slot: Int32) {
    guard orders[slot].stage == .transit, !meetsFate(slot) else { return }
    if configuration.rules.hasLate, let rejection = lateRejection(slot) { return reject(slot, rejection) }
    acknowledge(slot)

    let segment = markets[Int(orders[slot].market)].instrument.key.segment
    if orders[slot].isAfterMarket, !configuration.hours.isOpen(segment, at: now) {
      // Without an opening in sight it waits for the end of its day.
      guard let opening = configuration.hours.nextOpening(segment, after: now) else { return }
      steps.schedule(.match(slot: slot, number: orders[slot].number), at: opening)
    } else if let start = completion(after: configuration.latency.match) {
      steps.schedule(.match(slot: slot, number: orders[slot].number), at: start)
    } else {
      match(slot)
    }
  }

  mutating func acknowledge(_ slot: Int32) {
    orders[slot].stage = .acknowledged
    orders[slot].state = .pending
    orders[slot].acceptedAt = now
    orders[slot].updatedAt = now
    emit(.accepted, slot)
  }

  mutating func reject(_ slot: Int32, _ rejection: ExchangeRejection) {
    orders[slot].rejection = rejection
    end(slot, as: .rejected)
    emit(.rejected(rejection), slot)
    close(slot)
  }

  private mutating func lateRejection(_ slot: Int32) -> ExchangeRejection? {
    let (account, market) = (orders[slot].account, orders[slot].market)
    withdrawClaims(slot)
    let units = orders[slot].remaining
    let rejection = rejection(of: newOrder(slot), .late, account, market, units: units)
    if rejection == nil, configuration.rules[.funds] == .afterAcknowledgement { assess(slot) }
    enterClaims(slot)
    return rejection
  }

  /// Gives the order `units` at `price`: the trade, the account's books, the event; and ends it with its last unit.
  mutating func fill(_ slot: Int32, _ units: Int64, at rawPrice: Int64) {
    let price = SimulatedExchange.price(rawPrice)
    let quantity = SimulatedExchange.quantity(units)
    let fill = ExchangeFill(tradeID: numbering.tradeID(trades.next), price: price, quantity: quantity)
    let isFirst = orders[slot].filled == 0
    record(fill, of: slot)
    settle(fill, of: slot, isFirst: isFirst)
    orders[slot].filled += units
    orders[slot].tradedValue += price * units
    orders[slot].updatedAt = now

    guard orders[slot].remaining == 0 else {
      orders[slot].state = .partiallyFilled
      emit(.partiallyFilled(fill), slot)
      return
    }
    end(slot, as: .filled)
    emit(.filled(fill), slot)
    close(slot)
  }

  private mutating func record(_ fill: ExchangeFill, of slot: Int32) {
    let type = orders[slot].type
    trades.append(
      TradeStore.Record(
        id: fill.tradeID, orderNumber: orders[slot].number, orderID: orders[slot].id, account: orders[slot].account,
        market: orders[slot].market, side: orders[slot].side, type: type, product: orders[slot].product,
        tag: orders[slot].tag, price: fill.price, quantity: fill.quantity, time: now, tradingDay: tradingDay,
        olderOfOrder: orders[slot].newestTrade, olderOfAccount: 0))
    orders[slot].newestTrade = trades.newest
  }

  /// Moves the fill through the account: what the order blocked becomes what the position blocks.
  private mutating func settle(_ fill: ExchangeFill, of slot: Int32, isFirst: Bool) {
    let (account, market) = (Int(orders[slot].account), orders[slot].market)
    let (side, product, units) = (orders[slot].side, orders[slot].product, fill.quantity.units)
    let share = orders[slot].blocked.tenThousandths * Int128(units) / Int128(orders[slot].remaining)
    let released = Money(tenThousandths: share)
    orders[slot].blocked -= released
    accounts[account].blockedByOrders -= released

    let instrument = markets[Int(market)].instrument
    let margins = configuration.margins
    let (gain, marginChange) = accounts[account].withPosition(market, product) { position in
      position.addPending(-units, side)
      let gain = position.apply(side, units: units, price: fill.price)
      return (gain, position.updateMargin(margins, instrument))
    }
    accounts[account].blockedByPositions += marginChange
    accounts[account].realise(gain)
    accounts[account].pay(configuration.charges.charge(on: fill.price * units, isFirstFill: isFirst))
  }

  mutating func cancel(_ slot: Int32, _ cause: CancelCause) {
    orders[slot].cancelCause = cause
    end(slot, as: .cancelled)
    emit(.cancelled(cause), slot)
    close(slot)
  }

  mutating func expire(_ slot: Int32) {
    end(slot, as: .expired)
    emit(.expired, slot)
    close(slot)
  }

  /// Makes the order final: nothing of it rests, waits or blocks any more.
  private mutating func end(_ slot: Int32, as state: ExchangeOrderState) {
    unrest(slot)
    withdrawClaims(slot)
    orders[slot].blocked = .zero
    orders[slot].stage = .closed
    orders[slot].state = state
    orders[slot].updatedAt = now
  }

  /// After this the slot may be given to another order.
  private mutating func close(_ slot: Int32) { orders.close(slot) }
}
