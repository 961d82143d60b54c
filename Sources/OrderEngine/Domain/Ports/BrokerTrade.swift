/// One row of a broker's trade book: one execution.
public struct BrokerTrade: Hashable, Sendable {
  /// The exchange's number of the trade; fills are counted once by it.
  public let id: TradeID
  public let orderID: BrokerOrderID
  public let instrument: InstrumentKey?
  public let symbol: String
  public let side: Side?
  public let quantity: Quantity
  public let price: Price
  public let product: ProductType?
  public let at: Timestamp?

  public init(
    id: TradeID, orderID: BrokerOrderID, instrument: InstrumentKey?, symbol: String, side: Side?, quantity: Quantity,
    price: Price, product: ProductType?, at: Timestamp?
  ) {
    self.id = id
    self.orderID = orderID
    self.instrument = instrument
    self.symbol = symbol
    self.side = side
    self.quantity = quantity
    self.price = price
    self.product = product
    self.at = at
  }
}
