import BrokerSimulation
import Brokers
import HTTP
import OrderDomain
import Ring
import SimulatedExchange
import TestSupport

@testable import OrderEngine

/// One account at a simulated broker, over sockets: gateway, HTTP client, loopback, simulator.
final class SimulatedBrokerFixture: Sendable {
  let gateway: any BrokerAccount
  let token: Secret
  private let client: HTTPClient
  private let thread: EventLoopThread
  private let service: SimulatorService
  private let controlURL: String

  init(_ broker: Broker) async throws {
    var settings = SimulationSettings()
    settings.amplitude = 0
    settings.latency.transit = 0
    settings.latency.match = 0
    let symbols = try SymbolCatalogue.sample(on: Sample.opening.indianDate)
    let simulation = Simulation(settings: settings, symbols: symbols, wall: Sample.opening)
    let (dhan, fyers) = (simulation.dhan.clients[0], simulation.fyers.clients[0])
    service = try await SimulatorService.start(simulation)
    controlURL = "http://\(service.controlAddress)"
    thread = try EventLoop.start(name: "gateway")
    client = try HTTPClient(loop: thread.loop)
    let line = BrokerLine(
      transport: HTTPBrokerTransport(client: client, trading: "http://\(service.address)/"),
      deadlines: BrokerDeadlines(orders: .seconds(2), reads: .seconds(2)),
      wallClock: ManualWallClock(Sample.opening))
    switch broker {
    case .fyers:
      gateway = FyersGateway(settings: FyersSettings(appID: fyers.appID), line: line)
      token = Secret(fyers.token)
    case .dhan, .paper:
      gateway = DhanGateway(settings: DhanSettings(clientID: dhan.id), line: line)
      token = Secret(dhan.token)
    }
  }

  func stop() async {
    let client = client
    let loop = thread.loop
    await withCheckedContinuation { continuation in
      loop.execute {
        client.close()
        continuation.resume()
      }
    }
    await thread.stopAndWait()
    await service.stop()
  }

  /// A call to the simulator's control port.
  func control(_ path: String, _ body: String) async throws {
    let response = try await client.send(
      HTTPClientRequest(
        .post, controlURL + path, fields: try HTTPFields(["Content-Type": "application/json"]), body: Array(body.utf8)))
    guard response.status.code == 200 else { throw Failure(text: String(decoding: response.body, as: UTF8.self)) }
  }

  /// What the whole book says of the orders under a tag; `nil` when it cannot be read.
  func reports(tagged tag: CorrelationID) async -> [OrderReport]? {
    do throws(BrokerReadFailure) {
      let book = try await gateway.orderBook(token: token)
      return book.filter { $0.correlationID == tag }.compactMap { $0.report(at: Sample.opening) }
    } catch {
      return nil
    }
  }

  struct Failure: Error { let text: String }

  /// Places the order of a leg of its own.
  func place(
    _ leg: Int, _ type: OrderType, quantity: Int64 = 10, side: Side = .buy
  ) async -> (id: CorrelationID, outcome: PlacementOutcome) {
    let order = Sample.order(Sample.leg(leg, side, .fixed(type), quantity: quantity))
    return (order.subject.correlationID, await gateway.place(order, token: token))
  }
}
