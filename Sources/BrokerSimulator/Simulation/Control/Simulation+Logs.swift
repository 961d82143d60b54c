import HTTP
package import OrderDomain
import SimulatedExchange

/// What the control port shows of calls and orders received.
extension Simulation {
  func callList() -> HTTPResponse {
    let lines = calls.lines.sorted { $0.key < $1.key }
    return Answers.object { json in
      json.object("calls") { json in
        for (name, line) in lines {
          json.object(named: name) { json in
            json.integer("count", line.count)
            json.integer("peak_in_one_second", line.peakInOneSecond)
            json.array("seconds") { json in
              for (second, count) in line.seconds.suffix(CallLog.secondsKept) {
                json.array { json in
                  json.integer(nil, second)
                  json.integer(nil, count)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Entries from a number on; the next number to ask for is named.
  func received(_ request: BrokerRequest) throws(ControlRefusal) -> HTTPResponse {
    guard let from = Int(request.queryValue("from") ?? "0"), from >= 0,
      let count = Int(request.queryValue("count") ?? "10000"), (1...100_000).contains(count)
    else { throw ControlRefusal("\"from\" is a number, \"count\" 1 to 100000") }
    let entries = floor.log.entries(from: from, count: count)
    return Answers.object { json in
      json.array("received") { json in
        for entry in entries { json.object { write(entry, &$0) } }
      }
      json.integer("next", entries.last.map { $0.number + 1 } ?? max(from, floor.log.receivedCount))
    }
  }

  private func write(_ entry: OrderLog.Entry, _ json: inout JSONWriter) {
    json.integer("number", entry.number)
    json.string("time", entry.time.description)
    json.string("broker", entry.broker.code)
    json.string("client", entry.client)
    json.optionalString("tag", entry.tag)
    json.string("instrument", entry.instrument)
    json.optionalString("side", entry.side?.code)
    json.integer("quantity", entry.quantity)
    switch entry.outcome {
    case .acknowledged(let id): json.string("order_id", id.text)
    case .refused(let words): json.string("refused", words)
    }
  }

  func receivedSummary() -> HTTPResponse {
    let log = floor.log
    return Answers.object { json in
      json.integer("received", log.receivedCount)
      json.integer("acknowledged", log.acknowledgedCount)
      json.integer("refused", log.receivedCount - log.acknowledgedCount)
      json.integer("tags", log.tagCount)
      json.integer("uncounted_tags", log.uncountedTags)
      json.array("doubled") { json in
        for (client, tag, count) in log.doubled {
          json.object { json in
            json.string("client", client)
            json.string("tag", tag)
            json.integer("count", count)
          }
        }
      }
    }
  }

  // MARK: Clients

  /// With everything needed to log in as them: these are no one's secrets.
  package func writeClients(_ json: inout JSONWriter) {
    json.array("dhan") { json in
      for client in dhan.clients {
        json.object { json in
          json.string("client_id", client.id)
          json.string("access_token", client.token)
          json.string("pin", client.pin)
          json.string("totp_secret", client.oneTimeSecret)
          json.string("app_id", client.appID)
          json.string("app_secret", client.appSecret)
        }
      }
    }
    json.array("fyers") { json in
      for client in fyers.clients {
        json.object { json in
          json.string("client_id", client.id)
          json.string("app_id", client.appID)
          json.string("app_secret", client.appSecret)
          json.string("pin", client.pin)
          json.string("access_token", client.token)
        }
      }
    }
  }

  func clientList() -> HTTPResponse { Answers.object { writeClients(&$0) } }

  /// `{"token":"kill"}`, `{"token":"new"}`, `{"address":"203.0.113.1"}`, `{"read_only":true}`,
  /// `{"postback":"http://127.0.0.1:8080/orders"}`, on this machine alone, and `{"postback":""}` to end it.
  mutating func changeClient(_ id: String, _ body: JSONValue) throws(ControlRefusal) -> HTTPResponse {
    let postback = body["postback"]?.text
    if let postback, !postback.isEmpty, !postback.hasPrefix("http://127.0.0.1:") {
      throw ControlRefusal("\"postback\" is an address that begins with http://127.0.0.1:")
    }
    if let number = dhan.clientNumber(id) {
      if let postback { dhan.withClient(number) { $0.postbackAddress = postback.isEmpty ? nil : postback } }
      switch body["token"]?.text {
      case "kill": dhan.withClient(number) { $0.token = "" }
      case "new": _ = dhan.issue(to: number, consumer: "SELF", floor.settings, at: floor.now)
      case nil: break
      case .some: throw ControlRefusal("\"token\" is kill or new")
      }
      if let address = body["address"]?.text {
        let today = floor.now.indianDate
        dhan.withClient(number) { $0.primaryAddress = DhanClient.RegisteredAddress(address: address, date: today) }
      }
    } else if let number = fyers.clients.firstIndex(where: { $0.id == id }) {
      if let postback { fyers.withClient(number) { $0.postbackAddress = postback.isEmpty ? nil : postback } }
      switch body["token"]?.text {
      case "kill": fyers.killTokens(of: number)
      case "new": _ = fyers.issue(to: number, at: floor.now)
      case nil: break
      case .some: throw ControlRefusal("\"token\" is kill or new")
      }
      if let address = body["address"]?.text { fyers.withClient(number) { _ = $0.addresses.insert(address) } }
      if let isReadOnly = body["read_only"]?.flag { fyers.withClient(number) { $0.isReadOnly = isReadOnly } }
    } else {
      throw ControlRefusal("there is no client \(id)", status: 404)
    }
    return clientList()
  }
}
