import OrderDomain

// The order of fields below is the format of version 1. Enumerations are written by numbers stated here, so that moving a
// case in its declaration changes nothing on disk.

extension AcceptedAlert {
  /// Whether its key was used by an alert before it. Then the record has a type of its own, and begins with the key.
  var isOfUsedKey: Bool { key != identity.ledgerKey(bodyDigest) }

  func encode(to writer: inout RecordWriter) {
    if isOfUsedKey { writer.put(key) }
    writer.put(identity)
    writer.put(bodyDigest)
    writer.put(receivedAt.nanoseconds)
    writer.put(rememberedUntil.nanoseconds)
    writer.put(format.wire)
    writer.put(variable: UInt64(body.count))
    writer.put(raw: body)
    plan.encode(to: &writer)
  }

  init(from reader: inout RecordReader, isOfUsedKey: Bool = false) throws(RecordReader.Malformed) {
    let key = isOfUsedKey ? try reader.identity() : nil
    let identity = try reader.identity()
    let bodyDigest = try reader.identity()
    let receivedAt = Timestamp(nanoseconds: try reader.signed64())
    let rememberedUntil = Timestamp(nanoseconds: try reader.signed64())
    let format = try reader.coded(AlertFormat.self)
    let count = try reader.variable()
    guard count <= UInt64(JournalFormat.payloadLimit) else { throw reader.malformed }
    let body = try reader.raw(Int(count))
    self.init(
      identity: identity, key: key, bodyDigest: bodyDigest, receivedAt: receivedAt, rememberedUntil: rememberedUntil,
      format: format, body: body, plan: try ExecutionPlan(alert: identity, from: &reader))
    guard self.isOfUsedKey == isOfUsedKey else { throw reader.malformed }
  }
}

extension ExecutionPlan {
  func encode(to writer: inout RecordWriter) {
    writer.put(optional: strategy)
    writer.put(style.wire)
    writer.put(endPolicy.wire)
    writer.put(deadline.nanoseconds)
    writer.put(variable: UInt64(legs.count))
    for leg in legs { leg.encode(to: &writer) }
  }

  convenience init(alert: AlertIdentity, from reader: inout RecordReader) throws(RecordReader.Malformed) {
    let strategy = try reader.optionalText()
    let style = try reader.coded(ExecutionStyle.self)
    let policy = try reader.coded(EndPolicy.self)
    let deadline = Timestamp(nanoseconds: try reader.signed64())
    let count = try reader.variable()
    guard count <= UInt64(CorrelationID.legLimit) else { throw reader.malformed }
    var legs: [Leg] = []
    legs.reserveCapacity(Int(count))
    for _ in 0..<count { legs.append(try Leg(alert: alert, from: &reader)) }
    self.init(
      alert: alert, strategy: strategy, style: style, endPolicy: policy, deadline: deadline, legs: legs)
  }
}

extension Leg {
  func encode(to writer: inout RecordWriter) {
    writer.put(variable: UInt64(number))
    writer.put(account)
    instrument.encode(to: &writer)
    writer.put(side.wire)
    pricing.encode(to: &writer)
    writer.put(variable: quantity.units)
    writer.put(product.wire)
    writer.put(validity.wire)
    writer.put(UInt8(isAfterMarket ? 1 : 0))
    writer.put(role.wire)
    writer.put(variable: UInt64(entryNumber ?? 0))
    writer.put(variable: UInt64(rank))
    writer.put(variable: UInt64(slices.count))
    for slice in slices { writer.put(variable: slice.quantity.units) }
  }

