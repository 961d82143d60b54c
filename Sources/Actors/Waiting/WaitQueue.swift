import OrderDomain

/// Names a waiting call inside its actor.
package typealias WaiterID = UInt64

/// Calls waiting in the order of their arrival, each with a deadline, never more than `limit`. Every operation walks at
/// most `limit` entries of two words, on a path where somebody waits anyway.
struct WaitQueue: Sendable {
  private struct Entry: Sendable {
    let id: WaiterID
    let deadline: Uptime
  }

  let limit: Int
  private var entries: [Entry] = []

  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }
  var isFull: Bool { entries.count >= limit }
  var first: WaiterID? { entries.first?.id }
  var earliestDeadline: Uptime? { entries.min { $0.deadline < $1.deadline }?.deadline }

  mutating func append(_ id: WaiterID, deadline: Uptime) {
    precondition(!isFull, "look at isFull first")
    entries.append(Entry(id: id, deadline: deadline))
  }

  mutating func popFirst() -> WaiterID? { entries.isEmpty ? nil : entries.removeFirst().id }

  mutating func remove(_ id: WaiterID) -> Bool {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return false }
    entries.remove(at: index)
    return true
  }

  mutating func removeAll() -> [WaiterID] {
    defer { entries.removeAll() }
    return entries.map(\.id)
  }

  /// Takes out whose deadline is at or before `now`, in the order of arrival.
  mutating func removeExpired(at now: Uptime) -> [WaiterID] {
    let expired = entries.filter { $0.deadline <= now }.map(\.id)
    if !expired.isEmpty { entries.removeAll { $0.deadline <= now } }
    return expired
  }
}
