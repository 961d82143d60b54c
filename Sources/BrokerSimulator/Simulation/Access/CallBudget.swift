package import OrderDomain

/// So many calls in any stretch of so long: exact, and a call costs the same however many went before.
package struct CallWindow: Sendable {
  package let limit: Int
  package let seconds: Int64
  /// Times of the last `limit` calls taken, a ring; grows as it is filled.
  private var times: [Int64] = []
  private var next = 0

  package init(limit: Int, seconds: Int64) {
    precondition(limit > 0 && seconds > 0, "a window lets something through")
    self.limit = limit
    self.seconds = seconds
  }

  package func admits(at time: Timestamp) -> Bool { nanosecondsUntilFree(at: time) == 0 }

  package func nanosecondsUntilFree(at time: Timestamp) -> Int64 {
    guard times.count == limit else { return 0 }
    return max(0, times[next] + seconds * 1_000_000_000 - time.nanoseconds)
  }

  package mutating func take(at time: Timestamp) {
    if times.count < limit {
      times.append(time.nanoseconds)
    } else {
      times[next] = time.nanoseconds
      next = next + 1 == limit ? 0 : next + 1
    }
  }
}

/// Several windows, of which each must admit a call. A refused call takes nothing.
package struct CallBudget: Sendable {
  private var windows: [CallWindow]

  package init(_ windows: [CallWindow]) { self.windows = windows }

  /// The window that refuses, with the wait until it would not; `nil` when the call is taken.
  package mutating func take(at time: Timestamp) -> (seconds: Int64, wait: Int64)? {
    for window in windows where !window.admits(at: time) {
      return (window.seconds, window.nanosecondsUntilFree(at: time))
    }
    for index in windows.indices { windows[index].take(at: time) }
    return nil
  }
}