  convenience init(alert: AlertIdentity, from reader: inout RecordReader) throws(RecordReader.Malformed) {
    let number = try reader.variable()
    guard number <= UInt64(CorrelationID.legLimit), let account = AccountID(try reader.text()) else {
      throw reader.malformed
    }
    let instrument = try Instrument(from: &reader)
    let side = try reader.coded(Side.self)
    let pricing = try LegPricing(from: &reader)
    let quantity = try reader.quantity()
    let product = try reader.coded(ProductType.self)
    let validity = try reader.coded(Validity.self)
    let isAfterMarket = try reader.flag()
    let role = try reader.coded(LegRole.self)
    let entryNumber = try reader.variable()
    let rank = try reader.variable()
    let sliceCount = try reader.variable()
    guard entryNumber <= UInt64(CorrelationID.legLimit), rank <= UInt64(CorrelationID.legLimit),
      sliceCount <= UInt64(CorrelationID.sliceLimit)
    else {
      throw reader.malformed
    }
    var slices: [Slice] = []
    slices.reserveCapacity(Int(sliceCount))
    for index in 0..<Int(sliceCount) {
      let quantity = try reader.quantity()
      guard let id = CorrelationID(alert: alert, leg: Int(number), slice: index + 1) else { throw reader.malformed }
      slices.append(Slice(number: index + 1, quantity: quantity, correlationID: id))
    }
    self.init(
      number: Int(number), account: account, instrument: instrument, side: side, pricing: pricing,
      quantity: quantity, product: product, validity: validity, isAfterMarket: isAfterMarket, role: role,
      rank: Int(rank), slices: slices, entryNumber: entryNumber == 0 ? nil : Int(entryNumber))
  }
}

extension LegPricing {
  func encode(to writer: inout RecordWriter) {
    switch self {
    case .fixed(let type):
      writer.put(UInt8(0))
      type.encode(to: &writer)
    case .stop(let distance):
      writer.put(UInt8(1))
      writer.put(distance)
    case .target(let distance):
      writer.put(UInt8(2))
      writer.put(distance)
    }
  }

  init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    switch try reader.byte() {
    case 0: self = .fixed(try OrderType(from: &reader))
    case 1: self = .stop(distance: try reader.price())
    case 2: self = .target(distance: try reader.price())
    default: throw reader.malformed
    }
  }
}

extension OrderType {
  func encode(to writer: inout RecordWriter) {
    switch self {
    case .market: writer.put(UInt8(0))
    case .limit(let price):
      writer.put(UInt8(1))
      writer.put(price)
    case .stopLimit(let trigger, let limit):
      writer.put(UInt8(2))
      writer.put(trigger)
      writer.put(limit)
    case .stopMarket(let trigger):
      writer.put(UInt8(3))
      writer.put(trigger)
    }
  }

  init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    switch try reader.byte() {
    case 0: self = .market
    case 1: self = .limit(try reader.price())
    case 2:
      let trigger = try reader.price()
      self = .stopLimit(trigger: trigger, limit: try reader.price())
    case 3: self = .stopMarket(trigger: try reader.price())
    default: throw reader.malformed
    }
  }
}

extension Instrument {
  func encode(to writer: inout RecordWriter) {
    writer.put(key.segment.wire)
    writer.put(variable: key.securityID.number)
    switch contract {
    case .equity: writer.put(UInt8(0))
    case .index: writer.put(UInt8(1))
    case .future(let expiry):
      writer.put(UInt8(2))
      writer.put(variable: Int64(expiry.daysSinceEpoch))
    case .option(let expiry, let strike, let type):
      writer.put(UInt8(type == .call ? 3 : 4))
      writer.put(variable: Int64(expiry.daysSinceEpoch))
      writer.put(strike)
    }
    writer.put(underlying)
    writer.put(tradingSymbol)
    writer.put(brokerSymbol)
    writer.put(series)
    writer.put(variable: lotSize.units)
    writer.put(tickSize.price)
    writer.put(variable: freezeQuantity?.quantity.units ?? 0)
  }

  /// The price band is today's and is not kept: no check runs again on a plan that was approved.
  convenience init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    let segment = try reader.coded(ExchangeSegment.self)
    let id = SecurityID(try reader.variable())
    let kind = try reader.byte()
    let contract: Contract
    switch kind {
    case 0: contract = .equity
    case 1: contract = .index
    case 2: contract = .future(expiry: try reader.date())
    case 3, 4:
      let expiry = try reader.date()
      contract = .option(expiry: expiry, strike: try reader.price(), type: kind == 3 ? .call : .put)
    default: throw reader.malformed
    }
    let underlying = try reader.text()
    let tradingSymbol = try reader.text()
    let brokerSymbol = try reader.text()
    let series = try reader.text()
    let lotUnits = try reader.signedVariable()
    let tickPrice = try reader.price()
    let freezeUnits = try reader.quantity()
    guard let lot = LotSize(lotUnits), let tick = TickSize(tickPrice) else { throw reader.malformed }
    self.init(
      key: InstrumentKey(segment: segment, securityID: id), contract: contract, underlying: underlying,
      tradingSymbol: tradingSymbol, brokerSymbol: brokerSymbol, series: series, lotSize: lot, tickSize: tick,
      freezeQuantity: FreezeQuantity(largestPublished: freezeUnits, lot: lot))
  }
}

