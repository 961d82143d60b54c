public import OrderDomain

/// Owns which alerts are known. A twin that arrives while the first is being written waits for the first's ending.
public actor AlertLedger {
  private let executor: any SerialExecutor
  private var state: AlertLedgerState
  /// Twins in flight, by the alert that they wait for.
  private var waiters: [AlertIdentity: [CheckedContinuation<Bool, Never>]] = [:]

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  public init(executor: any SerialExecutor, state: AlertLedgerState = AlertLedgerState()) {
    self.executor = executor
    self.state = state
  }

  public var count: Int { state.count }
  /// Twins that wait for an ending.
  public var waiterCount: Int { waiters.values.reduce(0) { $0 + $1.count } }

  public func admit(
    _ identity: AlertIdentity, alert: AlertIdentity? = nil, bodyDigest: AlertIdentity, rememberedUntil: Timestamp,
    at now: Timestamp
  ) -> AlertLedgerState.Admission {
    state.admit(identity, alert: alert, bodyDigest: bodyDigest, rememberedUntil: rememberedUntil, at: now)
  }

  /// The alert that this key stands for at present.
  public func alert(under key: AlertIdentity) -> AlertIdentity? { state.alert(under: key) }

  public func confirm(_ identity: AlertIdentity) {
    state.confirm(identity)
    end(identity, isAccepted: true)
  }

  public func forget(_ identity: AlertIdentity) {
    state.forget(identity)
    end(identity, isAccepted: false)
  }

  public func restore(
    _ identity: AlertIdentity, alert: AlertIdentity? = nil, bodyDigest: AlertIdentity, rememberedUntil: Timestamp
  ) {
    state.restore(identity, alert: alert, bodyDigest: bodyDigest, rememberedUntil: rememberedUntil)
  }

  /// Whether the alert under this identity was accepted. Waits while it is in flight, which ends with the journal's
  /// commit, and that always ends. It may have ended between ``admit(_:bodyDigest:rememberedUntil:at:)`` and this call:
  /// then the answer is there at once.
  public func outcome(of identity: AlertIdentity) async -> Bool {
    guard state.isInFlight(identity) else { return state.isKnown(identity) }
    return await withCheckedContinuation { waiters[identity, default: []].append($0) }
  }

  private func end(_ identity: AlertIdentity, isAccepted: Bool) {
    if waiters.isEmpty { return }
    for waiter in waiters.removeValue(forKey: identity) ?? [] { waiter.resume(returning: isAccepted) }
  }
}
