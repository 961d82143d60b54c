package import OrderDomain

/// Reads Fyers' answers about money, prices and the account itself.
package enum FyersAccountAnswers {
  /// To ``FyersCalls/funds(token:)``: rows keyed by number and title together, because each alone has been misread.
  package static func funds(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerFunds {
    try FyersBooks.payload(answer, now, "fund_limit") { reader throws(JSONError) in
      var available, used, opening, commodity: Decimal?
      try reader.scanner.beginArray()
      while try reader.scanner.nextElement() {
        let row = try fundRow(&reader)
        switch (row.id, row.title) {
        case (10, "available balance"): (available, commodity) = (row.equity, row.commodity)
        case (2, "utilized amount"): used = row.equity
        case (9, "limit at start of the day"): opening = row.equity
        default: continue
        }
      }
      return available.map {
        BrokerFunds(
          available: $0.money, used: used?.money, opening: opening?.money, commodityAvailable: commodity?.money)
      }
    }
  }

  /// To ``FyersCalls/margin(for:token:)``.
  package static func margin(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerMargin {
    try FyersBooks.payload(answer, now, "data") { reader throws(JSONError) in
      var required, available: Decimal?
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        switch key {
        case "margin_new_order": required = try reader.decimal()
        case "margin_avail": available = try reader.decimal()
        default: try reader.scanner.skipValue()
        }
      }
      return required.map { BrokerMargin(required: $0.money, available: available?.money) }
    }
  }

  /// To ``FyersCalls/profile(token:)``.
  package static func profile(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerProfile {
    try FyersBooks.payload(answer, now, "data") { reader throws(JSONError) in
      var client: String?
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        if key == "fy_id" { client = try reader.meaningfulText() } else { try reader.scanner.skipValue() }
      }
      return client.map { BrokerProfile(clientID: $0, tokenValidUntil: nil, hasDataPlan: nil) }
    }
  }

  /// To ``FyersCalls/quotes(for:token:)`` about the same instruments. Each item says for itself whether it is ok; one that
  /// is not, or has no price yet, is left out.
  package static func quotes(
    _ answer: BrokerAnswer, for instruments: [Instrument], now: Timestamp
  ) throws(BrokerReadFailure) -> [BrokerQuote] {
    let prices = try FyersBooks.payload(answer, now, "d") { reader throws(JSONError) in
      var prices: [String: QuoteRow] = [:]
      try reader.scanner.beginArray()
      while try reader.scanner.nextElement() {
        let row = try quoteRow(&reader)
        if let name = row.name, row.isOK { prices[name] = row }
      }
      return prices
    }
    return instruments.compactMap { instrument in
      guard let row = prices[instrument.brokerSymbol], let last = row.last?.positivePrice else { return nil }
      return BrokerQuote(
        instrument: instrument.key, lastPrice: last, bid: row.bid?.positivePrice, ask: row.ask?.positivePrice)
    }
  }

  // MARK: -

  private struct FundRow {
    var id: Int64?
    var title: String?
    var equity: Decimal?
    var commodity: Decimal?
  }

  private static func fundRow(_ reader: inout WireReader) throws(JSONError) -> FundRow {
    var row = FundRow()
    guard try reader.beginsObject() else { return row }
    while let key = try reader.nextKey() {
      switch key {
      case "id": row.id = try reader.integer()
      case "title": row.title = try reader.text()?.lowercased()
      case "equityAmount": row.equity = try reader.decimal()
      case "commodityAmount": row.commodity = try reader.decimal()
      default: try reader.scanner.skipValue()
      }
    }
    return row
  }

  private struct QuoteRow {
    var name: String?
    var isOK = false
    var last: Decimal?
    var bid: Decimal?
    var ask: Decimal?
  }

  private static func quoteRow(_ reader: inout WireReader) throws(JSONError) -> QuoteRow {
    var row = QuoteRow()
    guard try reader.beginsObject() else { return row }
    while let key = try reader.nextKey() {
      switch key {
      case "n": row.name = try reader.text()
      case "s": row.isOK = try reader.text() == "ok"
      case "v":
        guard try reader.beginsObject() else { continue }
        while let key = try reader.nextKey() {
          switch key {
          case "lp": row.last = try reader.decimal()
          case "bid": row.bid = try reader.decimal()
          case "ask": row.ask = try reader.decimal()
          default: try reader.scanner.skipValue()
          }
        }
      default: try reader.scanner.skipValue()
      }
    }
    return row
  }
}
