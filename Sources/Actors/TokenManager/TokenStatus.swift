package import OrderDomain

/// How an account stands with its token, for people, probes and metrics.
package struct TokenStatus: Hashable, Sendable {
  /// Whether a call would get a token at once.
  package let valid: Bool
  /// By the wall clock at the time of issue; `nil` without a token, or for one that does not expire.
  package let expiry: Timestamp?
  /// Rounded down; `nil` as `expiry` is. Measured by the steady clock, so a jump of the wall clock does not change it.
  package let hoursRemaining: Int?
  package let needsRefresh: Bool
  package let isRefreshing: Bool
  package let generation: UInt64
  package let waiterCount: Int
  /// Of the last attempt, if that failed.
  package let lastError: TokenError?
  package let counters: Counters

  /// Since the engine started.
  package struct Counters: Hashable, Sendable {
    package var attempts: UInt64 = 0
    package var failures: UInt64 = 0
    package var refusedByBroker: UInt64 = 0
    /// Answers of attempts that had been given up or overtaken.
    package var late: UInt64 = 0
  }
}
