import Foundation
import Glibc
import Testing

/// Starting, stopping and being killed.
@Suite(.timeLimit(.minutes(3)))
struct LifeTests {
  @Test(
    "SIGTERM under load: exit 0, and every alert that was answered 200 is there after the restart",
    arguments: ["uring", "epoll"])
  func politeStop(eventLoop: String) throws {
    let engine = try EngineProcess(environment: ["EVENT_LOOP": eventLoop])
    let load = AlertLoad(engine)
    load.waitUntilAccepted(40)
    engine.signal(SIGTERM)
    engine.signal(SIGTERM)
    #expect(engine.waitForExit() == 0)
    try verify(load.finish(), engine, eventLoop)
  }

  @Test(
    "kill -9 under load: every alert that was answered 200 is there after the restart", arguments: ["uring", "epoll"])
  func killed(eventLoop: String) throws {
    let engine = try EngineProcess(environment: ["EVENT_LOOP": eventLoop])
    let load = AlertLoad(engine)
    load.waitUntilAccepted(40)
    engine.killAtOnce()
    try verify(load.finish(), engine, eventLoop)
  }

  private func verify(_ accepted: Set<String>, _ engine: EngineProcess, _ eventLoop: String) throws {
    #expect(!accepted.isEmpty)
    let again = try EngineProcess(directory: engine.directory, environment: ["EVENT_LOOP": eventLoop])
    let client = try RawClient(port: again.port)
    for id in accepted {
      let answer = try client.get("/api/v1/alerts/\(id)", token: again.operatorToken)
      #expect(answer.status == 200)
    }
    var quantities: Set<Int> = []
    for _ in 0..<100 {
      let orders = try client.get("/api/v1/orders?limit=200", token: again.operatorToken)
      let items = orders.json["items"] as? [[String: Any]] ?? []
      quantities = Set(items.compactMap { $0["quantity"] as? Int })
      if items.allSatisfy({ ["filled", "expired", "cancelled"].contains($0["state"] as? String ?? "") }) { break }
      usleep(20_000)
    }
    #expect(quantities == [1])
    #expect(again.stop() == 0)
  }

  @Test("a bracket's exits work on after kill -9 and a restart")
  func bracketGoesOn() throws {
    // The exits rest far away from the price.
    let engine = try EngineProcess()
    let exits = ",\"sl\":\"40\",\"tp\":\"4000\""
    let body = AlertBodies.option(engine.secret, product: "INTRADAY", exits: exits)
    let answer = try RawClient(port: engine.port).post("/webhook?wait=2000", body)
    let alert = try #require(answer.json["alert_id"] as? String, "\(answer.body)")
    #expect(try outcomes(of: alert, engine) { $0 == ["filled", "accepted", "accepted"] })
    engine.killAtOnce()

    let again = try EngineProcess(directory: engine.directory)
    #expect(try outcomes(of: alert, again) { $0 == ["filled", "accepted", "accepted"] })
    let positions = try RawClient(port: again.port).get("/api/v1/positions", token: again.operatorToken)
    let items = positions.json["items"] as? [[String: Any]] ?? []
    #expect(items.map { $0["net_quantity"] as? Int } == [30], "\(positions.body)")
  }

  private func outcomes(of alert: String, _ engine: EngineProcess, _ isExpected: ([String]) -> Bool) throws -> Bool {
    let client = try RawClient(port: engine.port)
    for _ in 0..<100 {
      let answer = try client.get("/api/v1/alerts/\(alert)", token: engine.operatorToken)
      let legs = answer.json["legs"] as? [[String: Any]] ?? []
      if isExpected(legs.compactMap { $0["outcome"] as? String }) { return true }
      usleep(20_000)
    }
    return false
  }

  @Test("a second engine on the same data refuses to start")
  func secondEngine() throws {
    let engine = try EngineProcess()
    let (status, output) = try EngineProcess.run(["serve", "--port", "0", "--data-dir", engine.directory])
    #expect(status != 0)
    #expect(output.contains("journal.inUse"))
    #expect(try RawClient(port: engine.port).get("/health").status == 200)
  }

  @Test("a journal with damage in its middle stops the start and says where; a torn tail is cut")
  func damagedJournal() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    for number in 0..<5 {
      _ = try client.post("/webhook?wait=1000", AlertBodies.market(engine.secret, id: "\(number)"))
    }
    #expect(engine.stop() == 0)
    let path = engine.directory + "/journal-000000001.log"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    // Behind the last record the segment holds zeros.
    let end = try #require(whole.lastIndex { $0 != 0 }) + 1

