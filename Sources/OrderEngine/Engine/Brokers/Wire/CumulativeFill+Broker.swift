internal import OrderDomain

extension OrderReport.CumulativeFill {
  /// What a row of an order book says has filled; `nil` when it does not say.
  ///
  /// A fully traded order without its own figure has traded all that was asked. A figure that is there is believed, zero
  /// too; more than the order's quantity is passed on, so that somebody notices.
  init?(_ status: BrokerOrderStatus, filled: Int64?, average: Decimal?, of quantity: Quantity) {
    let units: Quantity?
    if let filled { units = Quantity(filled) } else { units = status == .filled ? quantity : nil }
    guard let units else { return nil }
    self.init(quantity: units, value: max(.zero, average?.times(units) ?? .zero))
  }
}
