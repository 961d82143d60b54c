package import OrderDomain

/// Reads Fyers' lists: orders, trades, positions, holdings. A list is whole and ok, or it is no answer: one row that lacks
/// what makes it a row makes all of it unreadable.
package enum FyersBooks {
  /// To ``FyersCalls/orderBook(token:)`` and its filtered forms.
  package static func orders(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerOrder] {
    try rows(answer, now, "orderBook", FyersRows.order)
  }

  /// To ``FyersCalls/order(_:token:)``; `nil` when the list is empty.
  package static func order(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerOrder? {
    let rows = try orders(answer, now: now)
    guard rows.count <= 1 else { throw .unreadable(BrokerFault.strangeAnswer.refusal("several orders of one number")) }
    return rows.first
  }

  /// To ``FyersCalls/tradeBook(token:)`` and its filtered form.
  package static func trades(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerTrade] {
    try rows(answer, now, "tradeBook", FyersRows.trade)
  }

  package static func positions(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerPosition] {
    try rows(answer, now, "netPositions", FyersRows.position)
  }

  package static func holdings(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> [BrokerHolding] {
    try rows(answer, now, "holdings", FyersRows.holding)
  }

  private static func rows<Row>(
    _ answer: BrokerAnswer, _ now: Timestamp, _ name: String, _ row: (inout WireReader) throws(JSONError) -> Row?
  ) throws(BrokerReadFailure) -> [Row] {
    try payload(answer, now, name) { reader throws(JSONError) in
      var rows: [Row] = []
      try reader.scanner.beginArray()
      while try reader.scanner.nextElement() {
        let start = reader.scanner.position
        guard let next = try row(&reader) else { throw JSONError(.wrongType, at: start) }
        rows.append(next)
      }
      return rows
    }
  }

  /// What `content` makes of the field `name`, in a whole object under 2xx that says ok; it reads exactly that value.
  static func payload<Value>(
    _ answer: BrokerAnswer, _ now: Timestamp, _ name: String,
    _ content: (inout WireReader) throws(JSONError) -> Value?
  ) throws(BrokerReadFailure) -> Value {
    guard (200..<300).contains(answer.status) else { throw FyersVerdict(answer, now: now).failure }
    do throws(JSONError) {
      var envelope = FyersEnvelope()
      var value: Value?
      var reader = WireReader(answer.body.span)
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        if try envelope.take(key, &reader) { continue }
        guard key == name else {
          try reader.scanner.skipValue()
          continue
        }
        if value != nil { throw JSONError(.duplicateKey, at: reader.scanner.position) }
        let start = reader.scanner.position
        guard let content = try content(&reader) else { throw JSONError(.wrongType, at: start) }
        value = content
      }
      try reader.scanner.finish()
      // 200 is the only code of a read that went well.
      guard envelope.isOK, !envelope.isFailure, envelope.code ?? 200 == 200, let value else {
        throw JSONError(.wrongType, at: 0)
      }
      return value
    } catch {
      throw failure(error, answer, now)
    }
  }

  /// Why a body under 2xx is not what was asked for.
  private static func failure(_ error: JSONError, _ answer: BrokerAnswer, _ now: Timestamp) -> BrokerReadFailure {
    let fault: BrokerFault =
      answer.body.isEmpty ? .emptyAnswer : error.problem == .wrongType ? .strangeAnswer : .notJSON
    switch FyersVerdict(answer, now: now) {
    case .taken, .unproven: return .unreadable(fault.refusal("HTTP \(answer.status), \(error.cause)"))
    case let verdict: return verdict.failure
    }
  }
}
