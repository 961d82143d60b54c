import HTTP
package import OrderDomain
import SimulatedExchange

/// Both brokers over one exchange, with a clock and a script: requests go in with the machine's time, deliveries come out.
///
/// Pure: the same requests at the same times give the same deliveries. Its shell owns sockets and timers.
package struct Simulation: Sendable {
  package internal(set) var floor: MarketFloor
  package internal(set) var dhan: DhanDesk
  package internal(set) var fyers: FyersDesk
  package internal(set) var clock = SimulationClock()
  package internal(set) var faults: FaultScript
  package internal(set) var calls = CallLog()
  /// What books show instead, until then.
  var stale: (exchange: SimulatedExchange, until: Timestamp)?

  package init(settings: SimulationSettings, symbols: SymbolCatalogue, wall: Timestamp) {
    floor = MarketFloor(settings: settings, symbols: symbols, at: wall)
    dhan = DhanDesk(settings: settings, at: wall)
    fyers = FyersDesk(settings: settings, at: wall)
    faults = FaultScript(seed: settings.seed)
    openAccounts()
  }

  mutating func openAccounts() {
    for client in dhan.clients { floor.exchange.openAccount(client.account, funds: floor.settings.funds) }
    for client in fyers.clients { floor.exchange.openAccount(client.account, funds: floor.settings.funds) }
  }

  /// - Parameter isHeldUp: whether a script has already postponed this very call.
  package mutating func answer(_ request: BrokerRequest, wall: Timestamp, isHeldUp: Bool = false) -> Delivery {
    floor.advance(to: clock.now(wall))
    let call = BrokerCall(request)
    if isHeldUp { return .answer(process(request, call)) }
    calls.count(call.endpoint, at: floor.now)
    if let orderClass = call.orderClass { calls.count(orderClass, at: floor.now) }
    guard let fault = faults.fault(for: request, endpoint: call.endpoint) else {
      return .answer(process(request, call))
    }
    return perform(fault, request, call)
  }

  private mutating func process(_ request: BrokerRequest, _ call: BrokerCall) -> HTTPResponse {
    defer { floor.fate = .market }
    if let stale {
      if floor.now >= stale.until {
        self.stale = nil
      } else if request.method == .get {
        return processStale(request, call, stale.exchange)
      }
    }
    switch call {
    case .dhan(let route): return dhan.answer(request, route, &floor)
    case .fyers(let route): return fyers.answer(request, route, &floor)
    case .file(let path):
      guard let bytes = floor.symbols.file(path) else { return Answers.page(404, "Not Found") }
      return HTTPResponse(.ok, fields: path.hasSuffix(".json") ? Answers.json : Answers.csv, body: bytes)
    case .unknownAtDhan: return DhanDesk.notFound(request.path, at: floor.now)
    case .unknownAtFyers: return FyersRefusal.unknownPath.response
    case .unknown: return Answers.page(404, "Not Found")
    }
  }

  /// Reading changes nothing of the exchange, so the present one is put back as it was.
  private mutating func processStale(
    _ request: BrokerRequest, _ call: BrokerCall, _ exchange: SimulatedExchange
  ) -> HTTPResponse {
    let present = floor.exchange
    let stale = self.stale.take()
    floor.exchange = exchange
    defer {
      floor.exchange = present
      self.stale = stale
    }
    return process(request, call)
  }

  // MARK: Faults

  private mutating func perform(_ fault: Fault, _ request: BrokerRequest, _ call: BrokerCall) -> Delivery {
    switch fault {
    case .delay(.before, let nanoseconds): return .postpone(nanoseconds: nanoseconds)
    case .silence(.before): return .silence
    case .reset(.before): return .reset
    case .close(.before): return .close
    case .tooManyCalls(let retryAfter): return .answer(tooManyCalls(call, retryAfter))
    case .wrongAddress:
      if case .fyers = call { return .answer(FyersRefusal.wrongAddress.response) }
      return .answer(DhanRefusal.wrongAddress.response)
    case .tokenDeath:
      if case .fyers = call { _ = fyers.killToken(request) } else { _ = dhan.killToken(request) }
    case .fate(let fate): floor.fate = fate
    case .staleBooks(let nanoseconds):
      if stale == nil { stale = (floor.exchange, floor.now.adding(nanoseconds: nanoseconds)) }
    case .delay, .silence, .reset, .close, .cut, .status, .page, .empty, .brokenJSON, .garbage, .huge, .drip, .twice,
      .interim, .unacknowledged:
      break
    }
    return damage(fault, fault.isTaken ? process(request, call) : nil)
  }

  /// What of a true answer, or without any, reaches the client.
  private func damage(_ fault: Fault, _ response: HTTPResponse?) -> Delivery {
    let honest = response ?? HTTPResponse(.ok)
    switch fault {
    case .delay(_, let nanoseconds): return .answerLater(honest, nanoseconds: nanoseconds)
    case .silence: return .silence
    case .reset: return .reset
    case .close: return .close
    case .cut(let ending): return .half(honest, ending)
    case .status(let status, let body, let retryAfter, _):
      var fields = Answers.html
      if let retryAfter { fields.add("Retry-After", retryAfter) }
      return .answer(HTTPResponse(HTTPStatus(status), fields: fields, body: Array((body ?? "").utf8)))
    case .page(let status, _): return .answer(Answers.page(status, "One moment, please"))
    case .empty: return .answer(HTTPResponse(.ok, fields: Answers.json))
    case .brokenJSON:
      let body = response?.body ?? Array(#"{"orderId":"1"}"#.utf8)
      return .answer(HTTPResponse(.ok, fields: Answers.json, body: Array(body.prefix(body.count / 2))))
    case .garbage: return .answer(HTTPResponse(.ok, fields: Answers.json, body: [0, 0xFF, 0x7B, 0x22, 0x80, 0x0A]))
    case .huge(let byteCount):
      var response = honest
      let lacking = byteCount - response.body.count
      if lacking > 0 { response.body += [UInt8](repeating: UInt8(ascii: " "), count: lacking) }
      return .answer(response)
    case .drip(let nanoseconds): return .drip(honest, nanoseconds: nanoseconds)
    case .twice: return .twice(honest)
    case .interim(let count): return .interim(honest, count: count)
    case .unacknowledged:
      return .answer(FyersDesk.ok(code: 201, message: "Request sent, no acknowledgement received") { _ in })
    case .tokenDeath, .fate, .staleBooks, .tooManyCalls, .wrongAddress: return .answer(honest)
    }
  }

  private func tooManyCalls(_ call: BrokerCall, _ retryAfter: String?) -> HTTPResponse {
    var response: HTTPResponse
    if case .fyers = call {
      response = FyersRefusal(429, -429, "request limit reached").response
    } else {
      response = DhanRefusal.tooManyCalls.response
    }
    if let retryAfter { response.fields.add("Retry-After", retryAfter) }
    return response
  }
}

extension Fault {
  /// Whether the broker has the call when the client hears of it.
  var isTaken: Bool {
    switch self {
    case .delay(let moment, _), .silence(let moment), .reset(let moment), .close(let moment): moment == .after
    case .cut, .tokenDeath, .huge, .drip, .twice, .interim, .fate, .staleBooks: true
    case .status(_, _, _, let isTaken), .page(_, let isTaken), .empty(let isTaken), .brokenJSON(let isTaken),
      .garbage(let isTaken), .unacknowledged(let isTaken):
      isTaken
    case .tooManyCalls, .wrongAddress: false
    }
  }
}
