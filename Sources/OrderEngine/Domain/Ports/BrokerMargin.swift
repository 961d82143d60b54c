/// What an order would block, by the broker's own calculator.
public struct BrokerMargin: Hashable, Sendable {
  public let required: Money
  /// What the account has for it; `nil` where the broker does not say.
  public let available: Money?

  public init(required: Money, available: Money?) {
    self.required = required
    self.available = available
  }
}
