import OrderDomain

/// Ids as brokers make them: decimal strings, rising within a day. Fifteen digits up to a million orders (ten million
/// trades), the longest text that Swift stores without an allocation; longer ones beyond, still unique.
struct OrderNumbering: Sendable {
  let epoch: UInt16
  /// The year's last two digits, month, day.
  private var dayDigits: UInt64
  private var daysSinceEpoch: UInt64

  init(epoch: UInt16, day: CalendarDate) {
    precondition(epoch < 1_000, "an epoch has three digits")
    self.epoch = epoch
    dayDigits = 0
    daysSinceEpoch = 0
    self.day = day
    update()
  }

  var day: CalendarDate { didSet { update() } }

  private mutating func update() {
    let (year, month, dayOfMonth) = day.components
    dayDigits = UInt64(year % 100 * 10_000 + month * 100 + dayOfMonth)
    daysSinceEpoch = UInt64(clamping: day.daysSinceEpoch)
  }

  /// Day (6 digits), epoch (3), number (at least 6).
  func orderID(_ number: UInt64) -> BrokerOrderID {
    let text = OrderNumbering.text(dayDigits * 1_000 + UInt64(epoch), number, digits: 1_000_000)
    guard let id = BrokerOrderID(text) else { preconditionFailure("digits make an order id") }
    return id
  }

  /// Days since 1970 (5 digits), epoch (3), number (at least 7): unlike an order's until the year 2056.
  func tradeID(_ number: UInt64) -> TradeID {
    let text = OrderNumbering.text(daysSinceEpoch * 1_000 + UInt64(epoch), number, digits: 10_000_000)
    guard let id = TradeID(text) else { preconditionFailure("digits make a trade id") }
    return id
  }

  /// Sixteen digits, as NSE's are.
  static func exchangeOrderID(_ number: UInt64) -> String { String(1_100_000_000_000_000 + number) }

  /// The number within an order id, read back; `nil` for what is no id of an order.
  static func number(in id: BrokerOrderID) -> UInt64? {
    guard id.byteCount >= 15 else { return nil }
    var number: UInt64 = 0
    for index in 9..<id.byteCount {
      let digit = id.byte(index) &- UInt8(ascii: "0")
      let (tens, isTooHigh) = number.multipliedReportingOverflow(by: 10)
      guard digit < 10, !isTooHigh else { return nil }
      let (sum, isAbove) = tens.addingReportingOverflow(UInt64(digit))
      guard !isAbove else { return nil }
      number = sum
    }
    return number
  }

  private static func text(_ prefix: UInt64, _ number: UInt64, digits: UInt64) -> String {
    var scale = digits
    while number >= scale { scale *= 10 }
    return String(prefix * scale + number)
  }
}
