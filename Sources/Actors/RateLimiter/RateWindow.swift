import OrderDomain

/// One limit and what counts against it: exact up to ``exactLimit`` calls (64 KB), in buckets above.
struct RateWindow: Sendable {
  static var exactLimit: Int { 4_096 }

  let policy: RateLimitPolicy.Window
  /// With the guard time.
  let length: Duration
  /// One of the two is there.
  private var exact: ExactWindow?
  private var coarse: CoarseWindow?

  init(_ policy: RateLimitPolicy.Window, guardTime: Duration, epoch: Uptime) {
    self.policy = policy
    length = policy.length + guardTime
    if policy.limit <= Self.exactLimit {
      exact = ExactWindow(limit: policy.limit, length: length, epoch: epoch)
    } else {
      coarse = CoarseWindow(length: length, epoch: epoch)
    }
  }

  /// As of the last ``expire(at:)``.
  var used: Int { exact?.used ?? coarse?.used ?? 0 }

  mutating func expire(at now: Uptime) {
    exact?.expire(at: now)
    coarse?.expire(at: now)
  }

  mutating func record(at now: Uptime) {
    exact?.record(at: now)
    coarse?.record(at: now)
  }

  /// When so many of the calls counted now are forgotten; `nil` if there are not so many.
  func moment(freeing count: Int) -> Uptime? { exact?.moment(freeing: count) ?? coarse?.moment(freeing: count) }
}
