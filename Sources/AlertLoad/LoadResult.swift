import Histogram

/// What a run has found. Times are nanoseconds.
struct LoadResult {
  /// From the moment that an alert was due to the last byte of its answer.
  var answers = Latencies()
  /// From the moment that its request was handed to the kernel: without the wait for a free connection.
  var service = Latencies()
  /// From the moment that an alert was due until its first order had been read by the broker.
  var wire = Latencies()
  /// From an alert's first order to its last.
  var spread = Latencies()
  var statuses: [Int: Int] = [:]
  var sentCount = 0
  var unansweredCount = 0
  var brokenCount = 0
  /// TLS handshakes: one for each connection, before its first alert.
  var handshakeCount = 0
  /// Version and cipher; `nil` in plain.
  var security: String?
  /// From the start to the last answer.
  var duration: Int64 = 0
  var orderCount = 0
  /// Alerts with more orders than they ask for.
  var doubledCount = 0
  /// Alerts that were answered 2xx, and of which an order is missing.
  var lostCount = 0

  var acceptedCount: Int { statuses.reduce(0) { (200..<300).contains($1.key) ? $0 + $1.value : $0 } }
  var isSound: Bool { doubledCount == 0 && lostCount == 0 && unansweredCount == 0 && acceptedCount == sentCount }
}

/// Times from a nanosecond to a minute and a half, to three digits.
struct Latencies {
  static let percentiles: [Double] = [50, 75, 90, 95, 99, 99.9, 99.99, 100]
  static let highest: UInt64 = 100_000_000_000

  private var histogram = Histogram<UInt32>(
    highestTrackableValue: Latencies.highest, numberOfSignificantValueDigits: .three)

  mutating func record(_ nanoseconds: Int64) {
    histogram.record(min(UInt64(max(0, nanoseconds)), Latencies.highest))
  }

  var count: UInt64 { histogram.totalCount }

  func value(at percentile: Double) -> UInt64 { histogram.valueAtPercentile(percentile) }
}
