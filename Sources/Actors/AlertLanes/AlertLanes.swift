public import OrderDomain

/// Owns the order in which alerts leave, and lets each wait for its turn.
public actor AlertLanes {
  private let executor: any SerialExecutor
  private var state = AlertLanesState()
  private var waiters: [AlertIdentity: Waiter<Bool>] = [:]

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  public init(executor: any SerialExecutor) { self.executor = executor }

  /// Alerts that others may wait for.
  public var count: Int { state.count }

  public func enter(_ alert: AlertIdentity, _ conduct: [(LaneKey, LaneConduct)], isOpening: Bool, isClosing: Bool) {
    state.enter(alert, conduct, isOpening: isOpening, isClosing: isClosing)
  }

  public func mayGo(_ alert: AlertIdentity) -> Bool { state.mayGo(alert) }

  /// Returns when it is the alert's turn: `true`; or when its task is cancelled: `false`. One caller an alert.
  public func turn(of alert: AlertIdentity) async -> Bool {
    if state.mayGo(alert) { return true }
    let waiter = Waiter<Bool>()
    waiters[alert] = waiter
    let isTurn = await waiter.wait(cancelled: false)
    waiters[alert] = nil
    return isTurn
  }

  public func sent(_ alert: AlertIdentity) { wake(state.sent(alert)) }

  public func leave(_ alert: AlertIdentity) { wake(state.leave(alert)) }

  private func wake(_ alerts: [AlertIdentity]) {
    for alert in alerts {
      // One that was cancelled meanwhile leaves its lanes by itself.
      _ = waiters[alert]?.resolve(true)
    }
  }
}
