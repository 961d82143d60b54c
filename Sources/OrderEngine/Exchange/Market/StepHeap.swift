import OrderDomain

/// What is due later, the earliest on top; equal times in the order they were scheduled.
struct StepHeap: Sendable {
  enum Action: Sendable {
    /// The order reaches the exchange.
    case arrive(slot: Int32, number: UInt64)
    /// The exchange looks for a counterparty.
    case match(slot: Int32, number: UInt64)
    case cancel(slot: Int32, number: UInt64)
    case modify(slot: Int32, number: UInt64, OrderAmendment)
    /// A market with resting orders reaches its next price step.
    case tick(market: Int32)
  }

  struct Step: Sendable {
    let time: Timestamp
    let order: UInt64
    let action: Action

    func precedes(_ other: Step) -> Bool { time != other.time ? time < other.time : order < other.order }
  }

  private var steps: [Step] = []
  private var scheduledCount: UInt64 = 0

  var first: Step? { steps.first }
  var count: Int { steps.count }

  mutating func schedule(_ action: Action, at time: Timestamp) {
    scheduledCount += 1
    steps.append(Step(time: time, order: scheduledCount, action: action))
    var child = steps.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard steps[child].precedes(steps[parent]) else { return }
      steps.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() {
    guard let last = steps.popLast(), !steps.isEmpty else { return }
    steps[0] = last
    var parent = 0
    while true {
      var best = parent
      for child in (2 * parent + 1)...(2 * parent + 2)
      where child < steps.count && steps[child].precedes(steps[best]) { best = child }
      if best == parent { return }
      steps.swapAt(parent, best)
      parent = best
    }
  }
}
