import OrderDomain

/// One account: its cash, and its positions and holdings in the order in which they were first touched.
struct AccountBook: Sendable {
  struct PositionKey: Hashable, Sendable {
    let market: Int32
    let product: ProductType
  }

  struct Holding: Sendable {
    let market: Int32
    var units: Int64
    var cost: Money
  }

  let id: AccountID
  /// Starting funds, plus what was realised, less charges, less what holdings cost.
  private(set) var cash: Money
  /// Cash when the day began.
  private(set) var opening: Money
  private(set) var realisedToday = Money.zero
  private(set) var chargesToday = Money.zero
  private(set) var realisedEver = Money.zero
  private(set) var chargesEver = Money.zero
  var blockedByOrders = Money.zero
  var blockedByPositions = Money.zero

  private(set) var positions: [PositionRecord] = []
  private var positionIndex: [PositionKey: Int] = [:]
  private(set) var holdings: [Holding] = []
  private var holdingIndex: [Int32: Int] = [:]

  init(id: AccountID, funds: Money) {
    self.id = id
    cash = funds
    opening = funds
  }

  var available: Money { cash - blockedByOrders - blockedByPositions }

  mutating func realise(_ gain: Money) {
    cash += gain
    realisedToday += gain
    realisedEver += gain
  }

  mutating func pay(_ charge: Money) {
    cash -= charge
    chargesToday += charge
    chargesEver += charge
  }

  func position(_ market: Int32, _ product: ProductType) -> PositionRecord? {
    positionIndex[PositionKey(market: market, product: product)].map { positions[$0] }
  }

  mutating func withPosition<Result>(
    _ market: Int32, _ product: ProductType, _ body: (inout PositionRecord) -> Result
  ) -> Result {
    let key = PositionKey(market: market, product: product)
    if let index = positionIndex[key] { return body(&positions[index]) }
    positionIndex[key] = positions.count
    var position = PositionRecord(market: market, product: product)
    let result = body(&position)
    positions.append(position)
    return result
  }

  mutating func withPositions(_ body: (inout PositionRecord) -> Void) {
    for index in positions.indices { body(&positions[index]) }
  }

  func holding(_ market: Int32) -> Holding? { holdingIndex[market].map { holdings[$0] } }

  /// Takes delivery of shares, and pays for them.
  mutating func takeDelivery(_ market: Int32, units: Int64, cost: Money) {
    cash -= cost
    enterHolding(market, units: units, cost: cost)
  }

  mutating func enterHolding(_ market: Int32, units: Int64, cost: Money) {
    if let index = holdingIndex[market] {
      holdings[index].units += units
      holdings[index].cost += cost
    } else {
      holdingIndex[market] = holdings.count
      holdings.append(Holding(market: market, units: units, cost: cost))
    }
  }

  /// Delivers shares sold for `proceeds`; they take their share of the cost along, rounded down.
  mutating func deliver(_ market: Int32, units: Int64, proceeds: Money) {
    guard let index = holdingIndex[market], holdings[index].units >= units else {
      preconditionFailure("more is delivered than is held")
    }
    let share = holdings[index].cost.tenThousandths * Int128(units) / Int128(holdings[index].units)
    let cost = Money(tenThousandths: share)
    holdings[index].units -= units
    holdings[index].cost -= cost
    cash += cost
    realise(proceeds - cost)
  }

  mutating func beginDay() {
    opening = cash
    realisedToday = .zero
    chargesToday = .zero
  }

  /// Drops what is flat, and counts the rest anew.
  mutating func sweep() {
    positions.removeAll { $0.isIdle }
    holdings.removeAll { $0.units == 0 }
    positionIndex.removeAll(keepingCapacity: true)
    holdingIndex.removeAll(keepingCapacity: true)
    for (index, position) in positions.enumerated() {
      positionIndex[PositionKey(market: position.market, product: position.product)] = index
    }
    for (index, holding) in holdings.enumerated() { holdingIndex[holding.market] = index }
  }
}
