package import OrderDomain

/// How one credential's limits are shared out.
package struct RateLimiterSettings: Hashable, Sendable {
  package var policy: RateLimitPolicy
  /// Per cent of each limit that only exits may use, 0 to 90, rounded up to whole calls.
  package var exitShare = 20
  /// Per cent of each limit that reads may not use on top of that, 0 to 90.
  package var orderShare = 30
  /// Added to each window, because calls that leave with this spacing may arrive with less; 0 to 1 s.
  package var guardTime: Duration = .milliseconds(50)
  /// Calls of one class that may wait, 1 to 4,096; the next is refused.
  package var waiterLimit = 1_024
  /// Plans that may hold a reservation, 1 to 4,096.
  package var reservationLimit = 1_024
  /// The rest after a 429 that does not say how long, 100 ms to 1 min.
  package var defaultPenalty: Duration = .seconds(1)
  /// What a `Retry-After` beyond all reason is cut to, 1 s to 1 h.
  package var maximumPenalty: Duration = .seconds(300)

  package init(policy: RateLimitPolicy) { self.policy = policy }

  /// The first setting out of its range, for the check at start.
  package var problem: Refusal? {
    let name: String
    if !(0...90).contains(exitShare) {
      name = "exitShare must be 0 to 90"
    } else if !(0...90).contains(orderShare) {
      name = "orderShare must be 0 to 90"
    } else if !(.zero ... .seconds(1)).contains(guardTime) {
      name = "guardTime must be 0 to 1 s"
    } else if !(1...4_096).contains(waiterLimit) {
      name = "waiterLimit must be 1 to 4096"
    } else if !(1...4_096).contains(reservationLimit) {
      name = "reservationLimit must be 1 to 4096"
    } else if !(.milliseconds(100) ... .seconds(60)).contains(defaultPenalty) {
      name = "defaultPenalty must be 100 ms to 1 min"
    } else if !(.seconds(1) ... .seconds(3_600)).contains(maximumPenalty) {
      name = "maximumPenalty must be 1 s to 1 h"
    } else {
      return nil
    }
    return Refusal(
      code: "config.rateLimit", cause: "Rate limiter: \(name).", fix: "Correct the setting, or leave it out.")
  }

  /// How much of `limit` a class may use, and never nothing: a class that could never go would be a trap.
  func ceiling(_ limit: Int, for kind: RateClass) -> Int {
    let exitPart = (limit * exitShare + 99) / 100
    let orderPart = (limit * orderShare + 99) / 100
    switch kind {
    case .exits: return limit
    case .entries: return max(1, limit - exitPart)
    case .reads: return max(1, limit - exitPart - orderPart)
    }
  }
}
