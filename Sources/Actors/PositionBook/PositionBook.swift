public import OrderDomain

/// What one account holds of one instrument under one product, folded from fills: each counted once by whoever feeds it.
public struct Position: Sendable {
  public let account: AccountID
  public let instrument: Instrument
  public let product: ProductType
  /// Positive is long.
  public private(set) var netUnits: Int64 = 0
  public private(set) var boughtUnits: Int64 = 0
  public private(set) var soldUnits: Int64 = 0
  public private(set) var boughtValue = Money.zero
  public private(set) var soldValue = Money.zero

  public init(account: AccountID, instrument: Instrument, product: ProductType) {
    self.account = account
    self.instrument = instrument
    self.product = product
  }

  public mutating func add(_ side: Side, units: Int64, value: Money) {
    netUnits += side.sign * units
    switch side {
    case .buy:
      boughtUnits += units
      boughtValue += value
    case .sell:
      soldUnits += units
      soldValue += value
    }
  }

  public var averageBuyPrice: Price? { Quantity(boughtUnits).flatMap { Price(averageOf: boughtValue, over: $0) } }
  public var averageSellPrice: Price? { Quantity(soldUnits).flatMap { Price(averageOf: soldValue, over: $0) } }

  /// Profit of what has been both bought and sold, at average prices, rounded down to ₹0.0001.
  public var realisedProfit: Money {
    let closed = Int128(min(boughtUnits, soldUnits))
    guard closed > 0 else { return .zero }
    // Costs are rounded up and proceeds down, so that their difference is never more than was made.
    let (cost, part) = (boughtValue.tenThousandths * closed).quotientAndRemainder(dividingBy: Int128(boughtUnits))
    let proceeds = soldValue.tenThousandths * closed / Int128(soldUnits)
    return Money(tenThousandths: proceeds - cost - (part > 0 ? 1 : 0))
  }
}

/// Owns what every account holds, as far as our own fills tell.
public actor PositionBook {
  struct Key: Hashable {
    let account: AccountID
    let instrument: InstrumentKey
    let product: ProductType
  }

  private let executor: any SerialExecutor
  private var positions: [Key: Position] = [:]

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  public init(executor: any SerialExecutor) { self.executor = executor }

  /// Counts what a report has newly filled of an order.
  public func add(_ request: OrderRequest, filled: Quantity, value: Money) {
    let key = Key(account: request.account, instrument: request.instrument.key, product: request.product)
    positions[
      key, default: Position(account: request.account, instrument: request.instrument, product: request.product)
    ].add(request.side, units: filled.units, value: value)
  }

  /// Puts in what older fills have made, before any other is counted.
  public func restore(_ position: Position) {
    positions[Key(account: position.account, instrument: position.instrument.key, product: position.product)] = position
  }

  public func position(_ account: AccountID, _ instrument: InstrumentKey, _ product: ProductType) -> Position? {
    positions[Key(account: account, instrument: instrument, product: product)]
  }

  /// By account, then trading symbol, segment, security id and product: the same order every time.
  public func all() -> [Position] {
    positions.values.sorted {
      let (left, right) = ($0.instrument, $1.instrument)
      return (
        $0.account, left.tradingSymbol, left.key.segment.code, left.key.securityID.number, $0.product.code
      ) < ($1.account, right.tradingSymbol, right.key.segment.code, right.key.securityID.number, $1.product.code)
    }
  }
}
