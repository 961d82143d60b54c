import Actors
import OrderDomain

/// What the door decides, carried out.
extension OrderEngine {
  /// What the sender is known by; if by nothing, he is told so. The alert is parsed for it when its secret, or the strategy
  /// that the secret must fit, is in the body.
  func welcome(
    _ delivery: AlertDelivery, _ parsed: inout Result<Alert, AlertError>?, at now: Timestamp, uptime: Uptime,
    _ reply: @escaping @Sendable (EngineReply) -> Void
  ) -> StrategyTable.Bearer? {
    switch door.admit(delivery, knowing: live.strategies, at: now, uptime: uptime, parsed: &parsed) {
    case .success(let bearer): return bearer
    case .failure(let turned):
      turnAway(delivery, turned, uptime, reply)
      return nil
    }
  }

  func turnAway(
    _ delivery: AlertDelivery, _ turned: WebhookDoor.Turned, _ uptime: Uptime,
    _ reply: @escaping @Sendable (EngineReply) -> Void
  ) {
    if let failure = turned.failure {
      counters.unauthenticated += 1
      if let words = door.count(failure, from: delivery.caller, at: uptime) { parts.alarm(words) }
    }
    reply(.refused(turned.status, [turned.refusal], retryAfterSeconds: turned.retryAfterSeconds))
  }

  /// What was strange about how a request was passed on.
  func note(_ finding: Forwarding.Finding, from caller: Caller) {
    switch finding {
    case .plain: break
    case .malformed:
      if let words = door.count(.forwardingMalformed, from: caller, at: parts.stages.now) { parts.alarm(words) }
    case .unnamedProxy:
      if door.isFirstOfUnnamedProxy() { parts.alarm(EngineRefusals.proxyNotNamed) }
    }
  }

  static func parse(_ body: [UInt8]) -> Result<Alert, AlertError> {
    do throws(AlertError) {
      return .success(try AlertParser.parse(body: body.span))
    } catch {
      return .failure(error)
    }
  }
}

extension EngineRefusals {
  static let wrongSecret = Refusal(
    code: "auth.wrongSecret", cause: "no valid secret came with the alert",
    fix: "put the webhook secret into the body as \"secret\" or \"token\", or into the X-Webhook-Secret header")
  static let wrongSignature = Refusal(
    code: "auth.wrongSignature", cause: "no valid signature came with the alert",
    fix: "send X-Timestamp, and in X-Signature the HMAC-SHA256 of timestamp, \".\" and body in hexadecimal")
  static let signatureExpired = Refusal(
    code: "auth.signatureExpired",
    cause: "the signature is good, and its X-Timestamp is further from this machine's time than is allowed",
    fix: "set the clocks, sign each request when it is sent, or raise WEBHOOK_HMAC_WINDOW_SECONDS")
  static let replayed = Refusal(
    code: "auth.replayed", cause: "this signature has let another alert in",
    fix: "sign each alert anew; send a repeat with the very same Idempotency-Key, address and body")
  static let signaturesFull = Refusal(
    code: "limit.tooManySignatures", cause: "more signatures are being remembered than there is room for",
    fix: "wait as long as Retry-After says, or lower WEBHOOK_HMAC_WINDOW_SECONDS")
  static let addressNotAllowed = Refusal(
    code: "auth.addressNotAllowed", cause: "alerts are not taken from this address",
    fix: "name it in WEBHOOK_ALLOWED_ADDRESSES; behind a proxy, name the proxy in TRUSTED_PROXIES")
  static let proxyNotNamed = Refusal(
    code: "auth.proxyNotNamed",
    cause: "requests come through a proxy on this machine, and it is not said that it may be believed: all its callers "
      + "count as one",
    fix: "name it in TRUSTED_PROXIES, such as 127.0.0.1, if it adds the caller's address to X-Forwarded-For")
  static let lockedOut = Refusal(
    code: "auth.lockedOut",
    cause: "too many wrong secrets came from this address; nothing of it is looked at for a while",
    fix: "wait as long as Retry-After says, and correct the secret")
}
