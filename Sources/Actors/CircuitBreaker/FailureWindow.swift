package import OrderDomain

/// Calls, failures and slow calls of the last while, in buckets laid out once: an event costs no allocation and a reading
/// no walk.
///
/// It remembers a call for at least 29/30 of its length and never longer than its length.
package struct FailureWindow: Sendable {
  package struct Counts: Hashable, Sendable {
    package var calls = 0
    package var failures = 0
    package var slow = 0
  }

  static var bucketCount: Int { 30 }

  private let epoch: Uptime
  private let bucketNanoseconds: Int64
  private var buckets: [Counts]
  /// Number of the newest bucket, counted from the epoch.
  private var newest: Int64 = 0
  private var total = Counts()

  package init(length: Duration, epoch: Uptime) {
    self.epoch = epoch
    bucketNanoseconds = max(1, length.clampedNanoseconds / Int64(Self.bucketCount))
    buckets = Array(repeating: Counts(), count: Self.bucketCount)
  }

  package mutating func record(isFailure: Bool, isSlow: Bool, at now: Uptime) {
    forget(at: now)
    let index = Int(newest % Int64(buckets.count))
    buckets[index].calls += 1
    total.calls += 1
    if isFailure {
      buckets[index].failures += 1
      total.failures += 1
    }
    if isSlow {
      buckets[index].slow += 1
      total.slow += 1
    }
  }

  package mutating func counts(at now: Uptime) -> Counts {
    forget(at: now)
    return total
  }

  package mutating func clear() {
    for index in buckets.indices { buckets[index] = Counts() }
    total = Counts()
  }

  private mutating func forget(at now: Uptime) {
    let current = epoch.duration(to: now).clampedNanoseconds / bucketNanoseconds
    // A reading of the clock taken before the last one belongs to the newest bucket.
    guard current > newest else { return }
    if current - newest >= Int64(buckets.count) {
      clear()
    } else {
      for number in (newest + 1)...current {
        let index = Int(number % Int64(buckets.count))
        total.calls -= buckets[index].calls
        total.failures -= buckets[index].failures
        total.slow -= buckets[index].slow
        buckets[index] = Counts()
      }
    }
    newest = current
  }
}
