package import HTTP
package import OrderDomain
import SimulatedExchange

/// The control port: what a test or a person may see and do, as JSON.
extension Simulation {
  package mutating func control(_ request: BrokerRequest, wall: Timestamp) -> HTTPResponse {
    floor.advance(to: clock.now(wall))
    do throws(ControlRefusal) {
      return try perform(request, wall)
    } catch {
      return Answers.object(error.status) { $0.string("error", error.message) }
    }
  }

  private static let addresses = [
    "GET / , GET /clients , GET /settings, PATCH /settings , GET /clock, POST /clock , GET /prices?symbol=, POST /prices",
    "GET /faults, POST /faults, DELETE /faults, DELETE /faults/N , GET /calls, DELETE /calls",
    "GET /received?from=N&count=N , GET /received/summary , GET /orders?client=ID , GET /positions?client=ID",
    "POST /orders/ID/fill, /orders/ID/reject, /orders/ID/cancel , POST /clients/ID , POST /reset",
  ]

  private mutating func perform(_ request: BrokerRequest, _ wall: Timestamp) throws(ControlRefusal) -> HTTPResponse {
    let parts = request.path.split(separator: "/").map(String.init)
    switch (request.method, parts.first ?? "", parts.count) {
    case (.get, "", 0):
      return Answers.object { json in
        json.array("addresses") { json in for line in Simulation.addresses { json.string(nil, line) } }
      }
    case (.get, "clients", 1): return clientList()
    case (.post, "clients", 2): return try changeClient(parts[1], try body(request))
    case (.get, "settings", 1): return settingsAnswer()
    case (.patch, "settings", 1): return try changeSettings(try body(request))
    case (.get, "clock", 1): return clockAnswer(wall)
    case (.post, "clock", 1): return try changeClock(try body(request), wall)
    case (.get, "prices", 1): return try price(request)
    case (.post, "prices", 1): return try setPrices(try body(request))
    case (.get, "faults", 1): return faultList()
    case (.post, "faults", 1): return try addFaults(try body(request))
    case (.delete, "faults", 1):
      faults.removeAll()
      return faultList()
    case (.delete, "faults", 2):
      guard let number = Int(parts[1]), faults.remove(number) else {
        throw ControlRefusal("there is no rule \(parts[1])", status: 404)
      }
      return faultList()
    case (.get, "calls", 1): return callList()
    case (.delete, "calls", 1):
      calls = CallLog()
      return callList()
    case (.get, "received", 1): return try received(request)
    case (.get, "received", 2) where parts[1] == "summary": return receivedSummary()
    case (.get, "orders", 1): return try orderList(request)
    case (.get, "positions", 1): return try positionList(request)
    case (.post, "orders", 3): return try changeOrder(parts[1], parts[2], request)
    case (.post, "reset", 1):
      reset()
      return receivedSummary()
    default: throw ControlRefusal("nothing is at \(request.method.name) \(request.path)", status: 404)
    }
  }

