import Foundation
import Testing

/// The engine as a process, trading by each broker's protocol with the simulator as a process.
@Suite(.timeLimit(.minutes(3)))
struct BrokerTests {
  @Test("every alert format trades at each broker", arguments: ["dhan", "fyers"], ["uring", "epoll"])
  func trades(broker: String, eventLoop: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(
      environment: simulator.environment(broker).merging(["EVENT_LOOP": eventLoop]) { $1 })
    let client = try RawClient(port: engine.port)
    let option = try acceptedAlert(
      client.post("/webhook", AlertBodies.option(engine.secret, exits: ",\"sl\":\"40\",\"tp\":\"4000\"")))
    let legs = try acceptedAlert(client.post("/webhook", AlertBodies.market(engine.secret)))
    let native = try acceptedAlert(client.post("/webhook", AlertBodies.native(engine.secret, id: "native")))
    #expect(try engine.outcomes(of: legs) { $0 == ["filled"] } == ["filled"])
    #expect(try engine.outcomes(of: native) { $0 == ["filled"] } == ["filled"])
    #expect(
      try engine.outcomes(of: option) { $0 == ["filled", "accepted", "accepted"] } == [
        "filled", "accepted", "accepted",
      ])
    let received = try simulator.received()
    #expect(received.acknowledged == 5)
    #expect(received.doubled == 0)
    #expect(engine.stop() == 0)
  }

  @Test("two brokers at once have an account each, and an alert chooses")
  func twoBrokers() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment("fyers", "dhan"))
    let client = try RawClient(port: engine.port)
    let first = try client.post("/webhook?wait=2500", AlertBodies.native(engine.secret, id: "1"))
    #expect(first.legs.map { $0["broker"] as? String } == ["fyers"])
    let body = AlertBodies.native(engine.secret, id: "2").replacingOccurrences(
      of: "\"legs\"", with: "\"account\":\"dhan\",\"legs\"")
    let second = try client.post("/webhook?wait=2500", body)
    #expect(second.legs.map { $0["broker"] as? String } == ["dhan"], "\(second.body)")
    #expect(try engine.outcomes(of: try acceptedAlert(second)) { $0 == ["filled"] } == ["filled"])
  }

  /// The broker's sixteen connections are taken for 300 ms by each order, so that nearly all of them wait.
  @Test("a burst that a slow broker cannot keep up with waits for him, and every order leaves once")
  func burst() throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment("dhan"))
    try simulator.add("delay_before", on: "dhan.place", "\"milliseconds\":300,\"count\":0")
    let client = try RawClient(port: engine.port)
    let count = 1_400
    for number in 1...count {
      let answer = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "\(number)"))
      try #require(answer.status == 200, "\(answer.body)")
    }
    #expect(try simulator.received().acknowledged < count - 1_024, "the broker has kept up: this proves nothing")
    try simulator.endFaults()
    let deadline = ContinuousClock.now.advanced(by: .seconds(60))
    while try simulator.received().acknowledged < count, ContinuousClock.now < deadline { usleep(50_000) }
    let received = try simulator.received()
    #expect(received.acknowledged == count)
    #expect(received.doubled == 0)
    #expect(engine.stop() == 0)
  }

  @Test(
    "an order whose answer is lost or lies is found in the book, and is there once",
    arguments: ["dhan", "fyers"],
    [
      ("reset_after", ""), ("close_after", ""), ("cut", ""), ("cut", "\"ending\":\"close\""), ("html", ""),
      ("status_after", "\"status\":500"), ("status_after", "\"status\":408"), ("empty", ""), ("broken_json", ""),
      ("garbage", ""), ("huge", "\"bytes\":30000000"), ("twice", ""), ("interim", "\"interim_count\":100"),
      ("delay_after", "\"milliseconds\":1500"), ("delay_before", "\"milliseconds\":1500"), ("stale_keepalive", ""),
      ("blackhole_after", ""), ("drip", "\"milliseconds\":200"), ("unacknowledged", ""),
    ])
  func lostAnswers(broker: String, fault: (kind: String, more: String)) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    try simulator.add(fault.kind, on: "\(broker).place", fault.more)
    let answer = try RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a"))
    #expect(try engine.outcomes(of: try acceptedAlert(answer)) { $0 == ["filled"] } == ["filled"])
    let received = try simulator.received()
    #expect(received.acknowledged == 1)
    #expect(received.doubled == 0)
    try expectEqualBooks(engine, simulator)
  }

  @Test(
    "an order that was lost before the broker took it is sent again when the book has proven that",
    arguments: ["dhan", "fyers"],
    [("status", "\"status\":502,\"taken\":false"), ("reset_before", ""), ("html", "\"taken\":false")])
  func lostOrder(broker: String, fault: (kind: String, more: String)) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    try simulator.add(fault.kind, on: "\(broker).place", fault.more)
    let answer = try RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a"))
    let alert = try acceptedAlert(answer)
    #expect(try engine.outcomes(of: alert) { $0 == ["unknown"] } == ["unknown"])
    #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"])
    #expect(try simulator.received().acknowledged == 1)
    try expectEqualBooks(engine, simulator)
  }

  @Test(
    "an order that fills in part and is then refused ends with what filled", arguments: ["dhan", "fyers"])
  func partlyFilled(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    try simulator.add("partial_then_reject", on: "\(broker).place", "\"quantity\":2")
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    _ = try engine.outcomes(of: alert) { $0 == ["cancelled"] || $0 == ["partially_filled"] || $0 == ["rejected"] }
    let positions = try RawClient(port: engine.port).get("/api/v1/positions", token: engine.operatorToken)
    let items = positions.json["items"] as? [[String: Any]] ?? []
    #expect(items.map { $0["net_quantity"] as? Int } == [2], "\(positions.body)")
  }

  @Test(
    "a broker that asks for rest gets it, in whatever words, and the order goes then",
    arguments: ["dhan", "fyers"], ["", "\"retry_after\":\"2\""])
  func tooManyCalls(broker: String, rest: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    try simulator.add("too_many_calls", on: "\(broker).place", rest)
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"])
    #expect(try simulator.received().acknowledged == 1)
    try expectEqualBooks(engine, simulator)
  }

  @Test(
    "an order that can have no good end ends with a reason and leaves nothing at the broker",
    arguments: ["dhan", "fyers"], [("token_death", "\"count\":0"), ("wrong_address", "\"count\":0")])
  func deniedOrders(broker: String, fault: (kind: String, more: String)) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    try simulator.add(fault.kind, on: "\(broker).place", fault.more)
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    let end = try engine.outcomes(of: alert) { $0 == ["denied"] || $0 == ["rejected"] }
    #expect(end == ["denied"] || end == ["rejected"])
    let told = try RawClient(port: engine.port).get("/api/v1/alerts/\(alert)", token: engine.operatorToken)
    #expect(told.body.contains("\"fix\":\""))
    #expect(try simulator.received().acknowledged == 0)
  }

  @Test("symbols come from full-size files that the broker serves", arguments: ["dhan", "fyers"])
  func fullSizeSymbols(broker: String) throws {
    // The thread sanitizer takes minutes for what takes seconds without.
    let rowCount = ProcessInfo.processInfo.environment["TEST_SYMBOL_ROWS"] ?? "220000"
    let simulator = try SimulatorProcess(["--symbol-rows", rowCount])
    let engine = try EngineProcess(environment: simulator.environment(broker))
    #expect(engine.log.contains("symbols.loaded"))
    let client = try RawClient(port: engine.port)
    let alert = try acceptedAlert(client.post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"])
    let unknown = AlertBodies.native(engine.secret, id: "b").replacingOccurrences(of: "NSE:SBIN", with: "NSE:SBINN")
    #expect(try client.post("/webhook", unknown).errorCodes == ["symbol.notFound"])
    // The copy on disk starts the next engine, without the broker.
    engine.stop()
    let again = try EngineProcess(directory: engine.directory, environment: simulator.environment(broker))
    #expect(again.log.contains("symbols.loaded"))
  }

  @Test("a refusal of the broker ends the order with its words", arguments: ["dhan", "fyers"])
  func rejected(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: simulator.environment(broker))
    try simulator.add("reject", on: "\(broker).place", "\"words\":\"RMS: margin exceeds\"")
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    #expect(try engine.outcomes(of: alert) { $0 == ["rejected"] } == ["rejected"])
    let told = try RawClient(port: engine.port).get("/api/v1/alerts/\(alert)", token: engine.operatorToken)
    #expect(told.body.contains("RMS: margin exceeds"))
  }

  @Test("no order leaves before a person said so, and a broker that answers 429 is given its rest")
  func guards() throws {
    let simulator = try SimulatorProcess()
    let off = try EngineProcess(
      environment: simulator.environment("dhan").merging(["ENABLE_DHAN": "false"]) { $1 })
    let refused = try RawClient(port: off.port).post("/webhook", AlertBodies.native(off.secret, id: "a"))
    #expect(refused.status == 422)
    #expect(refused.errorCodes == ["risk.liveTradingOff"])
    #expect(try simulator.received().acknowledged == 0)

    let engine = try EngineProcess(environment: simulator.environment("dhan"))
    try simulator.add("too_many_calls", on: "dhan.place", "\"retry_after\":\"1\"")
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "b")))
    #expect(try engine.outcomes(of: alert) { $0 == ["filled"] } == ["filled"])
    #expect(try simulator.received().acknowledged == 1)
  }

  @Test("kill -9 with orders on the wire: after the restart each is there once", arguments: ["dhan", "fyers"])
  func killed(broker: String) throws {
    let simulator = try SimulatorProcess()
    let environment = simulator.environment(broker)
    let engine = try EngineProcess(environment: environment)
    // The broker takes them and stays silent.
    try simulator.add("blackhole_after", on: "\(broker).place", "\"count\":5")
    let client = try RawClient(port: engine.port)
    let alerts = try (0..<5).map {
      try acceptedAlert(client.post("/webhook", AlertBodies.native(engine.secret, id: "k\($0)")))
    }
    let limit = Date(timeIntervalSinceNow: 20)
    while try simulator.received().acknowledged < 5, Date() < limit { usleep(20_000) }
    engine.killAtOnce()
    let again = try EngineProcess(directory: engine.directory, environment: environment)
    for alert in alerts { #expect(try again.outcomes(of: alert) { $0 == ["filled"] } == ["filled"]) }
    let received = try simulator.received()
    #expect(received.acknowledged == 5)
    #expect(received.doubled == 0)
  }
}
