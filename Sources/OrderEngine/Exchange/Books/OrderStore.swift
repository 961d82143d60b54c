import OrderDomain

/// All orders of an exchange in reused slots, found by id, by account and by tag, each in constant time.
///
/// Closed orders are forgotten in the order of their closing once there are more than the limit: the store holds the
/// live orders and at most `closedLimit` closed ones.
struct OrderStore: Sendable {
  private struct TagKey: Hashable, Sendable {
    let account: Int32
    let tag: String
  }

  private var records: [OrderRecord] = []
  private var freeSlots: [Int32] = []
  private var slots: [UInt64: Int32] = [:]
  private var newestWithTag: [TagKey: Int32] = [:]
  private var newestInAccount: [Int32] = []
  private var oldestClosed: Int32 = -1
  private var newestClosed: Int32 = -1
  private var closedCount = 0
  private let closedLimit: Int

  init(closedLimit: Int) {
    precondition(closedLimit >= 0, "a limit is not negative")
    self.closedLimit = closedLimit
  }

  var count: Int { slots.count }
  var liveCount: Int { slots.count - closedCount }
  /// The most orders that were ever held at once.
  var slotCount: Int { records.count }

  subscript(slot: Int32) -> OrderRecord {
    _read { yield records[Int(slot)] }
    _modify { yield &records[Int(slot)] }
  }

  mutating func addAccount() { newestInAccount.append(-1) }

  func holds(_ number: UInt64, in slot: Int32) -> Bool { records[Int(slot)].number == number }

  /// Whether the entry is the one by which its order waits.
  func rests(_ entry: RestingHeap.Entry) -> Bool {
    let record = Int(entry.slot)
    return records[record].isResting && records[record].restPriority == entry.priority
  }

  func slot(of id: BrokerOrderID) -> Int32? {
    guard let number = OrderNumbering.number(in: id), let slot = slots[number], records[Int(slot)].id == id else {
      return nil
    }
    return slot
  }

  mutating func insert(_ record: OrderRecord) -> Int32 {
    var record = record
    let slot = freeSlots.popLast() ?? Int32(records.count)
    record.olderInAccount = newestInAccount[Int(record.account)]
    if record.olderInAccount >= 0 { records[Int(record.olderInAccount)].newerInAccount = slot }
    newestInAccount[Int(record.account)] = slot
    if let tag = record.tag {
      record.olderWithTag = newestWithTag.updateValue(slot, forKey: TagKey(account: record.account, tag: tag)) ?? -1
      if record.olderWithTag >= 0 { records[Int(record.olderWithTag)].newerWithTag = slot }
    }
    slots[record.number] = slot
    if Int(slot) == records.count { records.append(record) } else { records[Int(slot)] = record }
    return slot
  }

  /// Marks the order's end; may forget the oldest closed one, this one itself at a limit of 0.
  mutating func close(_ slot: Int32) {
    if newestClosed >= 0 { records[Int(newestClosed)].newerClosed = slot } else { oldestClosed = slot }
    newestClosed = slot
    closedCount += 1
    if closedCount > closedLimit { forgetOldestClosed() }
  }

  /// Slots of the account's orders, oldest first.
  func slots(ofAccount account: Int32) -> [Int32] {
    chain(from: newestInAccount[Int(account)]) { $0.olderInAccount }
  }

  func slots(ofAccount account: Int32, tag: String) -> [Int32] {
    chain(from: newestWithTag[TagKey(account: account, tag: tag)] ?? -1) { $0.olderWithTag }
  }

  private func chain(from newest: Int32, older: (borrowing OrderRecord) -> Int32) -> [Int32] {
    var chain: [Int32] = []
    var slot = newest
    while slot >= 0 {
      chain.append(slot)
      slot = older(records[Int(slot)])
    }
    chain.reverse()
    return chain
  }

  private mutating func forgetOldestClosed() {
    let slot = oldestClosed
    let index = Int(slot)
    oldestClosed = records[index].newerClosed
    if oldestClosed < 0 { newestClosed = -1 }
    closedCount -= 1

    let account = Int(records[index].account)
    let (older, newer) = (records[index].olderInAccount, records[index].newerInAccount)
    if older >= 0 { records[Int(older)].newerInAccount = newer }
    if newer >= 0 { records[Int(newer)].olderInAccount = older } else { newestInAccount[account] = older }

    if let tag = records[index].tag { unlink(index, tag: tag) }
    slots.removeValue(forKey: records[index].number)
    records[index].newerClosed = -1
    freeSlots.append(slot)
  }

  private mutating func unlink(_ index: Int, tag: String) {
    let (older, newer) = (records[index].olderWithTag, records[index].newerWithTag)
    if older >= 0 { records[Int(older)].newerWithTag = newer }
    if newer >= 0 {
      records[Int(newer)].olderWithTag = older
      return
    }
    let key = TagKey(account: records[index].account, tag: tag)
    if older >= 0 {
      newestWithTag[key] = older
    } else {
      newestWithTag.removeValue(forKey: key)
    }
  }
}
