import BrokerSimulation
import HTTP
import OrderDomain
import Ring
import Synchronization
import Testing

/// What each broker posts of a client's orders to the address that he gave.
@Suite(.timeLimit(.minutes(1)))
struct PostbackTests {
  /// Takes posts and keeps their bodies; answers with `status`.
  private final class Mailbox: HTTPHandler, Sendable {
    let bodies = Mutex<[String]>([])
    let status: HTTPStatus

    init(_ status: HTTPStatus) { self.status = status }

    func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
      let body = request.body
      bodies.withLock { $0.append(String(decoding: body.indices.map { body[$0] }, as: UTF8.self)) }
      responder.respond(HTTPResponse(status))
    }

    func wait(for count: Int) async -> [String] {
      while bodies.withLock({ $0.count }) < count, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
      return bodies.withLock { $0 }
    }
  }

  private func withMailbox(
    _ status: HTTPStatus = .ok, _ body: (SimulatorService, Desk, Mailbox, UInt16) async throws -> Void
  ) async throws {
    var settings = SimulationSettings()
    settings.amplitude = 0
    let simulation = Simulation(settings: settings, symbols: try Desk.symbols.get(), wall: machineTime())
    let service = try await SimulatorService.start(simulation)
    var desk = try Desk()
    desk.simulation = simulation
    let mailbox = Mailbox(status)
    let thread = try EventLoop.start(name: "mailbox")
    let server = HTTPServer(
      loop: thread.loop, configuration: SimulatorEndpoints.configuration(), handler: mailbox)
    let bound: Result<SocketAddress, RingError> = await withCheckedContinuation { continuation in
      thread.loop.execute {
        do throws(RingError) {
          continuation.resume(returning: .success(try server.listen(on: .loopback(port: 0))))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(service, desk, mailbox, try bound.get().port))
    } catch {
      result = .failure(error)
    }
    await service.stop()
    await withCheckedContinuation { continuation in
      thread.loop.execute { server.drain(deadline: thread.loop.time) { _ in continuation.resume() } }
    }
    await thread.stopAndWait()
    try result.get()
  }

  private func expect(_ status: Int, _ port: UInt16, _ path: String, _ body: String, _ fields: [String: String] = [:])
    throws
  {
    let answered = try post(port, path, body, fields)
    #expect(answered == status)
  }

  private func post(_ port: UInt16, _ path: String, _ body: String, _ fields: [String: String] = [:]) throws -> Int {
    let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
    let client = try RawClient(port: port)
    try client.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)")
    return try client.readAnswer().status
  }

  @Test func `Dhan posts the order object at each step, with its own name for what has filled`() async throws {
    try await withMailbox { service, desk, mailbox, port in
      let client = desk.simulation.dhan.clients[0]
      let control = service.controlAddress.port
      try expect(200, control, "/clients/\(client.id)", "{\"postback\":\"http://127.0.0.1:\(port)/\"}")
      let order = desk.dhanOrder(["price": "2600.0"])
      try expect(200, service.address.port, "/v2/orders", order, ["access-token": client.token])
      let told = await mailbox.wait(for: 3)
      try #require(told.count == 3)
      #expect(told[0].contains("\"orderStatus\":\"TRANSIT\"") && told[0].contains("\"filled_qty\":0"))
      #expect(told[1].contains("\"orderStatus\":\"PENDING\""))
      #expect(told[2].contains("\"orderStatus\":\"TRADED\"") && !told[2].contains("\"filled_qty\":0"))
      #expect(told.allSatisfy { !$0.contains("remainingQuantity") && !$0.contains("averageTradedPrice") })
    }
  }

  @Test func `Fyers posts what an app may choose, without the tag`() async throws {
    try await withMailbox { service, desk, mailbox, port in
      let client = desk.simulation.fyers.clients[0]
      let control = service.controlAddress.port
      try expect(200, control, "/clients/\(client.id)", "{\"postback\":\"http://127.0.0.1:\(port)/\"}")
      let fields = ["Authorization": "\(client.appID):\(client.token)"]
      try expect(200, service.address.port, "/api/v3/orders/sync", desk.fyersOrder(), fields)
      let told = await mailbox.wait(for: 2)
      try #require(told.count == 2)
      #expect(told.allSatisfy { $0.contains("\"filledQty\":") && !$0.contains("orderTag") })
      #expect(told[1].contains("\"status\":2"))
    }
  }

  @Test func `an address that fails three times in a row is left alone`() async throws {
    try await withMailbox(.internalServerError) { service, desk, mailbox, port in
      let client = desk.simulation.dhan.clients[0]
      let control = service.controlAddress.port
      try expect(200, control, "/clients/\(client.id)", "{\"postback\":\"http://127.0.0.1:\(port)/\"}")
      for _ in 0..<3 {
        try expect(200, service.address.port, "/v2/orders", desk.dhanOrder(), ["access-token": client.token])
      }
      #expect(await mailbox.wait(for: 3).count == 3)
      try await Task.sleep(for: .milliseconds(300))
      #expect(mailbox.bodies.withLock { $0.count } == 3)
    }
  }

  @Test func `news is posted to this machine alone`() async throws {
    try await withMailbox { service, desk, _, _ in
      let path = "/clients/\(desk.simulation.dhan.clients[0].id)"
      for address in ["http://example.com/", "https://127.0.0.1:1/", "http://127.0.0.1.example.com/"] {
        try expect(400, service.controlAddress.port, path, "{\"postback\":\"\(address)\"}")
      }
    }
  }
}