    var damaged = whole
    damaged[end / 3] ^= 0x10
    try damaged.write(to: URL(fileURLWithPath: path))
    let (status, output) = try EngineProcess.run(["serve", "--port", "0", "--data-dir", engine.directory])
    #expect(status != 0)
    #expect(output.contains("journal.damaged"))
    #expect(output.contains("segment 1"))
    #expect(output.contains("offset"))

    try (whole[..<end] + Data(repeating: 0xAB, count: 300)).write(to: URL(fileURLWithPath: path))
    let again = try EngineProcess(directory: engine.directory)
    #expect(again.log.contains("journal.tornTailCut"))
    #expect(try orderCount(again) == 5)
    let duplicate = try RawClient(port: again.port).post("/webhook", AlertBodies.market(again.secret, id: "3"))
    #expect(duplicate.json["status"] as? String == "duplicate")
  }

  @Test("when the disk takes no more, alerts are answered 503, until there is room again; what was accepted stays")
  func fullDisk() throws {
    // A limit on the size of a file stands in for the full disk: write fails with EFBIG, and no rights are needed.
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    // Before the limit: a segment that is being made meanwhile may meet it first.
    let first = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "disk-first"))
    #expect(first.status == 200)
    var accepted = ["disk-first"]
    try engine.limitFilesForAWhile(to: 64 << 10)
    var refusal: RawClient.Answer?
    for number in 0..<2_000 {
      let id = "disk-\(number)"
      let answer = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: id))
      guard answer.status == 200 else {
        refusal = answer
        break
      }
      accepted.append(id)
    }
    #expect(refusal?.status == 503)
    #expect(refusal?.errorCodes == ["journal.diskFull"])
    #expect(!accepted.isEmpty)
    #expect(try client.get("/ready").status == 503)
    #expect(try client.get("/health").status == 200)
    #expect(try client.get("/api/v1/orders", token: engine.operatorToken).status == 200)
    let refused = try (0..<5).map { number in
      let answer = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "full-\(number)"))
      #expect(answer.status == 503)
      return "full-\(number)"
    }

    try engine.limitFilesForAWhile(to: nil)
    var isTaken = false
    for _ in 0..<200 where !isTaken {
      usleep(50_000)
      isTaken = try client.get("/ready").status == 200
    }
    #expect(isTaken)
    let later = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "later"))
    #expect(later.json["status"] as? String == "accepted")
    accepted.append("later")
    engine.killAtOnce()

    let again = try EngineProcess(directory: engine.directory)
    // Nothing that was answered 503 is known, let alone carried out.
    for id in refused {
      let answer = try RawClient(port: again.port).post(
        "/webhook", AlertBodies.market(again.secret, quantity: "1", id: id))
      #expect(answer.json["status"] as? String == "accepted")
    }
    for id in accepted {
      let answer = try RawClient(port: again.port).post(
        "/webhook", AlertBodies.market(again.secret, quantity: "1", id: id))
      #expect(answer.json["status"] as? String == "duplicate")
    }
  }

  @Test("no secret is ever written to log, journal or answer")
  func secretsStayAway() throws {
    let secret = "s3cr3t-that-must-not-be-seen"
    let token = "0perator-that-must-not-be-seen"
    let engine = try EngineProcess(
      environment: ["WEBHOOK_SECRET": secret, "OPERATOR_TOKEN": token, "LOG_LEVEL": "trace"])
    let client = try RawClient(port: engine.port)
    var said = ""
    said += try client.post("/webhook?wait=1000", AlertBodies.market(secret)).body
    said += try client.post("/webhook", AlertBodies.market(secret, symbol: secret)).status == 422 ? "" : "taken"
    said += try client.post("/webhook", "{\"secret\":\"\(secret)\",").body
    for path in ["/api/v1/alerts", "/api/v1/orders", "/metrics", "/", "/ready"] {
      said += try client.get(path, token: token).body
    }
    #expect(engine.stop() == 0)
    let files = try FileManager.default.contentsOfDirectory(atPath: engine.directory)
    for file in files {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: engine.directory + "/" + file))
      #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)")
      #expect(bytes.range(of: Data(token.utf8)) == nil, "\(file)")
    }
    #expect(!said.contains(secret) && !said.contains(token))
    #expect(!engine.log.contains(secret) && !engine.log.contains(token))
    let mode = try FileManager.default.attributesOfItem(atPath: engine.directory + "/journal-000000001.log")
    #expect(mode[.posixPermissions] as? Int == 0o600)
  }
}
