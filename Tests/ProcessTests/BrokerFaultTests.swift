import Foundation
import Testing

/// Faults and lies of a broker on the calls beside placing: cancels, and readings of the book.
@Suite(.timeLimit(.minutes(3)))
struct BrokerFaultTests {
  /// Short, so that a silent broker costs a second and not ten.
  private func environment(_ simulator: SimulatorProcess, _ broker: String) -> [String: String] {
    simulator.environment(broker).merging(["BROKER_ORDER_TIMEOUT_MS": "1000", "BROKER_READ_TIMEOUT_MS": "1000"]) { $1 }
  }

  /// A fault by its name in the simulator's scripts, with what else its rule says.
  private typealias Fault = (kind: String, more: String)

  /// Four a run: the fifth failure within a minute would open the circuit.
  private static let groups = 0..<4

  private func group<Element>(_ number: Int, of all: [Element]) -> ArraySlice<Element> {
    all.dropFirst(4 * number).prefix(4)
  }

  private func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, after fault: Fault) {
    #expect(value == expected, "after \(fault)")
  }

  @Test(
    "an exit is cancelled when the other has filled, however the broker answers the cancel",
    arguments: ["dhan", "fyers"], groups)
  func cancels(broker: String, number: Int) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: environment(simulator, broker))
    let all: [Fault] = [
      ("reset_before", ""), ("reset_after", ""), ("close_after", ""), ("cut", ""), ("html", ""),
      ("html", "\"taken\":false"), ("status", "\"status\":500"), ("status_after", "\"status\":502"), ("empty", ""),
      ("broken_json", "\"taken\":false"), ("garbage", ""), ("blackhole_before", ""), ("blackhole_after", ""),
      ("too_many_calls", "\"retry_after\":\"1\""), ("twice", ""), ("huge", "\"bytes\":30000000"),
    ]
    let faults = group(number, of: all)
    var brackets: [String] = []
    for (index, fault) in faults.enumerated() {
      let alert = try acceptedAlert(
        RawClient(port: engine.port).post(
          "/webhook",
          AlertBodies.option(engine.secret, quantity: 30 * (index + 1), exits: ",\"sl\":\"40\",\"tp\":\"4000\"")))
      let legs = try engine.legs(of: alert) {
        $0.compactMap { $0["outcome"] as? String } == ["filled", "accepted", "accepted"]
      }
      try simulator.add(fault.kind, on: "\(broker).cancel", fault.more)
      try simulator.fill(try #require(legs.last?["order_id"] as? String, "\(legs)"))
      brackets.append(alert)
    }
    for (alert, fault) in zip(brackets, faults) {
      let wanted = ["filled", "cancelled", "filled"]
      expectEqual(try engine.outcomes(of: alert) { $0 == wanted }, wanted, after: fault)
    }
    #expect(try simulator.received().acknowledged == 3 * faults.count)
    try expectEqualBooks(engine, simulator)
  }

  @Test(
    "a lost answer is found in the book, however many readings of it go wrong first", arguments: ["dhan", "fyers"],
    groups)
  func bookReadings(broker: String, number: Int) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: environment(simulator, broker))
    let all: [Fault] = [
      ("reset_before", ""), ("close_after", ""), ("cut", ""), ("html", ""), ("status", "\"status\":500"), ("empty", ""),
      ("broken_json", ""), ("garbage", ""), ("blackhole_before", ""), ("drip", "\"milliseconds\":200"),
      ("too_many_calls", ""), ("huge", "\"bytes\":200000000"), ("interim", "\"interim_count\":100"),
    ]
    let faults = group(number, of: all)
    for (index, fault) in faults.enumerated() {
      let more = fault.more.isEmpty ? "" : "," + fault.more
      try simulator.add(fault.kind, on: "\(broker).orders", "\"count\":2" + more)
      try simulator.add("reset_after", on: "\(broker).place")
      let alert = try acceptedAlert(
        RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "\(index)")))
      expectEqual(try engine.outcomes(of: alert) { $0 == ["filled"] }, ["filled"], after: fault)
    }
    #expect(try simulator.received().acknowledged == faults.count)
    try expectEqualBooks(engine, simulator)
  }

  @Test(
    "nothing is sent again while the book cannot be read, and all is told while it lasts", arguments: ["dhan", "fyers"])
  func unreadableBook(broker: String) throws {
    let simulator = try SimulatorProcess()
    let engine = try EngineProcess(environment: environment(simulator, broker))
    try simulator.add("status", on: "\(broker).orders", "\"count\":0,\"status\":503")
    try simulator.add("reset_before", on: "\(broker).place")
    let alert = try acceptedAlert(
      RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "a")))
    let outcomes = try engine.outcomes(of: alert, seconds: 8) { _ in false }
    #expect(outcomes == ["unknown"])
    #expect(try simulator.received().acknowledged == 0)
    // The instrument takes no new entry until somebody knows.
    let second = try RawClient(port: engine.port).post("/webhook", AlertBodies.native(engine.secret, id: "b"))
    #expect(second.errorCodes == ["risk.unknownOrderOpen"], "\(second.body)")
  }

  @Test("overlapped waits for the book at a start that may have lost something, and at no first one")
  func overlappedStart() throws {
    let simulator = try SimulatorProcess()
    let settings = environment(simulator, "dhan").merging(["DURABILITY": "overlapped"]) { $1 }
    try simulator.add("status", on: "dhan.orders", "\"count\":0,\"status\":503")
    let first = try EngineProcess(environment: settings)
    #expect(first.stop() == 0)
    let second = try EngineProcess(starting: first.directory, environment: settings)
    #expect(second.waitForLog("broker.bookUnreadable") != nil)
    #expect(!second.log.contains("engine.ready"))
    #expect(second.stop() == 0)
  }
}
