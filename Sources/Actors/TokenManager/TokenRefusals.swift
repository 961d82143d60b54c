internal import OrderDomain

/// The failures that this side finds by itself; a source words its own.
enum TokenRefusals {
  static let timedOut = TokenError(
    kind: .temporary,
    refusal: Refusal(
      code: "auth.refreshTimedOut", cause: "The broker's token call did not answer in time.",
      fix: "It is tried again by itself; look at the broker's status and the network."))
  static let issuedExpired = TokenError(
    kind: .temporary,
    refusal: Refusal(
      code: "auth.issuedExpired", cause: "The broker issued a token that had already expired.",
      fix: "Compare this machine's clock with the true time."))
  static let refused = TokenError(
    kind: .temporary,
    refusal: Refusal(
      code: "auth.tokenRefused", cause: "The broker refuses a token that it issued moments ago.",
      fix: "See that no other program logs in to the same account; a new token is fetched by itself."))
  static let tooSoon = TokenError(
    kind: .temporary,
    refusal: Refusal(
      code: "auth.refreshTooSoon", cause: "The last token was asked for a moment ago and is of no more use.",
      fix: "The next is asked for by itself, shortly."))
  static let unknownLogin = TokenError(
    kind: .needsPerson,
    refusal: Refusal(
      code: "auth.unknownLogin", cause: "No login that was begun here is waited for, or its time is over.",
      fix: "Open /auth-url again with the operator's token, and log in within 15 minutes."))

  static func slowStore(_ name: String) -> TokenStoreError {
    TokenStoreError(
      store: name,
      refusal: Refusal(
        code: "secret.storeTooSlow", cause: "The store of tokens did not answer in time.",
        fix: "See whether it can be reached; the engine goes on without it."))
  }

  static let turnTaken = TokenStoreError(
    store: "file",
    refusal: Refusal(
      code: "auth.turnTaken", cause: "Another process has been logging in to this account for 12 s.",
      fix: "End the other one if it hangs; this one goes on and asks for a token of its own."))

  static let queueFull = TokenError(
    kind: .temporary,
    refusal: Refusal(
      code: "auth.queueFull", cause: "Too many calls already wait for a token.", fix: "Send again once it is there."))
  static let deadlinePassed = TokenError(
    kind: .temporary,
    refusal: Refusal(
      code: "auth.deadlinePassed", cause: "No token came before the call's deadline.",
      fix: "Look at the account's token status."))
  static let cancelled = TokenError(
    kind: .temporary,
    refusal: Refusal(code: "auth.cancelled", cause: "The wait for a token was cancelled.", fix: "Send again if wanted.")
  )
  static let shuttingDown = TokenError(
    kind: .temporary,
    refusal: Refusal(code: "auth.shuttingDown", cause: "The engine is stopping.", fix: "Send again when it is back."))
}
