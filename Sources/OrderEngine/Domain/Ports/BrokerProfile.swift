/// Whose account a token opens.
public struct BrokerProfile: Hashable, Sendable {
  /// The account's own number at the broker.
  public let clientID: String
  /// When the token ends, where the broker says; it may be dead sooner.
  public let tokenValidUntil: Timestamp?
  /// Whether market data is paid for; `nil` where the broker does not say. True proves nothing.
  public let hasDataPlan: Bool?

  public init(clientID: String, tokenValidUntil: Timestamp?, hasDataPlan: Bool?) {
    self.clientID = clientID
    self.tokenValidUntil = tokenValidUntil
    self.hasDataPlan = hasDataPlan
  }
}
