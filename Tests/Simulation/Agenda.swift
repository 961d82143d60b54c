/// What is to happen later, in the order of time; at one moment, in the order in which it was put down. A binary heap.
struct Agenda {
  struct Entry {
    let due: Int64
    let number: UInt64
    let body: () -> Void

    func comes(before other: Entry) -> Bool { (due, number) < (other.due, other.number) }
  }

  private var entries: [Entry] = []
  private var nextNumber: UInt64 = 0

  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }
  var earliest: Int64? { entries.first?.due }

  mutating func add(at due: Int64, _ body: @escaping () -> Void) {
    entries.append(Entry(due: due, number: nextNumber, body: body))
    nextNumber += 1
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].comes(before: entries[parent]) else { break }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() -> Entry {
    let first = entries[0]
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].comes(before: entries[least]) {
        least = child
      }
      if least == parent { return first }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
