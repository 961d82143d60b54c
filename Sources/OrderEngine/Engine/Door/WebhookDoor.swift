import OrderDomain

/// Who may post alerts: everything that is asked of a sender before his alert is looked at. Decides only; the engine
/// answers.
struct WebhookDoor: Sendable {
  enum Entry: Equatable {
    /// Nothing more is asked; this secret, or signing key, is known to the sender.
    case open(StrategyTable.Bearer)
    /// The secret is in the body, which must be read for it.
    case bodyIsNeeded
    case refused(Turned)
  }

  struct Turned: Error, Equatable {
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

  // MARK: Other settings

  /// Counts anew.
  mutating func limit(to rateLimit: EngineConfiguration.WebhookRateLimit?) {
    senders = rateLimit.map { InboundLimiter(limit: $0.count, seconds: $0.seconds) }
    limitSecrets(to: rateLimit)
  }

  /// The secrets are others now.
  mutating func limitSecrets(to rateLimit: EngineConfiguration.WebhookRateLimit?) {
    secrets = rateLimit.map { InboundLimiter(limit: $0.count, seconds: $0.seconds) }
  }

  /// All that is asked of a sender: by the address and the header first, and by the body where it hangs on that.
  ///
  /// - Parameter parsed: the body's meaning, if it had to be read.
  mutating func admit(
    _ delivery: AlertDelivery, knowing known: StrategyTable, at now: Timestamp, uptime: Uptime,
    parsed: inout Result<Alert, AlertError>?
  ) -> Result<StrategyTable.Bearer, Turned> {
    var entry = meet(delivery, knowing: known, at: now, uptime: uptime)
    if entry == .bodyIsNeeded {
      let alert = OrderEngine.parse(delivery.body)
      parsed = alert
      let body = WebhookDoor.credentials(in: alert)
      // A secret in the header goes before the body's, and a strategy in the address before the body's.
      entry = judge(
        delivery.headerSecret ?? body.secret, naming: delivery.strategy ?? body.strategy, of: delivery, knowing: known,
        at: now, uptime: uptime)
    }
    switch entry {
    case .open(let bearer): return .success(bearer)
    case .refused(let turned): return .failure(turned)
    case .bodyIsNeeded: preconditionFailure("the body has been read")
    }
  }

  private static func credentials(in parsed: Result<Alert, AlertError>) -> (secret: Secret?, strategy: String?) {
    switch parsed {
    case .success(let alert): (alert.secret, alert.strategy)
    case .failure(let error): (error.secret, nil)
    }
  }

  // MARK: Before the body is read

  /// By what is known of a request without its body's meaning: its address, its signature, a secret in address or field.
  mutating func meet(
    _ delivery: AlertDelivery, knowing known: StrategyTable, at now: Timestamp, uptime: Uptime
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
    _ delivery: AlertDelivery, _ known: StrategyTable, _ now: Timestamp, _ uptime: Uptime
  ) -> Entry {
    var identified: StrategyTable.Bearer?
    if asksForSignature(delivery) {
      switch signatureKeys.judge(delivery.signature, delivery.body, at: now) {
      case .good(let key):
        identified = StrategyTable.Bearer(key: WebhookDoor.firstSignatureKey + key, strategy: nil)
      case .wrong:
        return .refused(wrong(delivery.caller, .wrongSignature, EngineRefusals.wrongSignature, uptime))
      case .expired:
        // Whoever signed it knows the key: no guess, and nothing to lock out for.
        return .refused(
          Turned(failure: .signatureExpired, status: 401, refusal: EngineRefusals.signatureExpired))
      }
    }
    if let identified, !asksForSecret(delivery) { return limited(identified, now) }
    // Which secret it must be may hang on the strategy, and that be named in the body.
    guard let offered = delivery.headerSecret, delivery.strategy != nil || !known.hasOwnSecrets else {
      return .bodyIsNeeded
    }
    return judge(offered, naming: delivery.strategy, of: delivery, knowing: known, at: now, uptime: uptime)
  }

  // MARK: With the body read

  mutating func judge(
    _ offered: Secret?, naming strategy: String?, of delivery: AlertDelivery, knowing known: StrategyTable,
    at now: Timestamp, uptime: Uptime
  ) -> Entry {
    guard let offered, !offered.isEmpty, let bearer = known.bearer(of: offered, naming: strategy, at: now) else {
      return .refused(wrong(delivery.caller, .wrongSecret, EngineRefusals.wrongSecret, uptime))
    }
    return limited(bearer, now)
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

  private mutating func limited(_ bearer: StrategyTable.Bearer, _ now: Timestamp) -> Entry {
    if case .refused(let seconds)? = secrets?.admit(bearer.key, at: now) { return .refused(tooMany(seconds)) }
    return .open(bearer)
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
