import OrderDomain

/// The rules an order is judged by: one flat list, the first broken one names the refusal.
extension SimulatedExchange {
  enum Pass {
    case immediate
    case late
    /// All rules that are not off, but for what only a new order can break.
    case modification
  }

  /// `units` is what is still to fill; what the order itself claims is not counted in the account's books.
  func rejection(
    of order: NewOrder, _ pass: Pass, _ account: Int32, _ market: Int32, units: Int64
  ) -> ExchangeRejection? {
    let instrument = order.instrument
    let segment = instrument.key.segment
    let rules = configuration.rules
    func applies(_ rule: ExchangeRule) -> Bool {
      switch rules[rule] {
      case .immediate: pass != .late
      case .afterAcknowledgement: pass != .immediate
      case .off: false
      }
    }

    if applies(.tradable), !segment.isTradable || instrument.contract == .index { return .notTradable }
    if applies(.expiry), let expiry = instrument.contract.expiry, expiry < tradingDay {
      return .contractExpired(on: expiry)
    }
    let isOpen = configuration.hours.isOpen(segment, at: now)
    if applies(.hours), !isOpen, !order.isAfterMarket { return .marketClosed }
    if applies(.afterMarket), pass != .modification, order.isAfterMarket, isOpen, configuration.hours.hasSessions {
      return .marketOpen
    }
    if applies(.product), !SimulatedExchange.allows(order.product, instrument.contract) {
      return .productNotAllowed(order.product)
    }
    if applies(.validity), order.validity == .immediateOrCancel,
      order.isAfterMarket || order.type.triggerPrice != nil
        || configuration.segmentsWithoutImmediateOrCancel.contains(segment)
    {
      return .immediateOrCancelNotAllowed
    }
    if applies(.stopMarketOnOptions), case .stopMarket = order.type, case .option = instrument.contract {
      return .stopMarketNotAllowed
    }
    // Never off: an order of nothing would wait for ever.
    if order.quantity == .zero { return .zeroQuantity }
    if applies(.lot), !instrument.lotSize.divides(order.quantity) { return .notLotMultiple(lot: instrument.lotSize) }
    if applies(.freeze), let freeze = instrument.freezeQuantity, order.quantity > freeze.quantity {
      return .aboveFreeze(largest: freeze.quantity)
    }
    for price in [order.type.triggerPrice, order.type.limitPrice] {
      guard let price else { continue }
      if applies(.tick), let rejection = offTick(price, instrument.tickSize) { return rejection }
      if applies(.band), let band = markets[Int(market)].band, !band.contains(price) {
        return .outsideBand(price: price, band: band)
      }
    }
    if let trigger = order.type.triggerPrice {
      let last = SimulatedExchange.price(levels(market).last)
      if applies(.trigger), order.side == .buy ? trigger < last : trigger > last {
        return .triggerOnWrongSide(trigger: trigger, lastPrice: last)
      }
      if applies(.limitBesideTrigger), let limit = order.type.limitPrice,
        order.side == .buy ? limit < trigger : limit > trigger
      {
        return .limitShortOfTrigger(limit: limit, trigger: trigger)
      }
    }
    if applies(.holdings), order.product == .delivery, order.side == .sell {
      let sellable = sellable(account, market)
      if units > sellable {
        return .notEnoughHoldings(wanted: SimulatedExchange.quantity(units), sellable: Quantity(sellable) ?? .limit)
      }
    }
    if applies(.funds) {
      let required = requirement(order, account, market, units: units)
      let available = accounts[Int(account)].available
      if required > .zero, required > available {
        return .insufficientFunds(required: required, available: available)
      }
    }
    return nil
  }

  private func offTick(_ price: Price, _ tick: TickSize) -> ExchangeRejection? {
    if price == .zero { return .zeroPrice }
    return tick.divides(price) ? nil : .notOnTick(price: price, tick: tick)
  }

  /// Delivery is for shares, carrying by margin for derivatives.
  private static func allows(_ product: ProductType, _ contract: Contract) -> Bool {
    switch (product, contract) {
    case (.intraday, _), (.delivery, .equity), (.margin, .future), (.margin, .option): true
    case (.delivery, .index), (.delivery, .future), (.delivery, .option), (.margin, .equity), (.margin, .index): false
    }
  }

  /// Shares that an account may sell for delivery: held or bought today, and not claimed by a live order.
  func sellable(_ account: Int32, _ market: Int32) -> Int64 {
    let held = accounts[Int(account)].holding(market)?.units ?? 0
    let position = accounts[Int(account)].position(market, .delivery)
    return max(held + (position?.net ?? 0) - (position?.pendingSells ?? 0), 0)
  }

  /// What `units` of an order block. A part that closes a position needs nothing.
  func requirement(_ order: NewOrder, _ account: Int32, _ market: Int32, units: Int64) -> Money {
    let closable = accounts[Int(account)].position(market, order.product)?.closable(by: order.side) ?? 0
    let opening = max(units - closable, 0)
    guard opening > 0 else { return .zero }
    let price = order.type.limitPrice ?? order.type.triggerPrice ?? marketPrice(order.side, market)
    return configuration.margins.margin(
      for: order.instrument, order.product, order.side, units: opening, value: price * opening)
  }

  // MARK: - What an order claims

  /// Decides what the order blocks; to be called while the order's claims are not in the books.
  mutating func assess(_ slot: Int32) {
    let required = requirement(
      newOrder(slot), orders[slot].account, orders[slot].market, units: orders[slot].remaining)
    orders[slot].blocked = required
  }

  /// Enters what the order blocks, and the units that it may still fill, into its account's books.
  mutating func enterClaims(_ slot: Int32) { claim(slot, 1) }

  mutating func withdrawClaims(_ slot: Int32) { claim(slot, -1) }

  private mutating func claim(_ slot: Int32, _ sign: Int64) {
    let (account, side) = (Int(orders[slot].account), orders[slot].side)
    let units = sign * orders[slot].remaining
    let blocked = orders[slot].blocked
    if sign > 0 { accounts[account].blockedByOrders += blocked } else { accounts[account].blockedByOrders -= blocked }
    accounts[account].withPosition(orders[slot].market, orders[slot].product) { $0.addPending(units, side) }
  }
}
