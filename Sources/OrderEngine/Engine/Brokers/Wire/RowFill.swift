internal import OrderDomain

/// What a row of an order book says has filled.
enum RowFill {
  /// The row does not say.
  case unsaid
  case said(OrderReport.CumulativeFill)

  /// A fully traded order without its own figure has traded all that was asked. A figure that is there is believed, zero
  /// too; more than the order's quantity is passed on, so that somebody notices. `nil` for a figure that no order can have.
  init?(_ status: BrokerOrderStatus, filled: Int64?, average: Decimal?, of quantity: Quantity) {
    let units: Quantity
    if let filled {
      guard let counted = Quantity(filled) else { return nil }
      units = counted
    } else if status == .filled {
      units = quantity
    } else {
      self = .unsaid
      return
    }
    self = .said(OrderReport.CumulativeFill(quantity: units, value: max(.zero, average?.times(units) ?? .zero)))
  }

  var figure: OrderReport.CumulativeFill? {
    switch self {
    case .unsaid: nil
    case .said(let fill): fill
    }
  }
}
