import OrderDomain

/// Counts in buckets of a 128th of the window, for limits whose moments would take too much memory: 2 KB whatever the
/// limit. It errs on the safe side, forgetting a call up to a 128th of the window late.
struct CoarseWindow: Sendable {
  static var bucketCount: Int { 128 }

  private let epoch: Uptime
  private let bucketNanoseconds: Int64
  /// Buckets from the oldest that still counts to the newest, inclusive: one more than the window is long.
  private var ring: [Int]
  private var newest: Int64 = 0
  private(set) var used = 0

  init(length: Duration, epoch: Uptime) {
    self.epoch = epoch
    let count = Int64(Self.bucketCount)
    bucketNanoseconds = (length.clampedNanoseconds + count - 1) / count
    ring = Array(repeating: 0, count: Self.bucketCount + 1)
  }

  mutating func expire(at now: Uptime) {
    let current = epoch.duration(to: now).clampedNanoseconds / bucketNanoseconds
    guard current > newest else { return }
    let steps = min(current - newest, Int64(ring.count))
    for number in (current - steps + 1)...current {
      let index = Int(number % Int64(ring.count))
      used -= ring[index]
      ring[index] = 0
    }
    newest = current
  }

  mutating func record(at now: Uptime) {
    expire(at: now)
    ring[Int(newest % Int64(ring.count))] += 1
    used += 1
  }

  func moment(freeing count: Int) -> Uptime? {
    guard count <= used else { return nil }
    var freed = 0
    for number in max(0, newest - Int64(ring.count) + 1)...newest {
      freed += ring[Int(number % Int64(ring.count))]
      if freed >= count {
        return epoch.advanced(by: .nanoseconds((number + Int64(ring.count)) * bucketNanoseconds))
      }
    }
    return nil
  }
}
