import HTTP
import OrderDomain
import SimulatedExchange

/// Placing, changing and cancelling.
extension DhanDesk {
  mutating func place(
    _ request: BrokerRequest, _ client: Int, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    let (form, order) = try newOrder(request, client, &floor)
    let id = try submit(order, form, client, &floor)
    return acknowledgement(id, "TRANSIT")
  }

  /// More than one order may carry: as many orders as the freeze quantity demands, all with the same tag.
  mutating func slice(
    _ request: BrokerRequest, _ client: Int, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    var (form, order) = try newOrder(request, client, &floor)
    let largest = order.instrument.freezeQuantity?.quantity ?? order.quantity
    var left = order.quantity.units
    guard left <= largest.units * 50 else { throw .input("Quantity is too large to slice") }
    var ids: [BrokerOrderID] = []
    while left > 0 {
      order.quantity = min(largest, Quantity(left) ?? largest)
      left -= order.quantity.units
      ids.append(try submit(order, form, client, &floor))
    }
    return Answers.array { json in
      for id in ids { writeAcknowledgement(id, "TRANSIT", &json) }
    }
  }

  private func newOrder(
    _ request: BrokerRequest, _ client: Int, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> (DhanOrderForm, NewOrder) {
    let form: DhanOrderForm
    let order: NewOrder
    var body = JSONValue.null
    do throws(DhanRefusal) {
      body = try parsed(request)
      form = try DhanOrderForm(body, clientID: clients[client].id)
      try checkAddress(request, client, floor)
      if clients[client].isKilled { throw .order("Kill switch is active") }
      order = try orderFromForm(form, client, floor)
    } catch {
      log(refusal: error, body, client, &floor)
      throw error
    }
    return (form, order)
  }

  func parsed(_ request: BrokerRequest) throws(DhanRefusal) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: request.body.span)
    } catch {
      throw .badFields
    }
  }

  func checkAddress(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) throws(DhanRefusal) {
    if floor.settings.enforcesAddresses, !clients[client].allows(request.peer) { throw .wrongAddress }
  }

  private func orderFromForm(
    _ form: DhanOrderForm, _ client: Int, _ floor: MarketFloor
  ) throws(DhanRefusal) -> NewOrder {
    guard let instrument = instrument(form.segment, form.securityID, floor) else { throw .input("Invalid SecurityId") }
    guard let quantity = Quantity(form.quantity) else { throw .badFields }
    let type = try orderType(form.kind, form.side, form.price, form.trigger, instrument, floor)
    // Dhan names what came without a name: the client and the time.
    let tag = form.tag ?? "\(clients[client].id)-\(floor.now.nanoseconds / 1_000_000)"
    return NewOrder(
      instrument: instrument, side: form.side, type: type, quantity: quantity, product: form.product,
      validity: form.validity, tag: tag, isAfterMarket: form.isAfterMarket)
  }

  private func orderType(
    _ kind: DhanOrderForm.Kind, _ side: Side, _ price: Price?, _ trigger: Price?, _ instrument: Instrument,
    _ floor: MarketFloor
  ) throws(DhanRefusal) -> OrderType {
    let market: OrderType =
      floor.settings.dhanShowsMarketAsLimit ? .limit(floor.protectedLimit(instrument, side)) : .market
    switch kind {
    case .limit:
      guard let price else { throw .input("Invalid Price for orderType") }
      return .limit(price)
    case .market:
      guard price == nil else { throw .input("Invalid Price for orderType") }
      return market
    case .stop:
      guard let price, let trigger else { throw .input("Invalid Price for orderType") }
      return .stopLimit(trigger: trigger, limit: price)
    case .stopMarket:
      guard let trigger else { throw .input("Invalid Price for orderType") }
      switch floor.settings.stopMarket {
      case .accept: return .stopMarket(trigger: trigger)
      case .refuse: throw .order("Trigger Price should be greater than Price")
      case .dropTrigger: return market
      }
    }
  }

  func instrument(_ segment: String, _ id: UInt64, _ floor: MarketFloor) -> Instrument? {
    for segment in DhanNames.segments(segment) {
      let key = InstrumentKey(segment: segment, securityID: SecurityID(id))
      if let instrument = floor.symbols.instrument(key) { return instrument }
    }
    return nil
  }

  private mutating func submit(
    _ order: NewOrder, _ form: DhanOrderForm, _ client: Int, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> BrokerOrderID {
    let client = clients[client]
    switch floor.submit(order, account: client.account) {
    case .acknowledged(let id):
      floor.log.append(
        time: floor.now, broker: .dhan, client: client.id, tag: form.tag,
        instrument: order.instrument.tradingSymbol, side: order.side, quantity: order.quantity.units,
        outcome: .acknowledged(id))
      return id
    case .refused(let rejection):
      let refusal = DhanRefusal(rejection)
      floor.log.append(
        time: floor.now, broker: .dhan, client: client.id, tag: form.tag,
        instrument: order.instrument.tradingSymbol, side: order.side, quantity: order.quantity.units,
        outcome: .refused("\(refusal.code): \(refusal.message)"))
      throw refusal
    }
  }

  private func log(refusal: DhanRefusal, _ body: JSONValue, _ client: Int, _ floor: inout MarketFloor) {
    floor.log.append(
      time: floor.now, broker: .dhan, client: clients[client].id, tag: body["correlationId"]?.text,
      instrument: body["securityId"]?.text ?? "", side: body["transactionType"]?.text.flatMap(DhanOrderForm.side),
      quantity: body["quantity"]?.integer ?? 0, outcome: .refused("\(refusal.code): \(refusal.message)"))
  }

  func acknowledgement(_ id: BrokerOrderID, _ status: String) -> HTTPResponse {
    var writer = JSONWriter(reserving: 64)
    writeAcknowledgement(id, status, &writer)
    return HTTPResponse(.ok, fields: Answers.json, body: writer.bytes)
  }

  private func writeAcknowledgement(_ id: BrokerOrderID, _ status: String, _ json: inout JSONWriter) {
    json.object { json in
      json.string("orderId", id.text)
      json.string("orderStatus", status)
    }
  }

  // MARK: Changing

  private static let amendmentNames: Set<String> = [
    "dhanClientId", "orderId", "orderType", "legName", "quantity", "price", "disclosedQuantity", "triggerPrice",
    "validity",
  ]

  mutating func modify(
    _ text: String, _ request: BrokerRequest, _ client: Int, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    let body = try parsed(request)
    guard let members = body.members, members.allSatisfy({ DhanDesk.amendmentNames.contains($0.name) }),
      body["dhanClientId"]?.text == clients[client].id, body["orderId"].map({ $0.text == text }) ?? true,
      let kind = body["orderType"]?.text.flatMap(DhanOrderForm.Kind.init(rawValue:)),
      let validity = body["validity"]?.text.flatMap(DhanOrderForm.validity)
    else { throw .badFields }
    try checkAddress(request, client, floor)
    let account = clients[client].account
    guard let id = BrokerOrderID(text), let order = floor.exchange.order(id, account: account) else {
      throw .unknownOrder
    }
    var quantity: Quantity?
    if let wanted = body["quantity"], wanted != .null {
      guard let units = wanted.integer, let legal = Quantity(units), legal > .zero else {
        throw .input("quantity is required")
      }
      quantity = legal
    }
    let price = try DhanOrderForm.price(body["price"]) ?? (kind == .market ? nil : order.type.limitPrice)
    let trigger = try DhanOrderForm.price(body["triggerPrice"]) ?? order.type.triggerPrice
    let type = try orderType(kind, order.side, price, trigger, order.instrument, floor)
    let amendment = OrderAmendment(type: type, quantity: quantity, validity: validity)
    switch floor.exchange.modify(id, amendment, account: account, at: floor.now) {
    case .acknowledged: return acknowledgement(id, "TRANSIT")
    case .refused(let refusal): throw DhanRefusal(refusal)
    }
  }

  mutating func cancel(
    _ text: String, _ request: BrokerRequest, _ client: Int, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    try checkAddress(request, client, floor)
    guard let id = BrokerOrderID(text) else { throw .unknownOrder }
    switch floor.exchange.cancel(id, account: clients[client].account, at: floor.now) {
    case .acknowledged: return acknowledgement(id, "CANCELLED")
    case .refused(let refusal): throw DhanRefusal(refusal)
    }
  }

  /// Closes every position by market orders of the broker's own, and cancels all that is live.
  mutating func exitAll(_ client: Int, _ floor: inout MarketFloor) -> HTTPResponse {
    floor.exitAll(clients[client].account)
    return Answers.object { json in
      json.string("status", "SUCCESS")
      json.string("message", "All orders and positions exited successfully")
    }
  }
}

