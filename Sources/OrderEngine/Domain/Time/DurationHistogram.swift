/// How often something took how long, in steps of 1, 2 and 5 from a microsecond to ten seconds.
public struct DurationHistogram: Sendable {
  /// The upper limits of the steps in nanoseconds, each included; what took longer than the last is counted behind it.
  public static let limits: [Int64] = {
    var limits: [Int64] = []
    var unit: Int64 = 1_000
    while unit < 10_000_000_000 {
      limits += [unit, 2 * unit, 5 * unit]
      unit *= 10
    }
    return limits + [unit]
  }()

  /// By step; the last is for what took longer than any limit.
  public private(set) var counts: [UInt64]
  /// Of all, in nanoseconds.
  public private(set) var sum: UInt64 = 0

  public init() { counts = Array(repeating: 0, count: DurationHistogram.limits.count + 1) }

  public var count: UInt64 { counts.reduce(0, +) }

  /// What a clock that stood still or went back has measured counts as nothing.
  public mutating func add(nanoseconds: Int64) {
    let duration = max(0, nanoseconds)
    sum &+= UInt64(duration)
    counts[DurationHistogram.step(of: duration)] += 1
  }

  /// The first step whose limit is not exceeded.
  private static func step(of duration: Int64) -> Int {
    var (low, high) = (0, limits.count)
    while low < high {
      let middle = (low + high) / 2
      if duration <= limits[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
