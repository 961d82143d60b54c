/// One order as it is asked of a broker.
///
/// One object, because it goes through many hands and never changes.
public final class OrderRequest: Sendable {
  public let correlationID: CorrelationID
  public let account: AccountID
  public let instrument: Instrument
  public let side: Side
  public let type: OrderType
  public let quantity: Quantity
  public let product: ProductType
  public let validity: Validity
  public let isAfterMarket: Bool
  /// An exit may use the rate budget and the circuit lane that are kept for exits.
  public let isExit: Bool

  public init(
    correlationID: CorrelationID, account: AccountID, instrument: Instrument, side: Side, type: OrderType,
    quantity: Quantity, product: ProductType, validity: Validity, isAfterMarket: Bool, isExit: Bool
  ) {
    self.correlationID = correlationID
    self.account = account
    self.instrument = instrument
    self.side = side
    self.type = type
    self.quantity = quantity
    self.product = product
    self.validity = validity
    self.isAfterMarket = isAfterMarket
    self.isExit = isExit
  }
}
