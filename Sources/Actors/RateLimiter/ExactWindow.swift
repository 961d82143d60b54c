import OrderDomain

/// The moments of the last `limit` calls, in a ring laid out once: exact, at 16 bytes a call.
struct ExactWindow: Sendable {
  private let length: Duration
  private var ring: [Uptime]
  private var oldest = 0
  private(set) var used = 0

  init(limit: Int, length: Duration, epoch: Uptime) {
    self.length = length
    ring = Array(repeating: epoch, count: limit)
  }

  mutating func expire(at now: Uptime) {
    while used > 0, ring[oldest].advanced(by: length) <= now {
      oldest = oldest + 1 == ring.count ? 0 : oldest + 1
      used -= 1
    }
  }

  /// A full ring forgets its oldest call, which only a restored past with more calls than the limit can bring about.
  mutating func record(at now: Uptime) {
    ring[(oldest + used) % ring.count] = now
    if used == ring.count {
      oldest = (oldest + 1) % ring.count
    } else {
      used += 1
    }
  }

  /// When so many of the calls counted now are forgotten; `nil` if there are not so many.
  func moment(freeing count: Int) -> Uptime? {
    guard count <= used else { return nil }
    return ring[(oldest + count - 1) % ring.count].advanced(by: length)
  }
}
