import BrokerSimulation
import HTTP
import OrderDomain
import Ring
import Testing

/// The same over real sockets: what of a delivery reaches a client.
@Suite(.timeLimit(.minutes(2)))
struct SocketTests {
  private func withSimulator(_ body: (SimulatorService, Desk) async throws -> Void) async throws {
    var settings = SimulationSettings()
    settings.amplitude = 0
    let simulation = Simulation(settings: settings, symbols: try Desk.symbols.get(), wall: machineTime())
    let service = try await SimulatorService.start(simulation)
    var desk = try Desk()
    desk.simulation = simulation
    do {
      try await body(service, desk)
    } catch {
      await service.stop()
      throw error
    }
    await service.stop()
  }

  private func post(_ path: String, _ body: String, _ fields: [String: String] = [:]) -> String {
    let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
    return "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)"
  }

  private func order(_ desk: Desk, isLast: Bool = true) -> String {
    let client = desk.simulation.dhan.clients[0]
    let fields = ["access-token": client.token, "Connection": isLast ? "close" : "keep-alive"]
    return post("/v2/orders", desk.dhanOrder(), fields)
  }

  private func script(_ service: SimulatorService, _ rule: String) throws {
    let control = try RawClient(port: service.controlAddress.port)
    try control.send(post("/faults", rule))
    #expect(try control.readAnswer().status == 200)
  }

  @Test func `orders are placed on a kept connection at both brokers`() async throws {
    try await withSimulator { service, desk in
      let client = try RawClient(port: service.address.port)
      try client.send(order(desk, isLast: false))
      let dhan = try client.readAnswer()
      #expect(dhan.status == 200)
      #expect(dhan.body.contains("TRANSIT"))
      let account = desk.simulation.fyers.clients[0]
      let fields = ["Authorization": "\(account.appID):\(account.token)"]
      try client.send(post("/api/v3/orders/sync", desk.fyersOrder(), fields))
      #expect(try client.readAnswer().body.contains("1101"))
    }
  }

  @Test(arguments: [
    (#"{"on":"dhan.place","fault":"reset_before"}"#, RawClient.End.reset, "", 0),
    (#"{"on":"dhan.place","fault":"reset_after"}"#, .reset, "", 1),
    (#"{"on":"dhan.place","fault":"close_after"}"#, .closed, "", 1),
    (#"{"on":"dhan.place","fault":"blackhole_after"}"#, .silence, "", 1),
    (#"{"on":"dhan.place","fault":"cut","ending":"reset"}"#, .reset, #"{"orderId""#, 1),
    (#"{"on":"dhan.place","fault":"cut","ending":"close"}"#, .closed, #"{"orderId""#, 1),
    (#"{"on":"dhan.place","fault":"cut","ending":"silence"}"#, .silence, #"{"orderId""#, 1),
    (#"{"on":"dhan.place","fault":"twice"}"#, .closed, "TRANSIT", 1),
    (#"{"on":"dhan.place","fault":"interim","interim_count":3}"#, .closed, "HTTP/1.1 103 Early Hints", 1),
    (#"{"on":"dhan.place","fault":"delay_after","milliseconds":30}"#, .closed, "TRANSIT", 1),
    (#"{"on":"dhan.place","fault":"delay_before","milliseconds":30}"#, .closed, "TRANSIT", 1),
    (#"{"on":"dhan.place","fault":"huge","bytes":3000000}"#, .closed, "Content-Length: 3000000", 1),
    (#"{"on":"dhan.place","fault":"drip","milliseconds":1}"#, .closed, "Transfer-Encoding: chunked", 1),
  ])
  func `a fault ends the connection as it says, with the order taken or not`(
    _ rule: String, _ end: RawClient.End, _ part: String, _ count: Int
  ) async throws {
    try await withSimulator { service, desk in
      try script(service, rule)
      let client = try RawClient(port: service.address.port, seconds: end == .silence ? 2 : 20)
      try client.send(order(desk))
      let (text, ending) = client.readToEnd()
      #expect(ending == end, "\(text.prefix(200))")
      #expect(part.isEmpty ? text.isEmpty : text.contains(part), "\(text.prefix(200))")
      if rule.contains("cut") { #expect(!text.contains("}")) }
      if rule.contains("twice") { #expect(text.split(separator: "HTTP/1.1 200 OK").count == 2) }
      let control = try RawClient(port: service.controlAddress.port)
      try control.send("GET /received/summary HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try control.readAnswer().body.contains(#""acknowledged":\#(count)"#))
    }
  }

  @Test func `what is no HTTP is refused, and the simulator lives on`() async throws {
    try await withSimulator { service, desk in
      for bytes in [
        "\u{0}\u{1}\u{2}", "GET\r\n\r\n", "POST /v2/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      ] {
        let client = try RawClient(port: service.address.port)
        try client.send(bytes + "\r\n\r\n")
        #expect(try client.readAnswer().status >= 400)
      }
      let client = try RawClient(port: service.address.port)
      try client.send("GET /%FF HTTP/1.1\r\nHost: x\r\n\r\n" + order(desk))
      #expect(try client.readAnswer().status == 400)
      #expect(try client.readAnswer().status == 200)
    }
  }
}