extension IntendedOrder {
  func encode(to writer: inout RecordWriter) {
    writer.put(correlationID)
    writer.put(alert)
    type.encode(to: &writer)
    writer.put(variable: quantity.units)
  }

  init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    guard let id = CorrelationID(try reader.text()) else { throw reader.malformed }
    let alert = try reader.identity()
    let type = try OrderType(from: &reader)
    self.init(correlationID: id, alert: alert, type: type, quantity: try reader.quantity())
  }
}

extension SentCancel {
  func encode(to writer: inout RecordWriter) {
    writer.put(correlationID)
    writer.put(at.nanoseconds)
  }

  init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    guard let id = CorrelationID(try reader.text()) else { throw reader.malformed }
    self.init(correlationID: id, at: Timestamp(nanoseconds: try reader.signed64()))
  }
}

extension OrderReport {
  func encode(to writer: inout RecordWriter) {
    writer.put(correlationID)
    writer.put(transition.wire)
    writer.put(at.nanoseconds)
    writer.put(optionalID: brokerOrderID)
    writer.put(variable: cumulativeFill?.quantity.units ?? -1)
    if let fill = cumulativeFill {
      writer.put(UInt64(truncatingIfNeeded: fill.value.tenThousandths))
      writer.put(UInt64(truncatingIfNeeded: fill.value.tenThousandths >> 64))
    }
    writer.put(optional: refusal?.code)
    if let refusal {
      writer.put(refusal.cause)
      writer.put(refusal.fix)
    }
  }

  init(from reader: inout RecordReader) throws(RecordReader.Malformed) {
    guard let id = CorrelationID(try reader.text()) else { throw reader.malformed }
    let transition = try reader.coded(OrderTransition.self)
    let at = Timestamp(nanoseconds: try reader.signed64())
    var brokerID: BrokerOrderID?
    if let text = try reader.optionalText() {
      guard let id = BrokerOrderID(text) else { throw reader.malformed }
      brokerID = id
    }
    let units = try reader.signedVariable()
    var fill: CumulativeFill?
    if units != -1 {
      guard let quantity = Quantity(units) else { throw reader.malformed }
      let low = try reader.fixed64()
      let high = try reader.fixed64()
      let value = Int128(truncatingIfNeeded: UInt128(high) << 64 | UInt128(low))
      fill = CumulativeFill(quantity: quantity, value: Money(tenThousandths: value))
    }
    var refusal: Refusal?
    if let code = try reader.optionalText() {
      let cause = try reader.text()
      refusal = Refusal(code: code, cause: cause, fix: try reader.text())
    }
    self.init(
      correlationID: id, transition: transition, brokerOrderID: brokerID,
      cumulativeFill: fill, refusal: refusal, at: at)
  }
}

extension RecordWriter {
  mutating func put(_ identity: AlertIdentity) {
    put(identity.high)
    put(identity.low)
  }

  mutating func put(_ price: Price) { put(variable: price.tenThousandths) }
}

extension RecordReader {
  mutating func identity() throws(Malformed) -> AlertIdentity {
    let high = try fixed64()
    return AlertIdentity(high: high, low: try fixed64())
  }

  mutating func price() throws(Malformed) -> Price {
    guard let price = Price(tenThousandths: try signedVariable()) else { throw malformed }
    return price
  }

  mutating func flag() throws(Malformed) -> Bool {
    switch try byte() {
    case 0: return false
    case 1: return true
    default: throw malformed
    }
  }

  mutating func quantity() throws(Malformed) -> Quantity {
    guard let quantity = Quantity(try signedVariable()) else { throw malformed }
    return quantity
  }

  mutating func date() throws(Malformed) -> CalendarDate {
    guard let days = Int32(exactly: try signedVariable()) else { throw malformed }
    return CalendarDate(daysSinceEpoch: days)
  }

  mutating func coded<Code: WireCoded>(_ type: Code.Type) throws(Malformed) -> Code {
    guard let value = Code(wire: try byte()) else { throw malformed }
    return value
  }
}
