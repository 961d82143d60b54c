internal import CURing
internal import Glibc

enum MonotonicTime {
  /// Nanoseconds of CLOCK_MONOTONIC: never goes back, stands still while the machine sleeps.
  @inline(__always)
  static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension Duration {
  /// Whole nanoseconds, held within what 64 bits take (292 years either way).
  var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, overflowSum) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowSum ? (seconds < 0 ? .min : .max) : sum
  }
}
