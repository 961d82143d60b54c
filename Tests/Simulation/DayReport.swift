/// What one day was, and what it showed.
package struct DayReport: Sendable {
  package let seed: UInt64
  package let violation: Violation?
  package let simulatedNanoseconds: Int64
  package let stepCount: Int
  package let alertCount: Int
  package let acceptedCount: Int
  package let orderCount: Int
  package let lifeCount: Int
  package let faults: [(name: String, count: Int)]
  /// Of everything that happened, in its order.
  package let hash: UInt64
  /// The last lines of the trace.
  package let latest: [String]

  package var summary: String {
    let happened = faults.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    return "seed \(seed): \(Totals.hours(simulatedNanoseconds)) h, \(stepCount) steps, \(alertCount) alerts sent, "
      + "\(acceptedCount) accepted, \(orderCount) orders, \(lifeCount) lives; "
      + (happened.isEmpty ? "no faults" : happened) + (violation.map { "; VIOLATES \($0.invariant.rawValue)" } ?? "")
  }

  /// What a person needs to find out what happened.
  package var failure: String? {
    guard let violation else { return nil }
    return """
      seed \(seed) violates \(violation) at step \(stepCount)
      \(latest.suffix(120).joined(separator: "\n"))
      \(summary)
      make simulate SEED=\(seed)\(DayReport.build) repeats it
      """
  }

  /// The optimiser joins jobs, so a seed is one history in a debug build and another one in a release build.
  private static var build: String {
    #if DEBUG
      " BUILD=debug"
    #else
      ""
    #endif
  }
}

/// Several days together.
package struct Totals: Sendable {
  package private(set) var dayCount = 0
  private var nanoseconds: Int64 = 0
  private var stepCount = 0
  private var acceptedCount = 0
  private var orderCount = 0
  private var lifeCount = 0
  private var faults: [(name: String, count: Int)] = []

  package init() {}

  package mutating func add(_ day: DayReport) {
    dayCount += 1
    nanoseconds += day.simulatedNanoseconds
    stepCount += day.stepCount
    acceptedCount += day.acceptedCount
    orderCount += day.orderCount
    lifeCount += day.lifeCount
    if faults.isEmpty {
      faults = day.faults
    } else {
      for index in faults.indices { faults[index].count += day.faults[index].count }
    }
  }

  package var summary: String {
    let total = faults.reduce(0) { $0 + $1.count }
    let kinds = faults.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    return "simulated \(Totals.hours(nanoseconds)) hours on \(dayCount) seeds: \(stepCount) steps, "
      + "\(acceptedCount) alerts accepted, \(orderCount) orders, \(lifeCount) lives, \(total) faults (\(kinds))"
  }

  static func hours(_ nanoseconds: Int64) -> String {
    let tenths = nanoseconds / 360_000_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