  private func body(_ request: BrokerRequest) throws(ControlRefusal) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: request.body.span)
    } catch {
      throw ControlRefusal("the body is not JSON: \(error.cause)")
    }
  }

  // MARK: Clock

  private func clockAnswer(_ wall: Timestamp) -> HTTPResponse {
    Answers.object { json in
      json.string("now", floor.now.description)
      json.string("indian", floor.now.indianDescription)
      json.string("trading_day", floor.exchange.tradingDay.description)
      json.boolean("is_stopped", clock.isStopped)
    }
  }

  /// `{"set":"2026-11-24T09:15:00+05:30"}`, `{"advance_ms":60000}`, `{"stop":true}`, `{"stop":false}`. The market never
  /// goes back: an earlier time holds it where it is until the clock has caught up.
  private mutating func changeClock(_ body: JSONValue, _ wall: Timestamp) throws(ControlRefusal) -> HTTPResponse {
    var clock = clock
    if let stop = body["stop"]?.flag {
      if stop { clock.stop(at: wall) } else { clock.start(at: wall) }
    }
    if let text = body["set"]?.text {
      let bytes = Array(text.utf8)
      guard let time = Timestamp(rfc3339: bytes.span) else { throw ControlRefusal("\"set\" is a time by RFC 3339") }
      clock.set(time, at: wall)
    }
    if let milliseconds = body["advance_ms"] {
      guard let value = milliseconds.integer, (0...400 * 86_400_000).contains(value) else {
        throw ControlRefusal("\"advance_ms\" is 0 to 400 days")
      }
      clock.advance(nanoseconds: value * 1_000_000)
    }
    // Sums of moments and limits then stay far from the ends of 64 bits.
    guard Simulation.years.contains(clock.now(wall).indianDate) else {
      throw ControlRefusal("the clock goes from the year 2000 to the year 2199")
    }
    self.clock = clock
    floor.advance(to: clock.now(wall))
    return clockAnswer(wall)
  }

  private static let years = CalendarDate(daysSinceEpoch: 10_957)..<CalendarDate(daysSinceEpoch: 84_006)

  // MARK: Prices

  func instrument(_ json: (String) -> String?) throws(ControlRefusal) -> Instrument {
    if let symbol = json("symbol") {
      guard let found = floor.symbols.instrument(ticker: symbol) else {
        throw ControlRefusal("there is no symbol \(symbol); it is written as Fyers does: NSE:SBIN-EQ", status: 404)
      }
      return found
    }
    guard let segment = json("segment"), let id = json("security_id").flatMap({ UInt64($0) }) else {
      throw ControlRefusal("give \"symbol\" (NSE:SBIN-EQ), or \"segment\" and \"security_id\" as Dhan does")
    }
    guard let found = dhan.instrument(segment, id, floor) else {
      throw ControlRefusal("there is no instrument \(id) in \(segment)", status: 404)
    }
    return found
  }

  private func price(_ request: BrokerRequest) throws(ControlRefusal) -> HTTPResponse {
    let instrument = try instrument { request.queryValue($0) }
    return Answers.object { writePrice(instrument, &$0) }
  }

  private func writePrice(_ instrument: Instrument, _ json: inout JSONWriter) {
    let quote = floor.exchange.quote(instrument, at: floor.now)
    json.string("symbol", floor.symbols.ticker(instrument))
    json.string("segment", DhanNames.segment(instrument.key.segment))
    json.string("security_id", instrument.key.securityID.description)
    json.price("price", quote.lastPrice)
    json.price("bid", quote.bid)
    json.price("ask", quote.ask)
    json.integer("lot", instrument.lotSize.units)
    json.price("tick", instrument.tickSize.price)
    json.integer("freeze", instrument.freezeQuantity?.quantity.units ?? 0)
    json.price("band_low", quote.band?.lowerBound)
    json.price("band_high", quote.band?.upperBound)
  }

  private mutating func setPrices(_ body: JSONValue) throws(ControlRefusal) -> HTTPResponse {
    let list = body["prices"]?.elements ?? [body]
    var changes: [(Instrument, Price)] = []
    for item in list {
      guard let price = item["price"]?.decimal.flatMap({ Price($0) }), price > .zero else {
        throw ControlRefusal("\"price\" is a number of rupees")
      }
      changes.append((try instrument { item[$0]?.text }, price))
    }
    for (instrument, price) in changes { floor.exchange.setPrice(price, of: instrument, at: floor.now) }
    return Answers.object { json in
      json.array("prices") { json in
        for (instrument, _) in changes { json.object { writePrice(instrument, &$0) } }
      }
    }
  }

  // MARK: Faults

  private mutating func addFaults(_ body: JSONValue) throws(ControlRefusal) -> HTTPResponse {
    var rules: [FaultRule] = []
    for item in body["faults"]?.elements ?? [body] { rules.append(try FaultRule(item)) }
    var numbers: [Int] = []
    for rule in rules {
      guard let number = faults.add(rule) else {
        throw ControlRefusal("there are \(FaultScript.ruleLimit) rules already", status: 409)
      }
      numbers.append(number)
    }
    return Answers.object { json in
      json.array("rules") { json in for number in numbers { json.integer(nil, number) } }
    }
  }

  private func faultList() -> HTTPResponse {
    Answers.object { json in
      json.array("faults") { json in
        for rule in faults.rules {
          json.object { json in
            json.integer("rule", rule.number)
            json.string("on", rule.target)
            json.string("fault", "\(rule.fault)")
            json.integer("matched", rule.matched)
            json.integer("performed", rule.performed)
            json.boolean("is_spent", rule.isSpent)
          }
        }
      }
    }
  }

  // MARK: Orders

  /// Fills, rejects or cancels one order by hand.
  private mutating func changeOrder(
    _ text: String, _ verb: String, _ request: BrokerRequest
  ) throws(ControlRefusal) -> HTTPResponse {
    let body = request.body.isEmpty ? JSONValue.object([]) : try body(request)
    guard let id = BrokerOrderID(text),
      let account = accountIDs.first(where: { floor.exchange.order(id, account: $0) != nil })
    else { throw ControlRefusal("there is no order \(text)", status: 404) }
    let answer: RequestAnswer
    switch verb {
    case "fill":
      answer = floor.exchange.fill(
        id, quantity: body["quantity"]?.integer.flatMap { Quantity($0) },
        price: body["price"]?.decimal.flatMap { Price($0) }, at: floor.now)
    case "reject":
      answer = floor.exchange.reject(id, words: body["words"]?.text ?? "RMS: rejected by script", at: floor.now)
    case "cancel": answer = floor.exchange.cancel(id, account: account, at: floor.now)
    default: throw ControlRefusal("an order is filled, rejected or cancelled", status: 404)
    }
    if case .refused(let refusal) = answer { throw ControlRefusal(refusal.words, status: 409) }
    guard let order = floor.exchange.order(id, account: account) else { return Answers.object { _ in } }
    return Answers.object { writeOrder(order, &$0) }
  }

  var accountIDs: [AccountID] { dhan.clients.map(\.account) + fyers.clients.map(\.account) }

  private func accounts(_ request: BrokerRequest) throws(ControlRefusal) -> [AccountID] {
    guard let client = request.queryValue("client") else { return accountIDs }
    let found = dhan.clients.first { $0.id == client }?.account ?? fyers.clients.first { $0.id == client }?.account
    guard let found else { throw ControlRefusal("there is no client \(client)", status: 404) }
    return [found]
  }

  private func orderList(_ request: BrokerRequest) throws(ControlRefusal) -> HTTPResponse {
    let accounts = try accounts(request)
    return Answers.object { json in
      json.array("orders") { json in
        for account in accounts {
          for order in floor.exchange.orderBook(of: account) ?? [] { json.object { writeOrder(order, &$0) } }
        }
      }
    }
  }

  private func writeOrder(_ order: ExchangeOrder, _ json: inout JSONWriter) {
    json.string("account", order.account)
    json.string("order_id", order.id.text)
    json.optionalString("tag", order.tag)
    json.string("symbol", floor.symbols.ticker(order.instrument))
    json.string("side", order.side.code)
    json.string("type", order.type.code)
    json.string("product", order.product.code)
    json.integer("quantity", order.quantity.units)
    json.integer("filled", order.filled.units)
    json.price("average_price", order.averagePrice)
    json.string("state", order.state.code)
    json.optionalString("reason", order.rejection?.words)
    json.string("created_at", order.createdAt.description)
  }

  private func positionList(_ request: BrokerRequest) throws(ControlRefusal) -> HTTPResponse {
    let accounts = try accounts(request)
    return Answers.object { json in
      json.array("positions") { json in
        for account in accounts {
          for position in floor.exchange.positions(of: account) ?? [] {
            json.object { json in
              json.string("account", account)
              json.string("symbol", floor.symbols.ticker(position.instrument))
              json.string("product", position.product.code)
              json.integer("net", position.net)
              json.money("realised", position.realised)
              json.money("unrealised", position.unrealised)
            }
          }
        }
      }
    }
  }
}
