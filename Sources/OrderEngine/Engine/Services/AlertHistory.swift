import Actors
import OrderDomain

/// One accepted alert as people ask for it later.
struct AlertRecord: Sendable {
  let identity: AlertIdentity
  let receivedAt: Timestamp
  let format: AlertFormat
  let plan: ExecutionPlan
  let ignoredFields: [String]
  /// Legs of which no order will ever be sent, and why.
  var endedLegs: [Int: Refusal] = [:]
}

/// The latest accepted alerts, the newest last; older ones are in the journal.
struct AlertHistory: Sendable {
  static let limit = JournalFold.standardLatestLimit

  private var records: [AlertIdentity: AlertRecord] = [:]
  private var order: [AlertIdentity] = []
  private var head = 0

  mutating func add(_ record: AlertRecord) {
    records[record.identity] = record
    if order.count < AlertHistory.limit {
      order.append(record.identity)
      return
    }
    records[order[head]] = nil
    order[head] = record.identity
    head = (head + 1) % AlertHistory.limit
  }

  subscript(_ identity: AlertIdentity) -> AlertRecord? { records[identity] }

  mutating func endLeg(_ number: Int, of identity: AlertIdentity, _ refusal: Refusal) {
    records[identity]?.endedLegs[number] = refusal
  }

  /// The newest first, from the one after `cursor` on.
  func page(after cursor: AlertIdentity?, limit: Int) -> [AlertRecord] {
    var newestFirst = (order[head...] + order[..<head]).reversed().makeIterator()
    if let cursor {
      while let next = newestFirst.next(), next != cursor {}
    }
    var page: [AlertRecord] = []
    while page.count < limit, let next = newestFirst.next() {
      if let record = records[next] { page.append(record) }
    }
    return page
  }
}
