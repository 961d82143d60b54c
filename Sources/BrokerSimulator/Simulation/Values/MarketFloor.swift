package import OrderDomain
package import SimulatedExchange

/// What both brokers stand on: the exchange, its instruments, and the log of what was sent there.
package struct MarketFloor: Sendable {
  package var exchange: SimulatedExchange
  package let symbols: SymbolCatalogue
  package var settings: SimulationSettings
  package var log: OrderLog
  /// Of the call that is being answered.
  package var now: Timestamp
  /// What the next order placed by this call will meet.
  var fate = OrderFate.market
  /// Whether anybody wants to know what happens.
  var isListening = false
  private var news: [OrderNews] = []
  private var events: [ExchangeEvent] = []

  package init(settings: SimulationSettings, symbols: SymbolCatalogue, at now: Timestamp) {
    self.settings = settings
    self.symbols = symbols
    self.now = now
    log = OrderLog(limit: settings.receivedOrdersKept)
    exchange = SimulatedExchange(configuration: settings.exchange(symbols), day: now.indianDate, at: now)
  }

  /// Brings the market to the moment of a call.
  mutating func advance(to time: Timestamp) {
    now = max(time, exchange.now)
    if now.indianDate > exchange.tradingDay { exchange.rollDay(to: now.indianDate, at: now) }
    drain()
  }

  private mutating func drain() {
    exchange.advance(to: now, into: &events)
    if isListening { news += events.map { OrderNews($0) } }
    events.removeAll(keepingCapacity: true)
  }

  /// In the order of its happening, up to this moment.
  mutating func takeNews() -> [OrderNews] {
    drain()
    defer { news = [] }
    return news
  }

  mutating func submit(_ order: NewOrder, account: AccountID) -> Submission {
    let submission = exchange.submit(order, fate: fate, account: account, at: now)
    fate = .market
    if isListening, case .acknowledged(let id) = submission {
      // Ahead of what has happened to it within the same call.
      news.append(OrderNews(placed: id, account: account, at: now))
      drain()
    }
    return submission
  }

  /// The limit that a broker sends in the place of no price: as far beyond the last price as the protection allows, on
  /// the tick and inside the band.
  func protectedLimit(_ instrument: Instrument, _ side: Side) -> Price {
    let quote = exchange.quote(instrument, at: now)
    let last = quote.lastPrice
    let reach = last.fraction(hundredthsOfPercent: settings.protectionHundredthsOfPercent) ?? .zero
    let raw = side == .buy ? last.raised(by: reach) : last.lowered(by: reach)
    let tick = instrument.tickSize
    var price = tick.round(raw ?? last, side == .buy ? .up : .down) ?? last
    if let band = quote.band {
      if price > band.upperBound { price = tick.round(band.upperBound, .down) ?? last }
      if price < band.lowerBound { price = tick.round(band.lowerBound, .up) ?? last }
    }
    return max(price, tick.price)
  }
}

extension MarketFloor {
  /// Cancels what is live and closes what is open, by market orders of the broker's own.
  mutating func exitAll(_ account: AccountID) {
    for order in exchange.orderBook(of: account) ?? [] where !order.state.isFinal {
      // An order in transit cannot be cancelled and goes its way.
      _ = exchange.cancel(order.id, account: account, at: now)
    }
    for position in exchange.positions(of: account) ?? [] where position.net != 0 {
      close(position, account)
    }
  }

  /// In as many orders as the freeze quantity demands. False if the exchange refused one.
  @discardableResult
  mutating func close(_ position: ExchangePosition, _ account: AccountID) -> Bool {
    let largest = position.instrument.freezeQuantity?.quantity ?? .limit
    var left = abs(position.net)
    while left > 0, let quantity = Quantity(min(left, largest.units)), quantity > .zero {
      let order = NewOrder(
        instrument: position.instrument, side: position.net > 0 ? .sell : .buy, type: .market, quantity: quantity,
        product: position.product, tag: nil)
      guard case .acknowledged = exchange.submit(order, account: account, at: now) else { return false }
      left -= quantity.units
    }
    return true
  }
}
