import OrderDomain

/// An order as the exchange holds it. Links are slots of the ``OrderStore``, -1 for none.
struct OrderRecord: Sendable {
  /// Which step of its way the order has reached; ``ExchangeOrderState`` is what the world is told.
  enum Stage: UInt8, Sendable {
    case transit
    /// At the exchange, its first match scheduled: the opening, or the matching latency, is awaited.
    case acknowledged
    /// In the books, or being worked.
    case working
    case closed
  }

  let number: UInt64
  let id: BrokerOrderID
  let account: Int32
  let market: Int32
  let side: Side
  let product: ProductType
  let isAfterMarket: Bool
  let tag: String?
  let createdAt: Timestamp
  let tradingDay: CalendarDate

  var type: OrderType
  var quantity: Int64
  var validity: Validity
  var stage = Stage.transit
  var state = ExchangeOrderState.transit
  var isTriggered = false
  /// Whether the entry of a resting heap with ``restPriority`` stands for it; all others are stale.
  var isResting = false
  var restPriority: UInt64 = 0
  var modificationCount: UInt16 = 0
  var cancelCause: CancelCause?
  var filled: Int64 = 0
  var tradedValue = Money.zero
  /// What the rest of it blocks of the funds.
  var blocked = Money.zero
  var rejection: ExchangeRejection?
  var acceptedAt: Timestamp?
  var updatedAt: Timestamp
  /// Number of its newest trade, 0 for none.
  var newestTrade: UInt64 = 0

  var olderInAccount: Int32 = -1
  var newerInAccount: Int32 = -1
  var olderWithTag: Int32 = -1
  var newerWithTag: Int32 = -1
  var newerClosed: Int32 = -1

  var remaining: Int64 { quantity - filled }

  init(
    number: UInt64, id: BrokerOrderID, account: Int32, market: Int32, order: NewOrder, tradingDay: CalendarDate,
    at time: Timestamp
  ) {
    self.number = number
    self.id = id
    self.account = account
    self.market = market
    side = order.side
    product = order.product
    isAfterMarket = order.isAfterMarket
    tag = order.tag
    type = order.type
    quantity = order.quantity.units
    validity = order.validity
    self.tradingDay = tradingDay
    createdAt = time
    updatedAt = time
  }
}
