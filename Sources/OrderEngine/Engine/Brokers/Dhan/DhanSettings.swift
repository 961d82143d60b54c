/// What an account at Dhan needs to be said of it.
package struct DhanSettings: Sendable {
  /// When an after-market order goes to the exchange.
  package enum AfterMarketTime: String, Hashable, Sendable, CaseIterable {
    case preOpen = "PRE_OPEN"
    case open = "OPEN"
    case afterHalfHour = "OPEN_30"
    case afterHour = "OPEN_60"
  }

  /// Ten digits, kept as text.
  package let clientID: String
  package let protectiveBand: ProtectiveBand
  package let afterMarketTime: AfterMarketTime

  package init(
    clientID: String, protectiveBand: ProtectiveBand = ProtectiveBand(), afterMarketTime: AfterMarketTime = .open
  ) {
    self.clientID = clientID
    self.protectiveBand = protectiveBand
    self.afterMarketTime = afterMarketTime
  }
}
