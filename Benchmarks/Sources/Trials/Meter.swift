import CAllocationCounter

/// Measures one run of a trial, between the two moments that the trial chooses.
public final class Meter: @unchecked Sendable {
  // Unchecked: a trial may measure on another thread, while the one that runs it waits.

  /// Calls of malloc and its like on the thread that measured.
  public private(set) var allocationCount = 0
  private let began: () -> Void
  private let ended: () -> Void

  /// - Parameters:
  ///   - began: called just before what is measured, and `ended` just after.
  public init(began: @escaping () -> Void = {}, ended: @escaping () -> Void = {}) {
    self.began = began
    self.ended = ended
    Meter.checkCounter()
  }

  func measure(_ body: () -> Void) {
    began()
    let before = allocation_count()
    body()
    allocationCount = Int(allocation_count() - before)
    ended()
  }

  /// The same of a task that stays on one thread.
  func measureTask(_ body: () async -> Void) async {
    began()
    let before = allocation_count()
    await body()
    allocationCount = Int(allocation_count() - before)
    ended()
  }

  private final class Something {}

  /// A counter that the Swift runtime passes by would find every limit kept.
  private static func checkCounter() {
    let before = allocation_count()
    for _ in 0..<10 { keep(Something()) }
    let counted = allocation_count() - before
    require(counted == 10, "the runtime's allocations are not counted: \(counted) of 10 objects were")
  }
}

/// Stops the compiler from leaving out what makes `value`.
@_optimize(none)
func keep(_ value: some Any) {}
