/// Proof that the risk checks have passed: only ``RiskGate`` makes one, and only such a value can be routed.
public struct RiskApproved<Subject: Sendable>: Sendable {
  public let subject: Subject

  init(_ subject: Subject) { self.subject = subject }
}

extension RiskApproved where Subject == ExecutionPlan {
  /// The order of one slice whose price the plan already knows.
  ///
  /// - Returns: `nil` when the leg's price depends on a fill; then ``exit(leg:quantity:entryAverage:)`` makes it.
  public func order(leg: Leg, slice: Slice) -> RiskApproved<OrderRequest>? {
    guard case .fixed(let type) = leg.pricing else { return nil }
    return RiskApproved<OrderRequest>(
      OrderRequest(
        correlationID: slice.correlationID, account: leg.account, instrument: leg.instrument, side: leg.side,
        type: type, quantity: slice.quantity, product: leg.product, validity: leg.validity,
        isAfterMarket: leg.isAfterMarket, isExit: leg.role != .entry))
  }

  /// The orders of an exit leg, sized by what its entry filled: never more than the leg, never more than the fill, so
  /// that no exit can open a position. They reuse the leg's planned slices, and with them their ids.
  ///
  /// - Parameter attempt: counts placings of the same exit, when it is sized anew; at most
  ///   ``CorrelationID/attemptLimit``, beyond which there are none.
  public func exit(
    leg: Leg, filled: Quantity, entryAverage: Price, attempt: Int = 0
  ) -> [RiskApproved<OrderRequest>] {
    precondition(leg.role != .entry, "an entry is not sized by a fill")
    guard
      let type = leg.pricing.orderType(
        entryAverage: entryAverage, exitSide: leg.side, tick: leg.instrument.tickSize)
    else { return [] }
    var rest = min(filled, leg.quantity)
    var orders: [RiskApproved<OrderRequest>] = []
    for slice in leg.slices where rest > .zero {
      guard
        let id = CorrelationID(alert: subject.alert, leg: leg.number, slice: slice.number, attempt: attempt)
      else { return [] }
      let quantity = min(slice.quantity, rest)
      rest = rest.subtracting(quantity) ?? .zero
      orders.append(
        RiskApproved<OrderRequest>(
          OrderRequest(
            correlationID: id, account: leg.account, instrument: leg.instrument, side: leg.side, type: type,
            quantity: quantity, product: leg.product, validity: leg.validity, isAfterMarket: false, isExit: true)))
    }
    return orders
  }

  /// An exit of this plan whose terms were made durable before a restart.
  ///
  /// - Returns: `nil` for an order of another alert, and for an entry.
  public func exitAgain(_ request: OrderRequest) -> RiskApproved<OrderRequest>? {
    guard request.isExit, request.correlationID.alertDigest == CorrelationID.alertDigest(of: subject.alert) else {
      return nil
    }
    return RiskApproved<OrderRequest>(request)
  }
}
