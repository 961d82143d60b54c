import Foundation

extension SimulatorProcess {
  /// What an engine logs in at Dhan with.
  var dhanLogin: [String: String] {
    ["DHAN_PIN": client("dhan")["pin"] ?? "", "DHAN_TOTP_SECRET": client("dhan")["totp_secret"] ?? ""]
  }

  /// No limit asks for a price, so that an alert is taken without a token, and its orders are what waits for one.
  static let noLimits = ["MAX_ALERT_VALUE": "", "RISK_LIMITS": "off"]

  /// What an engine shows a person the brokers' login pages with.
  var pageLogin: [String: String] {
    [
      "DHAN_API_KEY": client("dhan")["app_id"] ?? "", "DHAN_API_SECRET": client("dhan")["app_secret"] ?? "",
      "FYERS_SECRET_ID": client("fyers")["app_secret"] ?? "", "FYERS_PIN": client("fyers")["pin"] ?? "",
      "FYERS_REDIRECT_URI": "https://trader.example/callback",
    ]
  }

  /// Where a browser that opens this address of the brokers' is sent on to.
  func visit(_ path: String) throws -> String {
    let answer = try RawClient(port: UInt16(description["port"] as? Int ?? 0)).get(path)
    guard let location = answer.fields["location"] else {
      throw EngineProcess.StartFailed(status: Int32(answer.status), output: answer.body)
    }
    return location
  }

  /// What must not stand in any log.
  func dhanSecrets(kept: String) -> [String] {
    let json = (try? JSONSerialization.jsonObject(with: Data(kept.utf8)) as? [String: Any]) ?? [:]
    return [
      json["access_token"] as? String ?? "no token", client("dhan")["totp_secret"] ?? "", "pin=",
    ]
  }

  /// Changes settings of the simulation.
  func change(_ settings: String) throws {
    let client = try control()
    try client.send(
      "PATCH /settings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(settings.utf8.count)\r\n\r\n"
        + settings)
    let answer = try client.answer()
    guard answer.status == 200 else { throw EngineProcess.StartFailed(status: -1, output: answer.body) }
  }

  /// The client's token is dead from here on, and nobody is told.
  func killToken(_ broker: String = "dhan") throws {
    _ = try control().post("/clients/\(client(broker)["client_id"] ?? "")", "{\"token\":\"kill\"}")
  }

  /// How many calls an endpoint has had.
  func calls(_ endpoint: String) throws -> Int {
    let json = try control().get("/calls").json
    let counts = json["calls"] as? [String: [String: Any]] ?? [:]
    return counts[endpoint]?["count"] as? Int ?? 0
  }
}

extension EngineProcess {
  /// How an account stands with its token, as the engine tells the operator.
  func tokenStatus(_ account: String) throws -> [String: Any] {
    let answer = try RawClient(port: port).get("/api/v1/tokens", token: operatorToken)
    let items = answer.json["items"] as? [[String: Any]] ?? []
    return items.first { $0["account"] as? String == account } ?? [:]
  }
}
