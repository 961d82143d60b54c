import OrderDomain

/// Where orders meet the walk.
extension SimulatedExchange {
  /// The first look for a counterparty, and each look after a modification.
  mutating func match(_ slot: Int32) {
    orders[slot].stage = .working
    let market = orders[slot].market
    let segment = markets[Int(market)].instrument.key.segment
    guard configuration.hours.isOpen(segment, at: now) else {
      // The session ended on the way; an order that may wait does so until the next.
      switch orders[slot].validity {
      case .day: rest(slot)
      case .immediateOrCancel: cancel(slot, .immediateOrCancel)
      }
      return
    }
    if orders[slot].type.triggerPrice != nil, !orders[slot].isTriggered {
      guard isReached(slot) else { return rest(slot) }
      trigger(slot)
    } else {
      work(slot)
    }
  }

  private func isReached(_ slot: Int32) -> Bool {
    guard let trigger = orders[slot].type.triggerPrice?.tenThousandths else { return true }
    let last = levels(orders[slot].market).last
    return orders[slot].side == .buy ? last >= trigger : last <= trigger
  }

  private mutating func trigger(_ slot: Int32) {
    orders[slot].isTriggered = true
    orders[slot].updatedAt = now
    emit(.triggered, slot)
    work(slot)
  }

  /// Takes what the present step offers, and lets the rest wait or end.
  private mutating func work(_ slot: Int32) {
    let (market, side) = (orders[slot].market, orders[slot].side)
    if let price = takingPrice(slot) {
      let offered = offered(market, side)
      let units = min(orders[slot].remaining, offered)
      if units > 0 {
        markets[Int(market)].take(units, by: side)
        let isWhole = units == orders[slot].remaining
        fill(slot, units, at: price)
        if isWhole { return }
      }
    }
    switch orders[slot].validity {
    case .day: rest(slot)
    case .immediateOrCancel: cancel(slot, .immediateOrCancel)
    }
  }

  /// What an arriving order pays: the opposite quote, with slippage when it names no price; `nil` when its limit does
  /// not reach the quote.
  private func takingPrice(_ slot: Int32) -> Int64? {
    let (market, side) = (orders[slot].market, orders[slot].side)
    guard let limit = orders[slot].type.limitPrice?.tenThousandths else {
      return marketPrice(side, market).tenThousandths
    }
    let (_, bid, ask) = levels(market)
    switch side {
    case .buy: return limit >= ask ? ask : nil
    case .sell: return limit <= bid ? bid : nil
    }
  }

  func marketPrice(_ side: Side, _ market: Int32) -> Price {
    let (_, bid, ask) = levels(market)
    let slippage = configuration.slippageTicks * markets[Int(market)].instrument.tickSize.price.tenThousandths
    let price = side == .buy ? ask + slippage : bid - slippage
    return SimulatedExchange.price(markets[Int(market)].within(price))
  }

  private mutating func offered(_ market: Int32, _ side: Side) -> Int64 {
    let limit = configuration.liquidity.units(lot: markets[Int(market)].instrument.lotSize)
    if limit == .max { return .max }
    return markets[Int(market)].offered(to: side, at: step(at: now), limit: limit)
  }

  // MARK: - Waiting

  private mutating func rest(_ slot: Int32) {
    priorityCount += 1
    orders[slot].restPriority = priorityCount
    orders[slot].isResting = true
    let market = Int(orders[slot].market)
    let side = orders[slot].side
    func entry(_ key: Int64) -> RestingHeap.Entry {
      RestingHeap.Entry(key: key, priority: priorityCount, slot: slot)
    }
    let trigger = orders[slot].isTriggered ? nil : orders[slot].type.triggerPrice
    switch (side, trigger) {
    case (.buy, .some(let trigger)): markets[market].stopBuys.insert(entry(trigger.tenThousandths))
    case (.sell, .some(let trigger)): markets[market].stopSells.insert(entry(-trigger.tenThousandths))
    // A market order without a price goes before all that have one.
    case (.buy, nil):
      markets[market].buys.insert(entry(orders[slot].type.limitPrice.map { -$0.tenThousandths } ?? .min))
    case (.sell, nil):
      markets[market].sells.insert(entry(orders[slot].type.limitPrice?.tenThousandths ?? .min))
    }
    settleTick(Int32(market))
  }

