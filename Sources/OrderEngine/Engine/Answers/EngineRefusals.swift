import OrderDomain

/// What the engine itself answers an alert with.
enum EngineRefusals {
  /// An alert that needs a price, and none can be read without a token.
  static func tokenNeeded(_ account: AccountID, _ error: TokenError?) -> Refusal {
    let cause = error.map { ": \($0.refusal.cause)" } ?? ""
    let fix: String =
      if let error, error.kind == .needsPerson {
        error.refusal.fix
      } else {
        "send the alert again in a minute: a new token is asked for by itself; if none comes, log in at "
          + "/auth-url?account=\(account)"
      }
    return Refusal(
      code: "auth.tokenNeeded",
      cause: "account \(account) has no living token, so no price can be read and no limit on value be judged\(cause)",
      fix: fix)
  }

  static let starting = Refusal(
    code: "engine.starting", cause: "the engine is still reading its journal", fix: "send the alert again in a second")
  static let stopping = Refusal(
    code: "engine.stopping", cause: "the engine is stopping", fix: "send the alert again after the restart")
  static let tooManyAlerts = Refusal(
    code: "limit.tooManyAlerts",
    cause: "more alerts came from this address, or with this secret, than WEBHOOK_RATE_LIMIT allows",
    fix: "wait as long as Retry-After says, or raise WEBHOOK_RATE_LIMIT")
  static let earlierNotDone = Refusal(
    code: "order.earlierNotDone",
    cause: "an earlier alert of this strategy on this instrument was not done when this alert's validity ended",
    fix: "look at the earlier alert: an order that is not answered, or a close that has not filled; send this one again"
  )
  static let legNeverSent = Refusal(
    code: "plan.legNeverSent", cause: "no order of this leg was ever sent",
    fix: "see what became of the legs before it")
  static let twinNotTaken = Refusal(
    code: "journal.notDurable", cause: "the same alert was being written to disk, and that failed",
    fix: "send it again")
  static func sentNotDurable(_ refusal: Refusal) -> Refusal {
    Refusal(
      code: "journal.sentNotDurable",
      cause: "the alert's orders have left, and its record could not be made durable: \(refusal.cause)",
      fix: "look at the orders before sending it again; \(refusal.fix)")
  }

  static let ledgerFull = Refusal(
    code: "limit.tooManyIdentities", cause: "more alerts are being remembered than there is room for",
    fix: "wait as long as Retry-After says, or lower IDEMPOTENCY_WINDOW_SECONDS")
}
