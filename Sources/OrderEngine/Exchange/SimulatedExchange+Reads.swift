package import OrderDomain

/// What can be asked. `nil` is an account, or an order, that does not exist or is no longer kept.
extension SimulatedExchange {
  package func order(_ id: BrokerOrderID, account: AccountID) -> ExchangeOrder? {
    guard let slot = orders.slot(of: id), accounts[Int(orders[slot].account)].id == account else { return nil }
    return view(slot)
  }

  /// How the order stands, without the rest of its row. `mutating`, although nothing changes: who keeps the exchange in an
  /// object asks it in place then, where the compiler would copy it for the question.
  package mutating func standing(_ id: BrokerOrderID, account: AccountID) -> ExchangeOrder.Standing? {
    guard let slot = orders.slot(of: id), accounts[Int(orders[slot].account)].id == account else { return nil }
    return ExchangeOrder.Standing(
      id: orders[slot].id, state: orders[slot].state, filled: SimulatedExchange.quantity(orders[slot].filled),
      tradedValue: orders[slot].tradedValue, rejection: orders[slot].rejection)
  }

  /// Oldest first; several orders may share a tag. Includes orders of earlier days that are still kept.
  package func orders(tagged tag: String, account: AccountID) -> [ExchangeOrder] {
    guard let index = accountIndex[account] else { return [] }
    return orders.slots(ofAccount: index, tag: tag).map { view($0) }
  }

  /// The orders of the trading day, and those waiting for a later one, oldest first.
  package func orderBook(of account: AccountID) -> [ExchangeOrder]? {
    guard let index = accountIndex[account] else { return nil }
    return orders.slots(ofAccount: index).filter { orders[$0].tradingDay >= tradingDay }.map { view($0) }
  }

  /// The trades of the trading day, oldest first.
  package func tradeBook(of account: AccountID) -> [ExchangeTrade]? {
    guard let index = accountIndex[account] else { return nil }
    return trades.trades(ofAccount: index).filter { $0.tradingDay >= tradingDay }.map { view($0) }
  }

  /// The trades of one order, oldest first, while the order is kept.
  package func trades(of id: BrokerOrderID, account: AccountID) -> [ExchangeTrade] {
    guard let slot = orders.slot(of: id), accounts[Int(orders[slot].account)].id == account else { return [] }
    return trades.trades(ofOrderWithNewest: orders[slot].newestTrade).map { view($0) }
  }

  /// In the order in which they were first touched; those closed today included.
  package func positions(of account: AccountID) -> [ExchangePosition]? {
    guard let index = accountIndex[account] else { return nil }
    return accounts[Int(index)].positions.compactMap { position in
      let isUntouched = position.net == 0 && position.boughtToday == 0 && position.soldToday == 0
      return isUntouched && position.carried == 0 ? nil : view(position)
    }
  }

  package func holdings(of account: AccountID) -> [ExchangeHolding]? {
    guard let index = accountIndex[account] else { return nil }
    return accounts[Int(index)].holdings.map { holding in
      ExchangeHolding(
        instrument: markets[Int(holding.market)].instrument, units: holding.units, cost: holding.cost,
        sellable: sellable(index, holding.market), lastPrice: SimulatedExchange.price(levels(holding.market).last))
    }
  }

  package func funds(of account: AccountID) -> ExchangeFunds? {
    guard let index = accountIndex[account] else { return nil }
    let book = accounts[Int(index)]
    return ExchangeFunds(
      opening: book.opening, cash: book.cash, blockedByOrders: book.blockedByOrders,
      blockedByPositions: book.blockedByPositions, realisedToday: book.realisedToday,
      chargesToday: book.chargesToday, realised: book.realisedEver, charges: book.chargesEver)
  }

  /// What an order would block now, for margin calculators; `nil` for an unknown account.
  package func margin(for order: NewOrder, account: AccountID) -> Money? {
    guard let index = accountIndex[account] else { return nil }
    if let market = marketIndex[order.instrument.key] {
      return requirement(order, index, market, units: order.quantity.units)
    }
    var copy = self
    let market = copy.enterMarket(order.instrument)
    return copy.requirement(order, index, market, units: order.quantity.units)
  }

  /// Live orders, and all orders kept: what bounds the memory.
  package var liveOrderCount: Int { orders.liveCount }
  package var keptOrderCount: Int { orders.count }

  // MARK: -

  private func view(_ slot: Int32) -> ExchangeOrder {
    let record = orders[slot]
    return ExchangeOrder(
      id: record.id, exchangeOrderID: record.acceptedAt == nil ? nil : OrderNumbering.exchangeOrderID(record.number),
      account: accounts[Int(record.account)].id, tag: record.tag,
      instrument: markets[Int(record.market)].instrument, side: record.side, type: record.type,
      quantity: SimulatedExchange.quantity(record.quantity), product: record.product, validity: record.validity,
      isAfterMarket: record.isAfterMarket, state: record.state, isTriggered: record.isTriggered,
      filled: SimulatedExchange.quantity(record.filled), tradedValue: record.tradedValue,
      rejection: record.rejection, cancelCause: record.cancelCause,
      modificationCount: Int(record.modificationCount), createdAt: record.createdAt, acceptedAt: record.acceptedAt,
      updatedAt: record.updatedAt, tradingDay: record.tradingDay)
  }

  private func view(_ trade: TradeStore.Record) -> ExchangeTrade {
    ExchangeTrade(
      id: trade.id, orderID: trade.orderID, exchangeOrderID: OrderNumbering.exchangeOrderID(trade.orderNumber),
      account: accounts[Int(trade.account)].id, tag: trade.tag, instrument: markets[Int(trade.market)].instrument,
      side: trade.side, orderType: trade.type, product: trade.product, price: trade.price, quantity: trade.quantity,
      time: trade.time, tradingDay: trade.tradingDay)
  }

  private func view(_ position: PositionRecord) -> ExchangePosition {
    ExchangePosition(
      instrument: markets[Int(position.market)].instrument, product: position.product, net: position.net,
      openCost: position.openCost, boughtToday: position.boughtToday, boughtValueToday: position.boughtValueToday,
      soldToday: position.soldToday, soldValueToday: position.soldValueToday, carried: position.carried,
      carriedCost: position.carriedCost, realised: position.realised,
      lastPrice: SimulatedExchange.price(levels(position.market).last), margin: position.margin)
  }
}
