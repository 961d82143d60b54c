import Foundation
import Glibc

/// A running broker-simulator, and the settings by which an engine trades with it.
final class SimulatorProcess: @unchecked Sendable {
  let description: [String: Any]
  private let process: Process

  init(_ arguments: [String] = []) throws {
    process = Process()
    process.executableURL = URL(
      fileURLWithPath: (EngineProcess.binary as NSString).deletingLastPathComponent + "/broker-simulator")
    process.arguments = ["--port", "0", "--control-port", "0", "--no-rate-limits"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = OutputCollector(pipe.fileHandleForReading)
    let line = output.wait(for: "control_url", seconds: 150) ?? ""
    description = (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]) ?? [:]
    guard !description.isEmpty else {
      process.terminate()
      throw EngineProcess.StartFailed(status: -1, output: output.text)
    }
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  func client(_ broker: String) -> [String: String] { clients(broker).first ?? [:] }

  func clients(_ broker: String) -> [[String: String]] {
    (description[broker] as? [[String: Any]] ?? []).map { $0.compactMapValues { $0 as? String } }
  }

  /// An engine's environment for trading with `brokers`, the first of which is the default.
  func environment(_ brokers: String...) -> [String: String] {
    let url = description["url"] as? String ?? ""
    return [
      "BROKER": brokers.joined(separator: ","), "DHAN_CLIENT_ID": client("dhan")["client_id"] ?? "",
      "DHAN_ACCESS_TOKEN": client("dhan")["access_token"] ?? "", "FYERS_APP_ID": client("fyers")["app_id"] ?? "",
      "FYERS_ACCESS_TOKEN": client("fyers")["access_token"] ?? "", "DHAN_API_URL": url, "DHAN_AUTH_URL": url,
      "DHAN_SYMBOLS_URL": url, "FYERS_API_URL": url, "FYERS_DATA_URL": url, "FYERS_SYMBOLS_URL": url,
      "DHAN_RATE_LIMIT": "off", "FYERS_RATE_LIMIT": "off", "MAX_ALERT_VALUE": "100000000",
    ]
  }

  /// The shares of the National Stock Exchange, as Fyers' symbol file names them.
  func equities() throws -> [String] {
    let file = try RawClient(port: UInt16(description["port"] as? Int ?? 0)).get("/sym_details/NSE_CM.csv").body
    return file.split(separator: "\n").compactMap { line in
      let columns = line.split(separator: ",", omittingEmptySubsequences: false)
      guard columns.count > 13, columns[9].hasSuffix("-EQ") else { return nil }
      return String(columns[13])
    }
  }

  /// The next `count` calls to an endpoint (`dhan.place`) meet this fault.
  func add(_ fault: String, on endpoint: String, _ more: String = "") throws {
    let rule = "{\"fault\":\"\(fault)\",\"on\":\"\(endpoint)\"\(more.isEmpty ? "" : ",\(more)")}"
    let answer = try control().post("/faults", rule)
    guard answer.status < 300 else { throw EngineProcess.StartFailed(status: -1, output: answer.body) }
  }

  /// From now on the brokers behave.
  func endFaults() throws {
    let client = try control()
    try client.send("DELETE /faults HTTP/1.1\r\nHost: simulator\r\n\r\n")
    let answer = try client.answer()
    guard answer.status < 300 else { throw EngineProcess.StartFailed(status: -1, output: answer.body) }
  }

  /// The units of every order that a broker has looked at, in the order in which they came.
  func receivedQuantities() throws -> [Int] {
    let received = try control().get("/received?from=0&count=1000").json["received"] as? [[String: Any]] ?? []
    return received.compactMap { $0["quantity"] as? Int }
  }

  struct Received {
    let acknowledged: Int
    let doubled: Int
  }

  /// What it got in all: orders that it took, and tags that came more than once.
  func received() throws -> Received {
    let json = try control().get("/received/summary").json
    return Received(
      acknowledged: json["acknowledged"] as? Int ?? -1, doubled: (json["doubled"] as? [Any])?.count ?? -1)
  }

  /// State and filled units of every order in the brokers' books, by our tag.
  func book() throws -> [String: BookRow] {
    let items = try control().get("/orders?count=1000").json["orders"] as? [[String: Any]] ?? []
    var book: [String: BookRow] = [:]
    for item in items {
      guard let tag = item["tag"] as? String else { continue }
      book[tag] = BookRow(state: item["state"] as? String ?? "", filled: item["filled"] as? Int ?? -1)
    }
    return book
  }

  struct BookRow: Equatable {
    let state: String
    let filled: Int
  }

  /// Fills what is left of a resting order, at its own price; one that is in transit when it has arrived.
  func fill(_ order: String) throws {
    let limit = Date(timeIntervalSinceNow: 5)
    var answer = try control().post("/orders/\(order)/fill", "{}")
    while answer.status == 409, Date() < limit {
      usleep(5_000)
      answer = try control().post("/orders/\(order)/fill", "{}")
    }
    guard answer.status < 300 else { throw EngineProcess.StartFailed(status: -1, output: answer.body) }
  }

  /// A second order under a tag that Dhan has taken an order of already, sent by Dhan's protocol.
  func placeAgain() throws {
    let received = try control().get("/received?from=0&count=1000").json["received"] as? [[String: Any]] ?? []
    let tags = received.filter { $0["broker"] as? String == "dhan" }.compactMap { $0["tag"] as? String }
    let held = try book()
    guard let tag = tags.first(where: { held[$0] != nil }) else { throw RawClient.Closed() }
    let client = client("dhan")
    let body = """
      {"dhanClientId":"\(client["client_id"] ?? "")","correlationId":"\(tag)","transactionType":"BUY",\
      "exchangeSegment":"NSE_EQ","productType":"INTRADAY","orderType":"MARKET","validity":"DAY","securityId":"3045",\
      "quantity":1}
      """
    let answer = try RawClient(port: UInt16(description["port"] as? Int ?? 0)).post(
      "/v2/orders", body, fields: ["access-token": client["access_token"] ?? ""])
    guard answer.status < 300 else {
      throw EngineProcess.StartFailed(status: Int32(answer.status), output: answer.body)
    }
  }

  func control() throws -> RawClient { try RawClient(port: UInt16(description["control_port"] as? Int ?? 0)) }
}
