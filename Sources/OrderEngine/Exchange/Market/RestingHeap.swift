/// Orders waiting for a price, the first to be reached on top; equal prices in the order of arrival.
///
/// One shape serves all four books of a market by the sign of its key: an entry fires once its key is at or below the
/// market's threshold. A cancelled order's entry stays until it surfaces or ``removeAll(where:)`` sweeps it.
struct RestingHeap: Sendable {
  struct Entry: Sendable {
    /// Ten-thousandths of a rupee, negated where higher prices are reached first.
    let key: Int64
    /// Unique in an exchange: also tells whether the order in the slot is still the one that waits here.
    let priority: UInt64
    let slot: Int32

    func precedes(_ other: Entry) -> Bool { key != other.key ? key < other.key : priority < other.priority }
  }

  private(set) var entries: [Entry] = []

  var first: Entry? { entries.first }
  var isEmpty: Bool { entries.isEmpty }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].precedes(entries[parent]) else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    sink(0)
  }

  mutating func removeAll(where isStale: (Entry) -> Bool) {
    entries.removeAll(where: isStale)
    for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while true {
      var best = parent
      for child in (2 * parent + 1)...(2 * parent + 2)
      where child < entries.count && entries[child].precedes(entries[best]) { best = child }
      if best == parent { return }
      entries.swapAt(parent, best)
      parent = best
    }
  }
}
