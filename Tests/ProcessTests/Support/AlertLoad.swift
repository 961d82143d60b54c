import Foundation

/// Posts alerts of one unit each over four connections, on threads of its own, until the engine is gone or says 503.
final class AlertLoad: @unchecked Sendable {
  private static let connectionCount = 4
  private static let alertLimit = 5_000

  private let condition = NSCondition()
  private var accepted: Set<String> = []
  private var runningCount = AlertLoad.connectionCount

  init(_ engine: EngineProcess) {
    let (port, secret) = (engine.port, engine.secret)
    for connection in 0..<AlertLoad.connectionCount {
      Thread { [self] in
        post(connection, port, secret)
        condition.withLock {
          runningCount -= 1
          condition.broadcast()
        }
      }.start()
    }
  }

  /// Returns when that many alerts were answered 200, or no connection is left.
  func waitUntilAccepted(_ count: Int) {
    condition.withLock {
      while accepted.count < count, runningCount > 0 { condition.wait() }
    }
  }

  /// The ids of all alerts that were answered 200, once every connection has ended.
  func finish() -> Set<String> {
    condition.withLock {
      while runningCount > 0 { condition.wait() }
      return accepted
    }
  }

  private func post(_ connection: Int, _ port: UInt16, _ secret: String) {
    guard let client = try? RawClient(port: port) else { return }
    for number in 0..<AlertLoad.alertLimit {
      let body = AlertBodies.market(secret, quantity: "1", id: "\(connection)-\(number)")
      guard let answer = try? client.post("/webhook", body), answer.status == 200 else { return }
      guard let id = answer.json["alert_id"] as? String else { return }
      condition.withLock {
        accepted.insert(id)
        condition.broadcast()
      }
    }
  }
}
