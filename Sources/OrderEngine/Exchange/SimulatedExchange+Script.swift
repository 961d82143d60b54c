package import OrderDomain

/// What a script does in the market's place.
extension SimulatedExchange {
  /// Takes an order whose fate is settled beforehand. It is judged on submission like any other.
  package mutating func submit(
    _ order: NewOrder, fate: OrderFate, account: AccountID, at time: Timestamp
  ) -> Submission {
    if fate == .market { return submit(order, account: account, at: time) }
    fates[orderCount + 1] = fate
    let submission = submit(order, account: account, at: time)
    if case .refused = submission { fates[orderCount + 1] = nil }
    return submission
  }

  /// Gives a live order that the exchange has acknowledged `quantity`, or all that is left, at `price` or the price it
  /// would fill at.
  package mutating func fill(
    _ id: BrokerOrderID, quantity: Quantity?, price: Price?, at time: Timestamp
  ) -> RequestAnswer {
    run(to: time)
    guard let slot = orders.slot(of: id) else { return .refused(.unknownOrder) }
    guard orders[slot].stage != .closed else { return .refused(.alreadyFinal(orders[slot].state)) }
    guard orders[slot].stage != .transit else { return .refused(.inTransit) }
    let units = min(quantity?.units ?? .max, orders[slot].remaining)
    guard units > 0 else { return .refused(.rejected(.zeroQuantity)) }
    fillOutOfTurn(slot, units, at: price)
    return .acknowledged
  }

  /// Ends a live order as rejected in these words; what filled stays filled.
  package mutating func reject(_ id: BrokerOrderID, words: String, at time: Timestamp) -> RequestAnswer {
    run(to: time)
    guard let slot = orders.slot(of: id) else { return .refused(.unknownOrder) }
    guard orders[slot].stage != .closed else { return .refused(.alreadyFinal(orders[slot].state)) }
    reject(slot, .inWords(words))
    return .acknowledged
  }

  /// Lets other rules hold from now on. Seed, epoch, prices and their steps stay what they were: the past hangs on them.
  package mutating func adjust(_ change: (inout ExchangeConfiguration) -> Void) {
    var changed = configuration
    change(&changed)
    configuration.latency = changed.latency
    configuration.liquidity = changed.liquidity
    configuration.hours = changed.hours
    configuration.rules = changed.rules
    configuration.margins = changed.margins
    configuration.charges = changed.charges
    configuration.slippageTicks = changed.slippageTicks
    configuration.segmentsWithoutImmediateOrCancel = changed.segmentsWithoutImmediateOrCancel
    configuration.modificationLimit = changed.modificationLimit
    configuration.modifiesInTransit = changed.modifiesInTransit
    configuration.cancelsInTransit = changed.cancelsInTransit
    for market in markets.indices { settleTick(Int32(market)) }
  }

  // MARK: - Inside

  /// Performs the fate of an order that arrives. Returns whether there was one.
  mutating func meetsFate(_ slot: Int32) -> Bool {
    guard !fates.isEmpty, let fate = fates.removeValue(forKey: orders[slot].number) else { return false }
    switch fate {
    case .market: return false
    case .stuckInTransit: return true
    case .rejected(let words): reject(slot, .inWords(words))
    case .partlyFilledThenRejected(let quantity, let words):
      acknowledge(slot)
      let units = min(quantity.units, orders[slot].remaining - 1)
      if units > 0 { fillOutOfTurn(slot, units, at: nil) }
      reject(slot, .inWords(words))
    }
    return true
  }

  /// Fills an order wherever it waits; what is left waits on.
  private mutating func fillOutOfTurn(_ slot: Int32, _ units: Int64, at price: Price?) {
    let market = orders[slot].market
    let own = price ?? orders[slot].type.limitPrice ?? marketPrice(orders[slot].side, market)
    if units == orders[slot].remaining { unrest(slot) }
    fill(slot, units, at: own.tenThousandths)
  }
}
