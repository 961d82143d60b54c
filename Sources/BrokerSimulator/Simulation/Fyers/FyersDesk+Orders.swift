import HTTP
import OrderDomain
import SimulatedExchange

/// Placing, changing and cancelling, one by one and in batches.
extension FyersDesk {
  /// The outcome of one request within a batch or alone.
  private struct Done {
    let code: Int
    let message: String
    let id: BrokerOrderID

    func write(_ name: StaticString?, _ json: inout JSONWriter) {
      json.object(name) { json in
        json.string("s", "ok")
        json.integer("code", code)
        json.string("message", message)
        json.string("id", id.text)
      }
    }

    var response: HTTPResponse {
      var writer = JSONWriter(reserving: 128)
      write(nil, &writer)
      return HTTPResponse(.ok, fields: Answers.json, body: writer.bytes)
    }
  }

  private enum Placed {
    case one(Done)
    /// Slices, as many as went in; a refused slice ends the list.
    case slices([Result<Done, FyersRefusal>])
  }

  func place(_ body: JSONValue, _ client: Int, _ floor: inout MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    switch try submit(body, client, &floor) {
    case .one(let done): return done.response
    case .slices(let slices):
      // Without an id at the top, and without an `s`.
      return Answers.object { json in
        json.integer("code", 1101)
        json.string("message", "Order Slice placed successfully")
        json.array("data") { json in
          for slice in slices { writeItem(slice, "OK", &json) }
        }
      }
    }
  }

