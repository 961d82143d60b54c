package import OrderDomain

/// Every order that reached a broker, whatever became of it, so that a test can count doubles.
package struct OrderLog: Sendable {
  package enum Outcome: Hashable, Sendable {
    case acknowledged(BrokerOrderID)
    /// The broker's code, and its words.
    case refused(String)
  }

  package struct Entry: Hashable, Sendable {
    package let number: Int
    package let time: Timestamp
    package let broker: Broker
    package let client: String
    package let tag: String?
    package let instrument: String
    package let side: Side?
    package let quantity: Int64
    package let outcome: Outcome
  }

  private struct TagKey: Hashable {
    let client: String
    let tag: String
  }

  /// The newest `limit`, as a ring.
  private var ring: [Entry] = []
  private let limit: Int
  package private(set) var receivedCount = 0
  package private(set) var acknowledgedCount = 0
  /// Acknowledged orders by tag, for as long as there are no more tags than `limit`.
  private var taken: [TagKey: Int] = [:]
  /// Tags with more than one acknowledged order, in the order in which they became doubles.
  private var doubledKeys: [TagKey] = []
  /// Acknowledged orders whose tag is not counted any more: 0 unless there were more tags than the limit.
  package private(set) var uncountedTags = 0

  package init(limit: Int) {
    precondition(limit > 0, "a log keeps something")
    self.limit = limit
  }

  package mutating func append(
    time: Timestamp, broker: Broker, client: String, tag: String?, instrument: String, side: Side?, quantity: Int64,
    outcome: Outcome
  ) {
    let entry = Entry(
      number: receivedCount, time: time, broker: broker, client: client, tag: tag, instrument: instrument, side: side,
      quantity: quantity, outcome: outcome)
    if ring.count < limit { ring.append(entry) } else { ring[receivedCount % limit] = entry }
    receivedCount += 1
    guard case .acknowledged = outcome else { return }
    acknowledgedCount += 1
    guard let tag else { return }
    let key = TagKey(client: client, tag: tag)
    if let count = taken[key] {
      taken[key] = count + 1
      if count == 1 { doubledKeys.append(key) }
    } else if taken.count < limit {
      taken[key] = 1
    } else {
      uncountedTags += 1
    }
  }

  package var tagCount: Int { taken.count }

  /// Tags that more than one acknowledged order bears.
  package var doubled: [(client: String, tag: String, count: Int)] {
    doubledKeys.map { ($0.client, $0.tag, taken[$0] ?? 0) }
  }

  /// Entries from `number` on that are still kept, at most `count`.
  package func entries(from number: Int, count: Int) -> [Entry] {
    let first = max(number, receivedCount - ring.count)
    guard first < receivedCount, count > 0 else { return [] }
    return (first..<min(receivedCount, first + count)).map { ring[$0 % limit] }
  }

  package mutating func removeAll() { self = OrderLog(limit: limit) }
}
