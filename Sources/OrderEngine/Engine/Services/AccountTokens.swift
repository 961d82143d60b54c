package import Actors
package import OrderDomain

/// What a person may see and do about one account's token.
package struct AccountTokens: Sendable {
  package let manager: TokenManager
  /// `nil` for an account that needs no token.
  package let keeper: TokenKeeper?

  package init(manager: TokenManager, keeper: TokenKeeper?) {
    self.manager = manager
    self.keeper = keeper
  }

  /// Asks for a new token and waits for it. Where only a person can bring one, a token that is good stays as it is.
  package func renew() async -> TokenStatus {
    let status = await manager.snapshot()
    guard let keeper, await keeper.canRenew() || !status.valid else { return status }
    return await manager.renew()
  }

  /// What the daily check does: nothing where the token lives through the day, for every market of it.
  package func check(on day: CalendarDate) async -> TokenStatus {
    let status = await manager.status()
    guard status.valid else { return await renew() }
    guard let keeper, let expiry = status.expiry, expiry < AccountTokens.end(of: day) else { return status }
    if await keeper.canRenew() { return await renew() }
    await keeper.warn(expiresAt: expiry)
    return status
  }

  /// For the morning's look.
  func finding() async -> ReadinessRules.TokenFinding {
    let status = await manager.snapshot()
    return ReadinessRules.TokenFinding(
      isValid: status.valid, expiresAt: status.expiry, failure: status.lastError?.refusal)
  }

  /// Midnight in India after `day`: the last market closes at 23:30, or at 23:55 while America has winter time.
  static func end(of day: CalendarDate) -> Timestamp {
    Timestamp(seconds: Int64(day.daysSinceEpoch + 1) * 86_400 - 19_800) ?? .distantFuture
  }
}
