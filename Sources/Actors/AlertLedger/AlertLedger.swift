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

  public func admit(
    _ identity: AlertIdentity, bodyDigest: AlertIdentity, rememberedUntil: Timestamp, at now: Timestamp
  ) -> AlertLedgerState.Admission {
    state.admit(identity, bodyDigest: bodyDigest, rememberedUntil: rememberedUntil, at: now)
  }

  public func confirm(_ identity: AlertIdentity) {
    state.confirm(identity)
    end(identity, isAccepted: true)
  }

  public func forget(_ identity: AlertIdentity) {
    state.forget(identity)
    end(identity, isAccepted: false)
  }

  public func restore(_ identity: AlertIdentity, bodyDigest: AlertIdentity, rememberedUntil: Timestamp) {
    state.restore(identity, bodyDigest: bodyDigest, rememberedUntil: rememberedUntil)
  }

  /// Whether the alert that is in flight under this identity was accepted. Ends with the journal's commit, which always
  /// ends.
  public func outcome(of identity: AlertIdentity) async -> Bool {
    await withCheckedContinuation { waiters[identity, default: []].append($0) }
  }

  private func end(_ identity: AlertIdentity, isAccepted: Bool) {
    for waiter in waiters.removeValue(forKey: identity) ?? [] { waiter.resume(returning: isAccepted) }
  }
}
