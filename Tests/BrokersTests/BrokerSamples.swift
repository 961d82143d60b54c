import OrderDomain
import TestSupport

/// Orders and moments that the tests of both brokers share.
enum BrokerSample {
  static let token = Secret("eyJtoken")
  static let now = Sample.opening
  static let tag = certain(CorrelationID(alert: Sample.alert, leg: 1, slice: 1))

  static func order(
    _ type: OrderType = .limit(price("120.5")), side: Side = .buy, quantity: Int64 = 65,
    instrument: Instrument = Sample.niftyCall, product: ProductType = .intraday, validity: Validity = .day,
    isAfterMarket: Bool = false
  ) -> OrderRequest {
    OrderRequest(
      correlationID: tag, account: Sample.account, instrument: instrument, side: side, type: type,
      quantity: quantityOf(quantity), product: product, validity: validity, isAfterMarket: isAfterMarket,
      isExit: false)
  }

  static func change(_ id: BrokerOrderID, _ type: OrderType, quantity: Int64 = 40) -> OrderModification {
    OrderModification(
      id: id, instrument: Sample.niftyCall, side: .buy, type: type, quantity: quantityOf(quantity), validity: .day)
  }

  static func id(_ text: String) -> BrokerOrderID { certain(BrokerOrderID(text)) }
}
