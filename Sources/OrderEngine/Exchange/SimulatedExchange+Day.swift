package import OrderDomain

/// The change from one trading day to the next.
extension SimulatedExchange {
  /// Ends the trading day and opens `day`: orders of earlier days expire; intraday positions, and contracts that have
  /// expired by then, are closed at the last price by an order of the broker's own, tagged ``squareOffTag``; deliveries
  /// settle into and out of the holdings; the rest is carried. The order, trade and position books start empty.
  ///
  /// Does nothing when `day` is not after ``tradingDay``.
  package mutating func rollDay(to day: CalendarDate, at time: Timestamp) {
    run(to: time)
    guard day > tradingDay else { return }
    for account in accounts.indices { expireOrders(Int32(account), before: day) }
    for account in accounts.indices { squareOff(Int32(account), by: day) }
    for account in accounts.indices { settle(Int32(account)) }
    for market in markets.indices {
      let last = SimulatedExchange.price(levels(Int32(market)).last)
      markets[market].roll(close: last, defaultBand: configuration.defaultBand)
    }
    tradingDay = day
  }

  package static let squareOffTag = "square-off"

  private mutating func expireOrders(_ account: Int32, before day: CalendarDate) {
    let slots = orders.slots(ofAccount: account)
    for slot in slots where orders[slot].stage != .closed && orders[slot].tradingDay < day { expire(slot) }
  }

  private mutating func squareOff(_ account: Int32, by day: CalendarDate) {
    for position in accounts[Int(account)].positions {
      let units = unitsToClose(position, account, by: day)
      guard units > 0 else { continue }
      closePosition(position, units, account)
    }
  }

  private func unitsToClose(_ position: PositionRecord, _ account: Int32, by day: CalendarDate) -> Int64 {
    switch position.product {
    case .intraday: return configuration.squaresOffIntraday ? abs(position.net) : 0
    case .margin:
      let expiry = markets[Int(position.market)].instrument.contract.expiry
      return expiry.map { $0 < day } == true ? abs(position.net) : 0
    case .delivery:
      // Sold beyond the holdings, which only a switched-off rule lets happen: bought in.
      let held = accounts[Int(account)].holding(position.market)?.units ?? 0
      return max(-position.net - held, 0)
    }
  }

  /// By as many orders as one order's largest quantity demands.
  private mutating func closePosition(_ position: PositionRecord, _ units: Int64, _ account: Int32) {
    let last = levels(position.market).last
    var left = units
    while left > 0 {
      let part = min(left, Quantity.limit.units)
      let order = NewOrder(
        instrument: markets[Int(position.market)].instrument, side: position.net > 0 ? .sell : .buy, type: .market,
        quantity: SimulatedExchange.quantity(part), product: position.product, tag: SimulatedExchange.squareOffTag)
      let slot = place(order, account, position.market)
      orders[slot].stage = .working
      orders[slot].state = .pending
      orders[slot].acceptedAt = now
      emit(.accepted, slot)
      fill(slot, part, at: last)
      left -= part
    }
  }

  private mutating func settle(_ account: Int32) {
    let index = Int(account)
    for position in accounts[index].positions where position.product == .delivery && position.net != 0 {
      let (market, net, cost) = (position.market, position.net, position.openCost)
      if net > 0 {
        accounts[index].takeDelivery(market, units: net, cost: cost)
      } else {
        accounts[index].deliver(market, units: -net, proceeds: cost)
      }
      let (markets, margins) = (markets, configuration.margins)
      let change = accounts[index].withPosition(market, .delivery) { position in
        position.clear()
        return position.updateMargin(margins, markets[Int(market)].instrument)
      }
      accounts[index].blockedByPositions += change
    }
    accounts[index].withPositions { $0.roll() }
    accounts[index].sweep()
    accounts[index].beginDay()
  }
}