extension DhanRefusal {
  /// A refusal before the acknowledgement.
  init(_ rejection: ExchangeRejection) {
    switch rejection {
    case .unknownAccount: self = .badAccess
    case .notTradable, .contractExpired: self = .input("Invalid SecurityId")
    case .marketClosed: self = .order("Markets are Offline or Blocked")
    case .zeroQuantity: self = .input("quantity is required")
    case .productNotAllowed: self = .input("Invalid Product Type for the instrument")
    case .notLotMultiple, .zeroPrice, .notOnTick, .immediateOrCancelNotAllowed: self = .input(rejection.words)
    case .limitShortOfTrigger, .triggerOnWrongSide: self = .order("Trigger Price should be greater than Price")
    case .insufficientFunds: self = DhanRefusal(400, "FUND_LIMIT_ERROR", "DH-906", "Insufficient Funds")
    case .marketOpen, .stopMarketNotAllowed, .aboveFreeze, .outsideBand, .notEnoughHoldings, .inWords:
      self = .order(rejection.words)
    }
  }

  init(_ refusal: RequestRefusal) {
    switch refusal {
    case .unknownOrder: self = .unknownOrder
    case .inTransit: self = .inTransit
    case .rejected(let rejection): self = DhanRefusal(rejection)
    case .alreadyFinal, .tooManyModifications, .quantityNotAboveFilled, .alreadyTriggered: self = .order(refusal.words)
    }
  }
}
