/// What a working order is to become. Brokers want its type and validity again, so all of it is said.
public struct OrderModification: Sendable {
  public let id: BrokerOrderID
  public let instrument: Instrument
  public let side: Side
  public let type: OrderType
  /// The whole quantity wanted, including what has filled.
  public let quantity: Quantity
  public let validity: Validity

  public init(
    id: BrokerOrderID, instrument: Instrument, side: Side, type: OrderType, quantity: Quantity, validity: Validity
  ) {
    self.id = id
    self.instrument = instrument
    self.side = side
    self.type = type
    self.quantity = quantity
    self.validity = validity
  }
}
