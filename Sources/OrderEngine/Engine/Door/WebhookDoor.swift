import OrderDomain

/// Who may post alerts: everything that is asked of a sender before his alert is looked at. Decides only; the engine
/// answers.
struct WebhookDoor: Sendable {
  enum Entry: Equatable {
    /// Nothing more is asked; of the sender's secrets this one is known to him, for the limit on it.
    case open(secret: Int)
    /// The secret is in the body, which must be read for it.
    case bodyIsNeeded
    case refused(Turned)
  }

  struct Turned: Equatable {
    let failure: DoorFailure?
    let status: UInt16
    let refusal: Refusal
    var retryAfterSeconds: Int64?
  }

  private let settings: WebhookDoorSettings
  private let signatureKeys: SignatureKeys
  private var senders: InboundLimiter<SenderAddress>?
  /// The same limit for each secret, whichever addresses it comes from.
  private var secrets: InboundLimiter<Int>?
  private var lockOut: LockOut
  private var signatures = SignatureMemory()
  private var hasToldOfProxy = false
  private(set) var tally = DoorTally(door: "webhook")

  /// Signing keys are counted behind the secrets.
  private static let firstSignatureKey = 1 << 32

  init(_ settings: WebhookDoorSettings, rateLimit: EngineConfiguration.WebhookRateLimit?) {
    self.settings = settings
    signatureKeys = SignatureKeys(settings.signatureSecrets, windowSeconds: settings.signatureWindowSeconds)
    senders = rateLimit.map { InboundLimiter(limit: $0.count, seconds: $0.seconds) }
    secrets = rateLimit.map { InboundLimiter(limit: $0.count, seconds: $0.seconds) }
    lockOut = LockOut(settings.lockOut)
  }

  // MARK: Before the body is read

  /// By what is known of a request without its body's meaning: its address, its signature, a secret in address or field.
  mutating func meet(
    _ delivery: AlertDelivery, knowing known: [Secret], at now: Timestamp, uptime: Uptime
  ) -> Entry {
    let caller = delivery.caller
    if let allowed = settings.allowedAddresses, !allowed.contains(caller.address) {
      return .refused(Turned(failure: .addressNotAllowed, status: 403, refusal: EngineRefusals.addressNotAllowed))
    }
    // Whoever shares his address with strangers is limited by his secret alone: see LockOut.
    if !caller.isShared {
      if case .locked(let seconds) = lockOut.standing(of: caller, at: uptime) {
        return .refused(
          Turned(failure: .lockedOut, status: 429, refusal: EngineRefusals.lockedOut, retryAfterSeconds: seconds))
      }
      if case .refused(let seconds)? = senders?.admit(caller.address, at: now) {
        return .refused(tooMany(seconds))
      }
    }
    return identify(delivery, known, now, uptime)
  }

  private mutating func identify(
    _ delivery: AlertDelivery, _ known: [Secret], _ now: Timestamp, _ uptime: Uptime
  ) -> Entry {
    var identified: Int?
    if asksForSignature(delivery) {
      switch signatureKeys.judge(delivery.signature, delivery.body, at: now) {
      case .good(let key): identified = WebhookDoor.firstSignatureKey + key
      case .wrong:
        return .refused(wrong(delivery.caller, .wrongSignature, EngineRefusals.wrongSignature, uptime))
      case .expired:
        // Whoever signed it knows the key: no guess, and nothing to lock out for.
        return .refused(
          Turned(failure: .signatureExpired, status: 401, refusal: EngineRefusals.signatureExpired))
      }
    }
    if let identified, !asksForSecret(delivery) { return limited(identified, now) }
    guard let offered = delivery.headerSecret else { return .bodyIsNeeded }
    guard let secret = WebhookDoor.which(of: known, is: offered) else {
      return .refused(wrong(delivery.caller, .wrongSecret, EngineRefusals.wrongSecret, uptime))
    }
    return limited(secret, now)
  }

  // MARK: With the body read

  mutating func judge(
    bodySecret: Secret?, of delivery: AlertDelivery, knowing known: [Secret], at now: Timestamp, uptime: Uptime
  ) -> Entry {
    guard let bodySecret, let secret = WebhookDoor.which(of: known, is: bodySecret) else {
      return .refused(wrong(delivery.caller, .wrongSecret, EngineRefusals.wrongSecret, uptime))
    }
    return limited(secret, now)
  }

  /// Asked of an alert that the ledger does not know: a signature lets one in, once.
  mutating func admitSignature(
    of delivery: AlertDelivery, body: AlertIdentity, at now: Timestamp
  ) -> Turned? {
    guard asksForSignature(delivery), let signature = delivery.signature, let code = signature.code,
      let signedAt = signature.signedAt
    else { return nil }
    switch signatures.admit(
      code, body: body, signedAt: signedAt, window: signatureKeys.windowNanoseconds, at: now)
    {
    case .fresh: return nil
    case .used: return Turned(failure: .replayed, status: 401, refusal: EngineRefusals.replayed)
    case .full(let wait):
      return Turned(
        failure: nil, status: 503, refusal: EngineRefusals.signaturesFull,
        retryAfterSeconds: max(1, wait / 1_000_000_000))
    }
  }

  /// Its alert was not taken after all.
  mutating func releaseSignature(_ code: Digest256?) {
    if let code { signatures.release(code) }
  }

  mutating func restore(_ accepted: [(body: AlertIdentity, at: Timestamp)], at now: Timestamp) {
    if !settings.signatureSecrets.isEmpty { signatures.restore(accepted, at: now) }
  }

  /// - Returns: what a person should read, now and then.
  mutating func count(_ failure: DoorFailure, from caller: Caller, at now: Uptime) -> Refusal? {
    tally.count(failure, from: caller, at: now)
  }

  mutating func isFirstOfUnnamedProxy() -> Bool {
    defer { hasToldOfProxy = true }
    return !hasToldOfProxy
  }

  // MARK: Parts

  private func asksForSignature(_ delivery: AlertDelivery) -> Bool {
    switch settings.authentication {
    case .secret: false
    case .hmac, .both: true
    case .either: delivery.signature != nil
    }
  }

  private func asksForSecret(_ delivery: AlertDelivery) -> Bool {
    switch settings.authentication {
    case .hmac: false
    case .secret, .both: true
    case .either: delivery.signature == nil
    }
  }

  private static func which(of known: [Secret], is offered: Secret) -> Int? {
    if offered.isEmpty { return nil }
    // All are compared, so that the time does not tell which one is near.
    var found: Int?
    for (index, secret) in known.enumerated() where secret.matches(offered) { found = index }
    return found
  }

  private mutating func limited(_ secret: Int, _ now: Timestamp) -> Entry {
    if case .refused(let seconds)? = secrets?.admit(secret, at: now) { return .refused(tooMany(seconds)) }
    return .open(secret: secret)
  }

  private func tooMany(_ seconds: Int64) -> Turned {
    Turned(failure: nil, status: 429, refusal: EngineRefusals.tooManyAlerts, retryAfterSeconds: seconds)
  }

  private mutating func wrong(
    _ caller: Caller, _ failure: DoorFailure, _ refusal: Refusal, _ now: Uptime
  ) -> Turned {
    if !caller.isShared { lockOut.fail(caller, at: now) }
    return Turned(failure: failure, status: 401, refusal: refusal)
  }
}
