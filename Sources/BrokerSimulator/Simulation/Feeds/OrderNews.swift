package import OrderDomain
import SimulatedExchange

/// What the brokers' sockets tell about one order.
package struct OrderNews: Hashable, Sendable {
  package let account: AccountID
  package let orderID: BrokerOrderID
  package let time: Timestamp
  let state: ExchangeOrderState
  let filled: Quantity
  let fill: ExchangeFill?

  /// The acknowledgement, which is no event of the exchange's.
  init(placed orderID: BrokerOrderID, account: AccountID, at time: Timestamp) {
    self.account = account
    self.orderID = orderID
    self.time = time
    state = .transit
    filled = .zero
    fill = nil
  }

  init(_ event: ExchangeEvent) {
    account = event.account
    orderID = event.orderID
    time = event.time
    filled = event.cumulativeFilled
    switch event.kind {
    case .accepted, .triggered, .modified:
      (state, fill) = (event.cumulativeFilled > .zero ? .partiallyFilled : .pending, nil)
    case .partiallyFilled(let part): (state, fill) = (.partiallyFilled, part)
    case .filled(let part): (state, fill) = (.filled, part)
    case .rejected: (state, fill) = (.rejected, nil)
    case .cancelled(.trader): (state, fill) = (.cancelled, nil)
    // The rest of an IOC order ends as expired.
    case .cancelled(.immediateOrCancel), .expired: (state, fill) = (.expired, nil)
    }
  }
}
