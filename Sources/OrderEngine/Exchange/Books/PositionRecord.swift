import OrderDomain

/// One account's position in one instrument and product: signed units, and what they cost.
///
/// Cost is kept as a total and never as an average, so that nothing is lost to rounding: what is bought and sold equals
/// what is realised and what is still open, to the last ₹0.0001. A part that is closed takes its share of the cost,
/// rounded down; the remainder stays with the rest.
struct PositionRecord: Sendable {
  let market: Int32
  let product: ProductType

  private(set) var net: Int64 = 0
  /// Paid for the open long units, or received for the open short ones; never negative.
  private(set) var openCost = Money.zero
  private(set) var realised = Money.zero

  private(set) var boughtToday: Int64 = 0
  private(set) var boughtValueToday = Money.zero
  private(set) var soldToday: Int64 = 0
  private(set) var soldValueToday = Money.zero
  /// Carried into the day, signed, at its cost.
  private(set) var carried: Int64 = 0
  private(set) var carriedCost = Money.zero

  /// Units in live orders that are still to fill.
  private(set) var pendingBuys: Int64 = 0
  private(set) var pendingSells: Int64 = 0
  private(set) var margin = Money.zero

  init(market: Int32, product: ProductType) {
    self.market = market
    self.product = product
  }

  var isIdle: Bool { net == 0 && pendingBuys == 0 && pendingSells == 0 }

  /// Units that an order on `side` could close beyond what live orders on that side already would.
  func closable(by side: Side) -> Int64 {
    switch side {
    case .buy: max(-net - pendingBuys, 0)
    case .sell: max(net - pendingSells, 0)
    }
  }

  mutating func addPending(_ units: Int64, _ side: Side) {
    switch side {
    case .buy: pendingBuys += units
    case .sell: pendingSells += units
    }
  }

  /// Returns what the fill realised.
  mutating func apply(_ side: Side, units: Int64, price: Price) -> Money {
    switch side {
    case .buy:
      boughtToday += units
      boughtValueToday += price * units
    case .sell:
      soldToday += units
      soldValueToday += price * units
    }
    let signed = side.sign * units
    if net == 0 || (net > 0) == (signed > 0) {
      net += signed
      openCost += price * units
      return .zero
    }
    let closing = min(units, abs(net))
    let costOut = Money(tenThousandths: openCost.tenThousandths * Int128(closing) / Int128(abs(net)))
    let value = price * closing
    let gain = net > 0 ? value - costOut : costOut - value
    net += side.sign * closing
    openCost -= costOut
    realised += gain
    if units > closing {
      net += side.sign * (units - closing)
      openCost += price * (units - closing)
    }
    return gain
  }

  /// Returns by how much the position blocks more than before.
  mutating func updateMargin(_ table: MarginTable, _ instrument: Instrument) -> Money {
    let before = margin
    margin =
      net == 0
      ? .zero
      : table.margin(for: instrument, product, net > 0 ? .buy : .sell, units: abs(net), value: openCost)
    return margin - before
  }

  /// Begins with what was open elsewhere.
  mutating func carry(_ units: Int64, cost: Money) {
    net = units
    openCost = cost
    roll()
  }

  /// Begins a new day: what is open is carried, the day's counts start at nought.
  mutating func roll() {
    carried = net
    carriedCost = openCost
    realised = .zero
    boughtToday = 0
    boughtValueToday = .zero
    soldToday = 0
    soldValueToday = .zero
  }

  /// The open units have moved into or out of the holdings.
  mutating func clear() {
    net = 0
    openCost = .zero
  }
}
