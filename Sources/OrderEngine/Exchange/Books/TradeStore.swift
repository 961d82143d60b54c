import OrderDomain

/// The newest trades, at most `limit`, chained per order and per account.
struct TradeStore: Sendable {
  struct Record: Sendable {
    let id: TradeID
    let orderNumber: UInt64
    let orderID: BrokerOrderID
    let account: Int32
    let market: Int32
    let side: Side
    let type: OrderType
    let product: ProductType
    let tag: String?
    let price: Price
    let quantity: Quantity
    let time: Timestamp
    let tradingDay: CalendarDate
    /// Numbers of the trades before it, 0 for none.
    let olderOfOrder: UInt64
    var olderOfAccount: UInt64
  }

  private var ring: [Record] = []
  private(set) var newest: UInt64 = 0
  private var newestOfAccount: [UInt64] = []
  private let limit: Int

  init(limit: Int) {
    precondition(limit >= 0, "a limit is not negative")
    self.limit = limit
  }

  var count: Int { ring.count }

  mutating func addAccount() { newestOfAccount.append(0) }

  /// The number that the next trade gets; trades are counted from 1.
  var next: UInt64 { newest + 1 }

  mutating func append(_ record: Record) {
    newest += 1
    guard limit > 0 else { return }
    var record = record
    record.olderOfAccount = newestOfAccount[Int(record.account)]
    newestOfAccount[Int(record.account)] = newest
    let index = Int((newest - 1) % UInt64(limit))
    if index == ring.count { ring.append(record) } else { ring[index] = record }
  }

  /// Oldest first; those forgotten are missing.
  func trades(ofAccount account: Int32) -> [Record] { chain(from: newestOfAccount[Int(account)], \.olderOfAccount) }

  func trades(ofOrderWithNewest number: UInt64) -> [Record] { chain(from: number, \.olderOfOrder) }

  private func chain(from start: UInt64, _ older: KeyPath<Record, UInt64>) -> [Record] {
    var chain: [Record] = []
    var number = start
    while number > 0, newest - number < UInt64(limit) {
      let record = ring[Int((number - 1) % UInt64(limit))]
      chain.append(record)
      number = record[keyPath: older]
    }
    chain.reverse()
    return chain
  }
}
