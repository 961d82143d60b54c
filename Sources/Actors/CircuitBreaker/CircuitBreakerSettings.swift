package import OrderDomain

/// When a breaker opens and how it finds back.
package struct CircuitBreakerSettings: Hashable, Sendable {
  /// Failing calls in the window that open it, 1 to 10,000.
  package var failureThreshold = 5
  /// How long a call is remembered, 1 s to 1 h. In buckets: a call is forgotten up to a thirtieth of it early.
  package var window: Duration = .seconds(30)
  /// No verdict over fewer calls than this in the window, 1 to 10,000.
  package var minimumCalls = 5
  /// From a failed verdict to the first probe, 100 ms to 1 h.
  package var openDuration: Duration = .seconds(60)
  /// Probes that must all pass, and never more of them at once, 1 to 16.
  package var probeCount = 1
  /// After so long a probe that has not come back no longer holds its place, 100 ms to 10 min.
  package var probeTimeout: Duration = .seconds(15)
  /// Whether a held call may itself be the probe. Where it may not, somebody must ask for ``CircuitBreaker/probe(_:until:)``
  /// and send a read, because nothing else leads out of half-open.
  package var callsMayProbe = true
  /// `nil`: slowness is no failure.
  package var slowCalls: SlowCallRule?
  /// Calls that may wait for it to close, 1 to 4,096; the next is refused.
  package var waiterLimit = 512

  /// So many per cent of the calls in the window taking so long open it, too.
  package struct SlowCallRule: Hashable, Sendable {
    /// A call is slow from this on, 1 ms to 10 min.
    package var threshold: Duration
    /// 1 to 100.
    package var percent: Int

    package init(threshold: Duration, percent: Int) {
      self.threshold = threshold
      self.percent = percent
    }
  }

  package init() {}

  /// The first setting out of its range, for the check at start.
  package var problem: Refusal? {
    func isOff<Value: Comparable>(_ value: Value, _ range: ClosedRange<Value>) -> Bool { !range.contains(value) }
    let name: String
    if isOff(failureThreshold, 1...10_000) {
      name = "failureThreshold must be 1 to 10000"
    } else if isOff(window, .seconds(1) ... .seconds(3_600)) {
      name = "window must be 1 s to 1 h"
    } else if isOff(minimumCalls, 1...10_000) {
      name = "minimumCalls must be 1 to 10000"
    } else if isOff(openDuration, .milliseconds(100) ... .seconds(3_600)) {
      name = "openDuration must be 100 ms to 1 h"
    } else if isOff(probeCount, 1...16) {
      name = "probeCount must be 1 to 16"
    } else if isOff(probeTimeout, .milliseconds(100) ... .seconds(600)) {
      name = "probeTimeout must be 100 ms to 10 min"
    } else if isOff(waiterLimit, 1...4_096) {
      name = "waiterLimit must be 1 to 4096"
    } else if let slowCalls, isOff(slowCalls.threshold, .milliseconds(1) ... .seconds(600)) {
      name = "slowCalls.threshold must be 1 ms to 10 min"
    } else if let slowCalls, isOff(slowCalls.percent, 1...100) {
      name = "slowCalls.percent must be 1 to 100"
    } else {
      return nil
    }
    return Refusal(
      code: "config.breaker", cause: "Circuit breaker: \(name).", fix: "Correct the setting, or leave it out.")
  }
}
