import BrokerSimulation
import HTTP
import OrderDomain

/// A simulation without sockets, and a clock that a test moves by hand.
struct Desk {
  /// Tuesday, 24 November 2026, 10:00 in India.
  static let start = Timestamp(nanoseconds: 1_795_494_600_000_000_000)
  static let symbols = Result { try SymbolCatalogue.sample(on: start.indianDate) }

  var simulation: Simulation
  var now = Desk.start
  /// In the place of the client's own.
  var dhanToken: String?

  init(_ change: (inout SimulationSettings) -> Void = { _ in }) throws {
    var settings = SimulationSettings()
    settings.amplitude = 0
    change(&settings)
    simulation = Simulation(settings: settings, symbols: try Desk.symbols.get(), wall: now)
  }

  mutating func wait(milliseconds: Int64) { now = now.adding(nanoseconds: milliseconds * 1_000_000) }

  struct Answer: Equatable, CustomStringConvertible {
    let status: Int
    let text: String

    var json: JSONValue {
      let bytes = Array(text.utf8)
      return (try? JSONValue(parsing: bytes.span)) ?? .null
    }

    var description: String { "\(status) \(text)" }
    subscript(_ name: String) -> String? {
      switch json[name] {
      case .string(let text): text
      case .number(let decimal): decimal.scale == 0 ? String(decimal.significand) : "\(decimal)"
      default: nil
      }
    }
  }

  mutating func send(_ request: BrokerRequest) -> Delivery { simulation.answer(request, wall: now) }

  mutating func ask(_ request: BrokerRequest) -> Answer {
    guard case .answer(let response) = send(request) else { return Answer(status: 0, text: "") }
    return Answer(response)
  }

  mutating func dhan(
    _ method: HTTPMethod, _ path: String, _ body: String = "", query: [(name: String, value: String)] = [],
    peer: String = "127.0.0.1"
  ) -> Answer {
    ask(dhanRequest(method, path, body, query: query, peer: peer))
  }

  func dhanRequest(
    _ method: HTTPMethod, _ path: String, _ body: String = "", query: [(name: String, value: String)] = [],
    peer: String = "127.0.0.1"
  ) -> BrokerRequest {
    let client = simulation.dhan.clients[0]
    return BrokerRequest(
      method, "/v2" + path, query: query,
      fields: [
        "access-token": dhanToken ?? client.token, "client-id": client.id, "dhanclientid": client.id,
      ], body: body, peer: peer)
  }

  mutating func fyers(
    _ method: HTTPMethod, _ path: String, _ body: String = "", query: [(name: String, value: String)] = []
  ) -> Answer {
    ask(fyersRequest(method, path, body, query: query))
  }

  func fyersRequest(
    _ method: HTTPMethod, _ path: String, _ body: String = "", query: [(name: String, value: String)] = []
  ) -> BrokerRequest {
    let client = simulation.fyers.clients[0]
    return BrokerRequest(
      method, path, query: query, fields: ["authorization": "\(client.appID):\(client.token)"], body: body)
  }

  mutating func control(
    _ method: HTTPMethod, _ path: String, _ body: String = "", query: [(name: String, value: String)] = []
  ) -> Answer {
    Answer(simulation.control(BrokerRequest(method, path, query: query, body: body), wall: now))
  }

  /// A buy of RELIANCE at Dhan; `changes` are members that replace or follow the usual ones, `-name` takes one away.
  func dhanOrder(_ changes: [String: String] = [:]) -> String {
    var members = [
      "dhanClientId": "\"1000000001\"", "correlationId": "\"tag-1\"", "transactionType": "\"BUY\"",
      "exchangeSegment": "\"NSE_EQ\"", "productType": "\"INTRADAY\"", "orderType": "\"LIMIT\"",
      "validity": "\"DAY\"", "securityId": "\"2885\"", "quantity": "10", "price": "2000.0",
    ]
    Desk.apply(changes, to: &members)
    return Desk.object(members)
  }

  func fyersOrder(_ changes: [String: String] = [:]) -> String {
    var members = [
      "symbol": "\"NSE:SBIN-EQ\"", "qty": "1", "type": "2", "side": "1", "productType": "\"INTRADAY\"",
      "limitPrice": "0", "stopPrice": "0", "disclosedQty": "0", "validity": "\"DAY\"", "offlineOrder": "false",
      "stopLoss": "0", "takeProfit": "0", "orderTag": "\"tag1\"",
    ]
    Desk.apply(changes, to: &members)
    return Desk.object(members)
  }

  private static func apply(_ changes: [String: String], to members: inout [String: String]) {
    for (name, value) in changes {
      if name.hasPrefix("-") { members[String(name.dropFirst())] = nil } else { members[name] = value }
    }
  }

  private static func object(_ members: [String: String]) -> String {
    "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  /// Sets RELIANCE, or another, to a price.
  mutating func setPrice(_ symbol: String, _ price: String) {
    _ = control(.post, "/prices", "{\"symbol\":\"\(symbol)\",\"price\":\(price)}")
  }
}

extension Desk.Answer {
  init(_ response: HTTPResponse) {
    self.init(status: Int(response.status.code), text: String(decoding: response.body, as: UTF8.self))
  }
}
