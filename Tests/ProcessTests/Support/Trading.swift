import Foundation
import Testing

extension EngineProcess {
  /// The outcomes of an alert's legs once they are as `isWanted` wants them, or after the time is up.
  func outcomes(of alert: String, seconds: Double = 20, until isWanted: ([String]) -> Bool) throws -> [String] {
    try legs(of: alert, seconds: seconds) { isWanted($0.compactMap { $0["outcome"] as? String }) }
      .compactMap { $0["outcome"] as? String }
  }

  /// An alert's legs as the engine shows them once they are as `isWanted` wants them, or after the time is up.
  func legs(
    of alert: String, seconds: Double = 20, until isWanted: ([[String: Any]]) -> Bool
  ) throws -> [[String: Any]] {
    let client = try RawClient(port: port)
    let limit = Date(timeIntervalSinceNow: seconds)
    var legs: [[String: Any]] = []
    while Date() < limit {
      legs = try client.get("/api/v1/alerts/\(alert)", token: operatorToken).legs
      if isWanted(legs) { break }
      usleep(50_000)
    }
    return legs
  }
}

/// The id of an alert that was taken.
func acceptedAlert(_ answer: RawClient.Answer) throws -> String {
  try #require(answer.json["alert_id"] as? String, "\(answer.body)")
}

/// That the engine believes of every order what the broker's book says of it.
func expectEqualBooks(_ engine: EngineProcess, _ simulator: SimulatorProcess) throws {
  let orders = try RawClient(port: engine.port).get("/api/v1/orders?limit=200", token: engine.operatorToken)
  var believed: [String: SimulatorProcess.BookRow] = [:]
  for item in orders.json["items"] as? [[String: Any]] ?? [] {
    believed[item["correlation_id"] as? String ?? ""] = SimulatorProcess.BookRow(
      state: item["state"] as? String ?? "", filled: item["filled_quantity"] as? Int ?? -1)
  }
  let book = try simulator.book().mapValues { row in
    ["transit", "pending"].contains(row.state)
      ? SimulatorProcess.BookRow(state: "accepted", filled: row.filled) : row
  }
  #expect(believed == book)
}
