/// An account's money, as far as the broker tells.
public struct BrokerFunds: Hashable, Sendable {
  /// What new orders may use.
  public let available: Money
  /// Blocked by orders and positions; `nil` where the broker does not say.
  public let used: Money?
  /// At the start of the day; `nil` where the broker does not say.
  public let opening: Money?
  /// The purse for commodities, where it is a separate one.
  public let commodityAvailable: Money?

  public init(available: Money, used: Money?, opening: Money?, commodityAvailable: Money? = nil) {
    self.available = available
    self.used = used
    self.opening = opening
    self.commodityAvailable = commodityAvailable
  }
}
