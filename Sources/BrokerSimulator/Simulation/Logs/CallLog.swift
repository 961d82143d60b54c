package import OrderDomain

/// How often each endpoint was called: in all, in each of the last seconds, and the most within any one second.
package struct CallLog: Sendable {
  package struct Line: Sendable {
    package fileprivate(set) var count = 0
    /// Calls that a budget or a script refused are counted as calls all the same.
    package fileprivate(set) var peakInOneSecond = 0
    /// Calls in each second of the clock, the newest last; at most ``secondsKept``.
    package fileprivate(set) var seconds: [(second: Int64, count: Int)] = []
    /// Nanoseconds of the calls within the last second, a queue from `start`.
    fileprivate var recent: [Int64] = []
    fileprivate var start = 0
  }

  package static let secondsKept = 600
  package private(set) var lines: [String: Line] = [:]

  package init() {}

  package mutating func count(_ endpoint: String, at time: Timestamp) {
    lines[endpoint, default: Line()].count(time)
  }
}

extension CallLog.Line {
  fileprivate mutating func count(_ time: Timestamp) {
    count += 1
    let now = time.nanoseconds
    while start < recent.count, now - recent[start] >= 1_000_000_000 { start += 1 }
    if start > 1_024, start * 2 > recent.count {
      recent.removeFirst(start)
      start = 0
    }
    recent.append(now)
    peakInOneSecond = max(peakInOneSecond, recent.count - start)

    let second = now / 1_000_000_000
    if let last = seconds.last, last.second >= second {
      seconds[seconds.count - 1].count += 1
    } else {
      seconds.append((second, 1))
      if seconds.count > 2 * CallLog.secondsKept { seconds.removeFirst(CallLog.secondsKept) }
    }
  }
}
