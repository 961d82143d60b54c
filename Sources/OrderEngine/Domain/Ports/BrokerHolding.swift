/// Shares of one company in the demat account.
public struct BrokerHolding: Hashable, Sendable {
  /// The broker's number of the instrument; brokers list a holding without saying at which exchange.
  public let securityID: SecurityID?
  public let symbol: String
  public let isin: String
  public let units: Int64
  /// What may be sold today; `nil` where the broker does not say.
  public let sellableUnits: Int64?
  public let averageCost: Price?

  public init(
    securityID: SecurityID?, symbol: String, isin: String, units: Int64, sellableUnits: Int64?, averageCost: Price?
  ) {
    self.securityID = securityID
    self.symbol = symbol
    self.isin = isin
    self.units = units
    self.sellableUnits = sellableUnits
    self.averageCost = averageCost
  }
}