  /// Leaves the order's entry behind as stale.
  mutating func unrest(_ slot: Int32) {
    guard orders[slot].isResting else { return }
    orders[slot].isResting = false
    let market = Int(orders[slot].market)
    markets[market].staleCount += 1
    let (stale, all) = (markets[market].staleCount, markets[market].restingCount)
    if stale == all || (stale > 64 && stale * 2 > all) { removeStale(market) }
  }

  private mutating func removeStale(_ market: Int) {
    let orders = orders
    func isStale(_ entry: RestingHeap.Entry) -> Bool { !orders.rests(entry) }
    markets[market].buys.removeAll(where: isStale)
    markets[market].sells.removeAll(where: isStale)
    markets[market].stopBuys.removeAll(where: isStale)
    markets[market].stopSells.removeAll(where: isStale)
    markets[market].staleCount = 0
  }

  // MARK: - Price steps

  mutating func tick(_ market: Int32) {
    markets[Int(market)].tickAt = nil
    sweep(market)
    settleTick(market)
  }

  /// Sees to it that a market where orders wait is looked at when next something can change there.
  mutating func settleTick(_ market: Int32) {
    let index = Int(market)
    guard markets[index].tickAt == nil, markets[index].restingCount > 0 else { return }
    let segment = markets[index].instrument.key.segment
    let time: Timestamp
    if !configuration.hours.isOpen(segment, at: now) {
      guard let opening = configuration.hours.nextOpening(segment, after: now) else { return }
      time = opening
    } else if markets[index].walk.moves || configuration.liquidity != .plenty {
      time = nextStepTime
    } else {
      return
    }
    markets[index].tickAt = time
    steps.schedule(.tick(market: market), at: time)
  }

  /// Triggers the stops and fills the orders that the present price reaches: buys before sells, within each the best
  /// price first, equal prices by age.
  mutating func sweep(_ market: Int32) {
    let index = Int(market)
    guard configuration.hours.isOpen(markets[index].instrument.key.segment, at: now) else { return }
    let (last, bid, ask) = levels(market)
    sweepStops(index, \.stopBuys, threshold: last)
    sweepStops(index, \.stopSells, threshold: -last)
    sweepLimits(index, .buy, \.buys, threshold: -ask)
    sweepLimits(index, .sell, \.sells, threshold: bid)
  }

  private mutating func sweepStops(
    _ market: Int, _ heap: WritableKeyPath<Market, RestingHeap>, threshold: Int64
  ) {
    while let entry = markets[market][keyPath: heap].first, entry.key <= threshold {
      markets[market][keyPath: heap].removeFirst()
      if !discardsStale(entry, market) {
        orders[entry.slot].isResting = false
        trigger(entry.slot)
      }
    }
  }

  private mutating func sweepLimits(
    _ market: Int, _ side: Side, _ heap: WritableKeyPath<Market, RestingHeap>, threshold: Int64
  ) {
    while let entry = markets[market][keyPath: heap].first, entry.key <= threshold {
      let slot = entry.slot
      if discardsStale(entry, market) {
        markets[market][keyPath: heap].removeFirst()
        continue
      }
      let units = min(orders[slot].remaining, offered(Int32(market), side))
      guard units > 0 else { return }
      markets[market].take(units, by: side)
      if units == orders[slot].remaining {
        markets[market][keyPath: heap].removeFirst()
        orders[slot].isResting = false
      }
      // Who waited at a price gets that price, however far the market has jumped past it.
      let limit = orders[slot].type.limitPrice ?? marketPrice(side, Int32(market))
      fill(slot, units, at: limit.tenThousandths)
    }
  }

  private mutating func discardsStale(_ entry: RestingHeap.Entry, _ market: Int) -> Bool {
    if orders.rests(entry) { return false }
    markets[market].staleCount -= 1
    return true
  }
}
