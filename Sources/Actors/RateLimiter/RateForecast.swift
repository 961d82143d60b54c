package import OrderDomain

/// How the limits of one credential stand, for one class of calls.
package struct RateForecast: Hashable, Sendable {
  package struct Window: Hashable, Sendable {
    /// As in the setting: `1s`, `60s`; `1d` for the trading day.
    package let name: String
    package let limit: Int
    /// Calls that left.
    package let used: Int
    /// Calls that may still go now, after what is out and what is reserved.
    package let left: Int
    /// When the next may go: zero for now, `nil` where that is not known.
    package let nextFree: Duration?
  }

  package let kind: RateClass
  package let windows: [Window]
  package let tradingDay: CalendarDate?
  /// Permits out, neither spent nor given back.
  package let outstandingCount: Int
  package let reservedCount: Int
  /// Waiting calls by class, exits first.
  package let waiterCounts: [Int]
  /// Until the rest that the broker asked for is over.
  package let penalty: Duration?
  package let counters: Counters

  /// Since the engine started.
  package struct Counters: Hashable, Sendable {
    package var spent: UInt64 = 0
    package var givenBack: UInt64 = 0
    package var abandoned: UInt64 = 0
    package var refused: UInt64 = 0
    package var penalties: UInt64 = 0
    /// Rests asked for that were beyond all reason.
    package var cappedPenalties: UInt64 = 0
  }
}

/// The rest after a 429.
package struct RatePenalty: Hashable, Sendable {
  package let rest: Duration
  /// The broker asked for more than the setting allows: a person should know.
  package let wasCapped: Bool
}
