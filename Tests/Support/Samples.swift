package import OrderDomain

/// A value that a test writes itself and that is legal beyond doubt.
package func certain<Value>(_ value: Value?, _ line: UInt = #line) -> Value {
  guard let value else { preconditionFailure("the test of line \(line) wrote an impossible value") }
  return value
}

package func price(_ text: String) -> Price { certain(Decimal(text).flatMap { Price($0) }) }
package func quantityOf(_ count: Int64) -> Quantity { certain(Quantity(count)) }
package func lots(_ count: Int64) -> Lots { certain(Lots(count)) }
package func lot(_ count: Int64) -> LotSize { certain(LotSize(count)) }
package func tick(_ text: String) -> TickSize { certain(TickSize(price(text))) }
package func day(_ text: String) -> CalendarDate { certain(CalendarDate(iso: text)) }

/// Accounts, instruments and moments that tests share.
package enum Sample {
  package static let account = certain(AccountID("main"))
  package static let otherAccount = certain(AccountID("second"))
  package static let alert = AlertIdentity(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
  /// 2026-11-24, 09:15:00 in India.
  package static let opening = Timestamp(nanoseconds: 1_795_491_900_000_000_000)
  package static let expiry = day("2026-11-26")

  package static let reliance = Instrument(
    key: InstrumentKey(segment: .nseEquity, securityID: SecurityID(2885)), contract: .equity, underlying: "RELIANCE",
    tradingSymbol: "RELIANCE", brokerSymbol: "NSE:RELIANCE-EQ", series: "EQ", lotSize: .one, tickSize: tick("0.05"))

  /// Lot 65, published freeze 1756: the first refused figure, so 1755 is the most.
  package static let niftyCall = Instrument(
    key: InstrumentKey(segment: .nseDerivatives, securityID: SecurityID(51_234)),
    contract: .option(expiry: expiry, strike: price("26000"), type: .call), underlying: "NIFTY",
    tradingSymbol: "NIFTY-Nov2026-26000-CE", brokerSymbol: "NSE:NIFTY26NOV26000CE", lotSize: lot(65),
    tickSize: tick("0.05"), freezeQuantity: FreezeQuantity(firstRefused: quantityOf(1756), lot: lot(65)))

  /// Lot 30, published freeze 601, a price band of 1.00 to 900.00.
  package static let bankNiftyPut = Instrument(
    key: InstrumentKey(segment: .nseDerivatives, securityID: SecurityID(61_000)),
    contract: .option(expiry: expiry, strike: price("48400"), type: .put), underlying: "BANKNIFTY",
    tradingSymbol: "BANKNIFTY-Nov2026-48400-PE", brokerSymbol: "NSE:BANKNIFTY26NOV48400PE", lotSize: lot(30),
    tickSize: tick("0.05"), freezeQuantity: FreezeQuantity(firstRefused: quantityOf(601), lot: lot(30)),
    priceBand: price("1")...price("900"))

  /// A derivative whose master publishes no freeze quantity.
  package static let goldFuture = Instrument(
    key: InstrumentKey(segment: .mcxCommodity, securityID: SecurityID(440_000)),
    contract: .future(expiry: day("2026-12-04")), underlying: "GOLD", tradingSymbol: "GOLD-Dec2026-FUT",
    brokerSymbol: "MCX:GOLD26DECFUT", lotSize: .one, tickSize: tick("1"))

  /// An order to buy `quantity` of RELIANCE at the market.
  package static func request(
    _ quantity: Int64 = 10, side: Side = .buy, leg: Int = 1, instrument: Instrument = reliance,
    account: AccountID = account, product: ProductType = .intraday
  ) -> OrderRequest {
    OrderRequest(
      correlationID: certain(CorrelationID(alert: alert, leg: leg, slice: 1)), account: account,
      instrument: instrument, side: side, type: .market, quantity: quantityOf(quantity), product: product,
      validity: .day,
      isAfterMarket: false, isExit: false)
  }

  /// A leg, of as many slices as its instrument's freeze quantity asks for.
  package static func leg(
    _ number: Int, _ side: Side = .buy, _ pricing: LegPricing = .fixed(.market), quantity: Int64 = 10,
    role: LegRole = .entry, rank: Int = 0, instrument: Instrument = reliance, account: AccountID = account,
    entryNumber: Int? = nil
  ) -> Leg {
    let quantities = certain(
      SlicePlan.quantities(
        of: quantityOf(quantity), lot: instrument.lotSize, freeze: instrument.freezeQuantity))
    let slices = quantities.enumerated().map { index, quantity in
      Slice(
        number: index + 1, quantity: quantity,
        correlationID: certain(CorrelationID(alert: alert, leg: number, slice: index + 1)))
    }
    return Leg(
      number: number, account: account, instrument: instrument, side: side, pricing: pricing,
      quantity: quantityOf(quantity), product: .intraday, validity: .day, isAfterMarket: false, role: role, rank: rank,
      slices: slices, entryNumber: entryNumber)
  }

  /// A plan that has passed the risk gate, valid for 30 s from the opening.
  package static func approved(_ legs: [Leg], _ style: ExecutionStyle = .parallel) -> RiskApproved<ExecutionPlan> {
    let plan = ExecutionPlan(
      alert: alert, strategy: nil, style: style, endPolicy: .holdAndAlert,
      deadline: opening.adding(nanoseconds: 30_000_000_000), legs: legs)
    return RiskGate(limits: .open).reinstate(plan)
  }

  /// The order of a leg's first slice.
  package static func order(_ leg: Leg) -> RiskApproved<OrderRequest> {
    certain(approved([leg]).order(leg: leg, slice: leg.slices[0]))
  }
}
