/// One row of a broker's positions.
public struct BrokerPosition: Hashable, Sendable {
  public let instrument: InstrumentKey?
  public let symbol: String
  /// `nil` for a product that the engine does not trade (CO, BO, MTF).
  public let product: ProductType?
  /// Units, negative when short, zero for a position that was closed today.
  public let netUnits: Int64
  public let boughtUnits: Int64
  public let soldUnits: Int64
  /// `nil` over no units.
  public let averageBought: Price?
  public let averageSold: Price?
  public let realised: Money?
  public let unrealised: Money?

  public init(
    instrument: InstrumentKey?, symbol: String, product: ProductType?, netUnits: Int64, boughtUnits: Int64,
    soldUnits: Int64, averageBought: Price?, averageSold: Price?, realised: Money?, unrealised: Money?
  ) {
    self.instrument = instrument
    self.symbol = symbol
    self.product = product
    self.netUnits = netUnits
    self.boughtUnits = boughtUnits
    self.soldUnits = soldUnits
    self.averageBought = averageBought
    self.averageSold = averageSold
    self.realised = realised
    self.unrealised = unrealised
  }
}