  private func submit(
    _ body: JSONValue, _ client: Int, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> Placed {
    do throws(FyersRefusal) {
      let form = try FyersOrderForm(body, clientID: clients[client].id)
      let order = try newOrder(form, client, floor)
      if let largest = order.instrument.freezeQuantity?.quantity, form.isSliced, order.quantity > largest {
        return .slices(try sliced(order, form, largest, client, &floor))
      }
      return .one(try submit(order, form, client, &floor))
    } catch {
      floor.log.append(
        time: floor.now, broker: .fyers, client: clients[client].id, tag: body["orderTag"]?.text,
        instrument: body["symbol"]?.text ?? "", side: FyersOrderForm.side(body["side"]),
        quantity: body["qty"]?.integer ?? 0, outcome: .refused("\(error.code): \(error.message)"))
      throw error
    }
  }

  private func newOrder(
    _ form: FyersOrderForm, _ client: Int, _ floor: MarketFloor
  ) throws(FyersRefusal) -> NewOrder {
    guard let instrument = floor.symbols.instrument(ticker: form.symbol) else { throw .badSymbol }
    guard let quantity = Quantity(form.quantity) else { throw .bad("Invalid qty") }
    let protected = floor.settings.fyersShowsMarketAsLimit ? floor.protectedLimit(instrument, form.side) : nil
    let type = try FyersOrderForm.type(
      form.kind, limit: form.limit, stop: form.stop, protected: protected, floor.settings.stopMarket)
    return NewOrder(
      instrument: instrument, side: form.side, type: type, quantity: quantity, product: form.product,
      validity: form.validity, tag: form.tag, isAfterMarket: form.isOffline)
  }

  private func sliced(
    _ order: NewOrder, _ form: FyersOrderForm, _ largest: Quantity, _ client: Int, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> [Result<Done, FyersRefusal>] {
    var left = order.quantity.units
    guard left <= largest.units * 10 else { throw .bad("Maximum 10 slices are allowed") }
    var slices: [Result<Done, FyersRefusal>] = []
    while left > 0 {
      var slice = order
      slice.quantity = min(largest, Quantity(left) ?? largest)
      left -= slice.quantity.units
      do throws(FyersRefusal) {
        slices.append(.success(try submit(slice, form, client, &floor)))
      } catch {
        if slices.isEmpty { throw error }
        slices.append(.failure(error))
        break
      }
    }
    return slices
  }

  private func submit(
    _ order: NewOrder, _ form: FyersOrderForm, _ client: Int, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> Done {
    let client = clients[client]
    if floor.settings.fyersRefusesRiskAtOnce, let refusal = riskRefusal(order, client, floor) { throw refusal }
    switch floor.submit(order, account: client.account) {
    case .acknowledged(let id):
      floor.log.append(
        time: floor.now, broker: .fyers, client: client.id, tag: form.tag, instrument: form.symbol, side: form.side,
        quantity: order.quantity.units, outcome: .acknowledged(id))
      return Done(code: 1101, message: "Order submitted successfully. Your Order Ref. No.\(id)", id: id)
    case .refused(let rejection): throw FyersRefusal(rejection, order)
    }
  }

  private func riskRefusal(_ order: NewOrder, _ client: FyersClient, _ floor: MarketFloor) -> FyersRefusal? {
    guard let required = floor.exchange.margin(for: order, account: client.account),
      let available = floor.exchange.funds(of: client.account)?.available, required > available
    else { return nil }
    return .risk(FyersDesk.shortfall(required - available, available, client.id))
  }

  /// As Fyers' risk words it, with Indian grouping of digits.
  static func shortfall(_ lacking: Money, _ available: Money, _ client: String) -> String {
    "RED:Margin Shortfall:INR \(lacking.indianText) Available:INR \(available.indianText) for C-\(client) "
      + "[FYERS_RISK_CUG]"
  }

  // MARK: Changing

  func modify(_ body: JSONValue, _ client: Int, _ floor: inout MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    try changed(body, client, &floor).response
  }

  private func changed(
    _ body: JSONValue, _ client: Int, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> Done {
    let account = clients[client].account
    guard let id = body["id"]?.text.flatMap({ BrokerOrderID($0) }),
      let order = floor.exchange.order(id, account: account)
    else { throw .unknownOrder }
    guard let kind = body["type"]?.integer.flatMap(FyersOrderForm.Kind.init(rawValue:)) else {
      throw .bad("Invalid type")
    }
    var quantity: Quantity?
    if let wanted = body["qty"], wanted != .null {
      guard let legal = wanted.integer.flatMap({ Quantity($0) }), legal > .zero else { throw .bad("Invalid qty") }
      quantity = legal
    }
    // What is missing keeps its value, where the kind of order has such a price.
    let hasLimit = kind == .limit || kind == .stopLimit
    let hasStop = kind == .stop || kind == .stopLimit
    let limit = try FyersOrderForm.price(body["limitPrice"], "limitPrice") ?? (hasLimit ? order.type.limitPrice : nil)
    let stop = try FyersOrderForm.price(body["stopPrice"], "stopPrice") ?? (hasStop ? order.type.triggerPrice : nil)
    let protected =
      floor.settings.fyersShowsMarketAsLimit ? floor.protectedLimit(order.instrument, order.side) : nil
    let type = try FyersOrderForm.type(
      kind, limit: limit, stop: stop, protected: protected, floor.settings.stopMarket)
    let amendment = OrderAmendment(type: type, quantity: quantity)
    switch floor.exchange.modify(id, amendment, account: account, at: floor.now) {
    case .acknowledged: return Done(code: 1102, message: "Successfully modified order", id: id)
    case .refused(let refusal):
      let amended = NewOrder(
        instrument: order.instrument, side: order.side, type: type, quantity: quantity ?? order.quantity,
        product: order.product)
      throw FyersRefusal(refusal, amended)
    }
  }

  func cancel(_ text: String?, _ client: Int, _ floor: inout MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    try cancelled(text, client, &floor).response
  }

  private func cancelled(
    _ text: String?, _ client: Int, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> Done {
    guard let id = text.flatMap({ BrokerOrderID($0) }) else { throw .unknownOrder }
    switch floor.exchange.cancel(id, account: clients[client].account, at: floor.now) {
    case .acknowledged: return Done(code: 1103, message: "Successfully cancelled order", id: id)
    case .refused(let refusal): throw FyersRefusal(refusal)
    }
  }

  // MARK: Batches

  /// The envelope says ok whatever became of the items.
  func many(
    _ items: [JSONValue], _ route: FyersRoute, _ client: Int, _ floor: inout MarketFloor
  ) -> HTTPResponse {
    var outcomes: [Result<Done, FyersRefusal>] = []
    for item in items {
      do throws(FyersRefusal) {
        switch route {
        case .modifyMany: outcomes.append(.success(try changed(item, client, &floor)))
        case .cancelMany: outcomes.append(.success(try cancelled(item["id"]?.text, client, &floor)))
        default:
          switch try submit(item, client, &floor) {
          case .one(let done): outcomes.append(.success(done))
          // A batch takes no sliced orders; the first slice stands for them.
          case .slices(let slices): outcomes.append(slices.first ?? .failure(.invalidInput))
          }
        }
      } catch {
        outcomes.append(.failure(error))
      }
    }
    return FyersDesk.ok { json in
      json.array("data") { json in
        for outcome in outcomes { writeItem(outcome, "HTTP OK", &json) }
      }
    }
  }

  private func writeItem(_ outcome: Result<Done, FyersRefusal>, _ words: String, _ json: inout JSONWriter) {
    json.object { json in
      switch outcome {
      case .success(let done):
        json.integer("statusCode", 200)
        done.write("body", &json)
        json.string("statusDescription", words)
      case .failure(let refusal):
        json.integer("statusCode", refusal.status)
        refusal.write("body", &json)
        json.string("statusDescription", refusal.status == 200 ? words : "HTTP Bad Request")
      }
    }
  }

  // MARK: Leaving

  /// Without an id, or with an empty body, everything goes: the dangerous default.
  mutating func exit(
    _ request: BrokerRequest, _ client: Int, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> HTTPResponse {
    let body: JSONValue = request.body.isEmpty ? .object([]) : try parsed(request)
    let account = clients[client].account
    let ids = try exitIDs(body)
    if body["pending_orders_cancel"]?.integer == 1 {
      for order in floor.exchange.orderBook(of: account) ?? [] where !order.state.isFinal {
        let id = "\(floor.symbols.ticker(order.instrument))-\(FyersDesk.product(order.product))"
        if ids.map({ $0.contains(id) }) ?? true { _ = floor.exchange.cancel(order.id, account: account, at: floor.now) }
      }
    }
    let segments = body["segment"]?.elements?.compactMap(\.integer)
    let sides = body["side"]?.elements?.compactMap(\.integer)
    let products = body["productType"]?.elements?.compactMap(\.text)
    var isFound = false
    for position in floor.exchange.positions(of: account) ?? [] where position.net != 0 {
      let product = FyersDesk.product(position.product)
      let id = "\(floor.symbols.ticker(position.instrument))-\(product)"
      if let ids, !ids.contains(id) { continue }
      if let segments, !segments.contains(Int64(FyersNames.segment(position.instrument.key.segment))) { continue }
      if let sides, !sides.contains(position.net > 0 ? 1 : -1) { continue }
      if let products, !products.contains(product), !products.contains("ALL") { continue }
      isFound = true
      floor.close(position, account)
    }
    guard isFound else { throw .nothingOpen }
    return FyersDesk.ok(message: "The position is closed.") { _ in }
  }

  private func exitIDs(_ body: JSONValue) throws(FyersRefusal) -> [String]? {
    guard body.members != nil else { throw .invalidInput }
    guard let id = body["id"], body["exit_all"]?.integer != 1 else { return nil }
    switch id {
    case .string(let text): return [text]
    case .array(let list): return list.compactMap(\.text)
    case .null: return nil
    case .boolean, .number, .object: throw FyersRefusal(400, -53, "Please provide a valid position id")
    }
  }

  static func product(_ product: ProductType) -> String {
    switch product {
    case .intraday: "INTRADAY"
    case .delivery: "CNC"
    case .margin: "MARGIN"
    }
  }
}
