/// A moment of a clock that never jumps: nanoseconds since an arbitrary one, 292 years either way.
public struct Uptime: InstantProtocol, Sendable {
  public typealias Duration = Swift.Duration

  public let nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public func advanced(by duration: Duration) -> Uptime {
    let (seconds, attoseconds) = duration.components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (part, partOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(part)
    let isBeyond = overflow || partOverflow || sumOverflow
    return Uptime(nanoseconds: isBeyond ? (duration < .zero ? .min : .max) : sum)
  }

  public func duration(to other: Uptime) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }

  public static func < (left: Uptime, right: Uptime) -> Bool { left.nanoseconds < right.nanoseconds }
}

/// The clock that deadlines, windows and waits are measured with. One concrete instant for all of them, so that what is
/// asked for each order is compiled for it.
public protocol MonotonicClock: Clock where Instant == Uptime {
  /// As `sleep(until:tolerance:)`, but on the caller's executor all the while: the standard library's `Clock` leaves it, and
  /// comes back, for each wait.
  func wait(until deadline: Uptime) async throws
}

extension MonotonicClock {
  public func wait(until deadline: Uptime) async throws { try await sleep(until: deadline, tolerance: nil) }

  public func wait(for duration: Duration) async throws { try await wait(until: now.advanced(by: duration)) }
}
