package import OrderDomain

/// Reads Dhan's lists: orders, trades, positions, holdings. A list is whole or it is no answer: one row that lacks what
/// makes it a row makes all of it unreadable.
package enum DhanBooks {
  /// To ``DhanCalls/orderBook(token:)``.
  package static func orders(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerOrder] {
    try rows(answer, now, DhanRows.order)
  }

  /// To ``DhanCalls/order(_:token:)``; `nil` when Dhan has no such order, which it says by an empty list under 200.
  package static func order(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerOrder? {
    let rows = try rows(answer, now, DhanRows.order)
    guard rows.count <= 1 else { throw .unreadable(BrokerFault.strangeAnswer.refusal("several orders of one number")) }
    return rows.first
  }

  /// To ``DhanCalls/order(tagged:token:)``: the orders that Dhan shows under a tag. Empty is no proof of absence: an order
  /// in transit is answered by 404 DH-906, and of several only one is shown.
  package static func ordersShown(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerOrder] {
    if answer.status == 404, case .refused(let refusal) = DhanVerdict(answer, now: now),
      refusal.code == "dhan.orderNotShown"
    {
      return []
    }
    return try rows(answer, now, DhanRows.order)
  }

  /// To ``DhanCalls/tradeBook(token:)`` and ``DhanCalls/trades(of:token:)``, which is documented as an object and seen as a
  /// list.
  package static func trades(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerTrade] {
    try rows(answer, now, DhanRows.trade)
  }

  package static func positions(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerPosition] {
    try rows(answer, now, DhanRows.position)
  }

  /// An empty portfolio is HTTP 500 with DH-1111.
  package static func holdings(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerHolding] {
    if answer.status >= 400, case .nothingToList = DhanVerdict(answer, now: now) { return [] }
    return try rows(answer, now, DhanRows.holding)
  }

  // MARK: -

  /// The rows of a list, or the one row of a bare object.
  private static func rows<Row>(
    _ answer: BrokerAnswer, _ now: Timestamp, _ row: (inout WireReader) throws(JSONError) -> Row?
  ) throws(BrokerReadFailure) -> [Row] {
    guard (200..<300).contains(answer.status) else { throw DhanVerdict(answer, now: now).failure }
    var result: [Row] = []
    do throws(JSONError) {
      var reader = WireReader(answer.body.span)
      if try reader.scanner.peek() == .object {
        // One row, or a refusal under 200.
        guard case .taken = DhanVerdict(answer, now: now), let only = try row(&reader) else {
          throw JSONError(.wrongType, at: 0)
        }
        result = [only]
      } else {
        try reader.scanner.beginArray()
        while try reader.scanner.nextElement() {
          let start = reader.scanner.position
          guard let next = try row(&reader) else { throw JSONError(.wrongType, at: start) }
          result.append(next)
        }
      }
      try reader.scanner.finish()
      return result
    } catch {
      throw failure(error, answer, now)
    }
  }

  /// Why a body under 2xx is not what was asked for.
  static func failure(_ error: JSONError, _ answer: BrokerAnswer, _ now: Timestamp) -> BrokerReadFailure {
    let fault: BrokerFault =
      answer.body.isEmpty ? .emptyAnswer : error.problem == .wrongType ? .strangeAnswer : .notJSON
    switch DhanVerdict(answer, now: now) {
    case .taken, .unproven, .nothingToList: return .unreadable(fault.refusal("HTTP \(answer.status), \(error.cause)"))
    case let verdict: return verdict.failure
    }
  }
}
