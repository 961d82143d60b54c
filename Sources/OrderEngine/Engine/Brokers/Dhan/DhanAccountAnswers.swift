package import OrderDomain

/// Reads Dhan's answers about money, prices and the account itself.
package enum DhanAccountAnswers {
  /// To ``DhanCalls/funds(token:)``. The documented name of the field is misspelt; both spellings are taken.
  package static func funds(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerFunds {
    try object(answer, now) { reader throws(JSONError) in
      var available, used, opening: Decimal?
      while let key = try reader.nextKey() {
        switch key {
        case "availabelBalance", "availableBalance": available = try reader.decimal() ?? available
        case "utilizedAmount": used = try reader.decimal()
        case "sodLimit": opening = try reader.decimal()
        default: try reader.scanner.skipValue()
        }
      }
      return available.map { BrokerFunds(available: $0.money, used: used?.money, opening: opening?.money) }
    }
  }

  /// To ``DhanCalls/margin(for:token:)``.
  package static func margin(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerMargin {
    try object(answer, now) { reader throws(JSONError) in
      var total, available: Decimal?
      while let key = try reader.nextKey() {
        switch key {
        case "totalMargin", "total_margin": total = try reader.decimal()
        case "availabelBalance", "availableBalance": available = try reader.decimal() ?? available
        default: try reader.scanner.skipValue()
        }
      }
      return total.map { BrokerMargin(required: $0.money, available: available?.money) }
    }
  }

  /// To ``DhanCalls/profile(token:)``.
  package static func profile(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> BrokerProfile {
    try object(answer, now) { reader throws(JSONError) in
      var client, validity, plan: String?
      while let key = try reader.nextKey() {
        switch key {
        case "dhanClientId": client = try reader.meaningfulText()
        case "tokenValidity": validity = try reader.meaningfulText()
        case "dataPlan": plan = try reader.meaningfulText()
        default: try reader.scanner.skipValue()
        }
      }
      return client.map {
        BrokerProfile(
          clientID: $0, tokenValidUntil: validity.flatMap(IndianTime.slashed),
          hasDataPlan: plan.map { $0.lowercased() == "active" })
      }
    }
  }

  /// To ``DhanCalls/registeredAddresses(token:)``.
  package static func addresses(_ answer: BrokerAnswer, now: Timestamp) throws(BrokerReadFailure) -> DhanAddresses {
    try object(answer, now) { reader throws(JSONError) in
      var result = DhanAddresses()
      while let key = try reader.nextKey() {
        switch key {
        case "primaryIP": result.primary = try reader.meaningfulText()
        case "secondaryIP": result.secondary = try reader.meaningfulText()
        case "detectedIP": result.detected = try reader.meaningfulText()
        case "ipMatchStatus": result.match = try reader.meaningfulText()
        case "ordersAllowed": result.allowsOrders = try reader.boolean()
        default: try reader.scanner.skipValue()
        }
      }
      return result.primary == nil && result.secondary == nil && result.allowsOrders == nil ? nil : result
    }
  }

  /// To ``DhanCalls/quotes(for:token:)`` about the same instruments. One that Dhan leaves out, or that has no price yet,
  /// is left out here.
  package static func quotes(
    _ answer: BrokerAnswer, for instruments: [Instrument], now: Timestamp
  ) throws(BrokerReadFailure) -> [BrokerQuote] {
    try object(answer, now) { reader throws(JSONError) in
      var prices: [String: [String: Price]]?
      while let key = try reader.nextKey() {
        guard key == "data" else {
          try reader.scanner.skipValue()
          continue
        }
        guard try reader.beginsObject() else { continue }
        prices = prices ?? [:]
        while let segment = try reader.nextKey() {
          guard try reader.beginsObject() else { continue }
          while let id = try reader.nextKey() {
            if let price = try lastPrice(&reader) { prices?[segment, default: [:]][id] = price }
          }
        }
      }
      guard let prices else { return nil }
      return instruments.compactMap { instrument in
        let segment = DhanWords.segment(instrument.key.segment) ?? "IDX_I"
        return prices[segment]?[instrument.key.securityID.description].map {
          BrokerQuote(instrument: instrument.key, lastPrice: $0)
        }
      }
    }
  }

  private static func lastPrice(_ reader: inout WireReader) throws(JSONError) -> Price? {
    guard try reader.beginsObject() else { return nil }
    var last: Decimal?
    while let key = try reader.nextKey() {
      if key == "last_price" { last = try reader.decimal() } else { try reader.scanner.skipValue() }
    }
    return last?.positivePrice
  }

  /// What `content` makes of a whole object under 2xx that tells of no failure; it is called inside the object and reads
  /// it to its end.
  private static func object<Value>(
    _ answer: BrokerAnswer, _ now: Timestamp, _ content: (inout WireReader) throws(JSONError) -> Value?
  ) throws(BrokerReadFailure) -> Value {
    let verdict = DhanVerdict(answer, now: now)
    guard case .taken = verdict else { throw verdict.failure }
    do throws(JSONError) {
      var reader = WireReader(answer.body.span)
      try reader.scanner.beginObject()
      guard let value = try content(&reader) else { throw JSONError(.wrongType, at: 0) }
      try reader.scanner.finish()
      return value
    } catch {
      throw DhanBooks.failure(error, answer, now)
    }
  }
}
