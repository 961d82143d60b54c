import Actors
import OrderDomain

/// Reads the broker's profile once for each new token of an account: it proves the token before an order needs it, and says
/// whose account it opens. Beside the orders; what cannot be read stops nothing.
struct ProfileCheck: Sendable {
  let account: AccountID
  let broker: Broker
  /// Whom the token must belong to; `nil` where the settings do not say.
  let client: String?
  let tokens: TokenManager
  let clock: any MonotonicClock
  /// With the account's token, and within its limits.
  let read: @Sendable () async -> Result<BrokerProfile, BrokerReadFailure>
  let alarm: @Sendable (Refusal) -> Void

  /// Of one token, while the broker cannot be asked.
  static let attemptLimit = 5
  static let interval = Duration.seconds(30)

  /// As long as its task lives.
  func run() async {
    var seen: UInt64 = 0
    while let generation = await tokens.arrival(after: seen) {
      seen = generation
      await check(generation)
    }
  }

  private func check(_ generation: UInt64) async {
    for attempt in 1...ProfileCheck.attemptLimit {
      let answer = await read()
      // It may have been asked with a later token, which has its own turn.
      guard await tokens.snapshot().generation == generation else { return }
      switch answer {
      case .success(let profile): return await judge(profile, generation)
      // The refusal has been reported: a new token is on its way, or the account says what to do.
      case .failure(.tokenRefused): return
      case .failure(let failure):
        if attempt == ProfileCheck.attemptLimit {
          let refusal = failure.refusal
          return alarm(
            Refusal(code: "profile.notRead", cause: "\(account): \(refusal.code): \(refusal.cause)", fix: refusal.fix))
        }
        do { try await clock.wait(for: ProfileCheck.interval) } catch { return }
      }
    }
  }

  private func judge(_ profile: BrokerProfile, _ generation: UInt64) async {
    guard let client, profile.clientID.uppercased() != client.uppercased() else { return }
    let refusal = ProfileCheck.otherClient(account, broker, is: profile.clientID, not: client)
    alarm(refusal)
    await tokens.condemn(generation, TokenError(kind: .needsPerson, refusal: refusal))
  }

  static func otherClient(
    _ account: AccountID, _ broker: Broker, is theirs: String, not ours: String
  ) -> Refusal {
    let setting =
      switch broker {
      case .dhan, .paper: "DHAN_CLIENT_ID"
      case .fyers: "FYERS_USER_ID"
      }
    return Refusal(
      code: "auth.otherClient",
      cause: "\(account): the token opens the account of client \(theirs), and \(setting) says \(ours)",
      fix: "log in as \(ours) at /auth-url?account=\(account), or post to /refresh-token where the engine logs in by "
        + "itself; or correct \(setting)")
  }
}
