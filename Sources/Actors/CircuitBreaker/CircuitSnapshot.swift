/// What one lane looks like from outside, for people and for metrics.
package struct CircuitSnapshot: Hashable, Sendable {
  package enum Phase: String, Hashable, Sendable, CaseIterable {
    case closed
    case open
    case halfOpen = "half_open"
    case held
  }

  package let lane: CircuitLane
  package let phase: Phase
  /// What a person gave when opening or closing it by hand last; empty if nobody did.
  package let reason: String
  /// Until the first probe; `nil` unless open.
  package let retryAfter: Duration?
  package let generation: UInt64
  /// In the window, since the state changed last.
  package let callCount: Int
  package let failureCount: Int
  package let slowCount: Int
  package let waiterCount: Int
  package let counters: Counters

  /// Since the engine started.
  package struct Counters: Hashable, Sendable {
    package var admitted: UInt64 = 0
    package var refused: UInt64 = 0
    package var succeeded: UInt64 = 0
    package var failed: UInt64 = 0
    package var rejected: UInt64 = 0
    package var notSent: UInt64 = 0
    /// Results from an older generation, or of a probe that had lost its place: counted here, obeyed by nobody.
    package var late: UInt64 = 0
    package var abandoned: UInt64 = 0
    package var probesTimedOut: UInt64 = 0
    package var opened: UInt64 = 0
  }
}
