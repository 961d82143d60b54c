import OrderDomain

extension Alert {
  /// What the alert leaves open is as its strategy's settings say.
  mutating func adopt(_ strategy: StrategyConfiguration) {
    account = account ?? strategy.account
    endPolicy = endPolicy ?? strategy.endPolicy
    validForMilliseconds = validForMilliseconds ?? strategy.validityMilliseconds
  }
}
