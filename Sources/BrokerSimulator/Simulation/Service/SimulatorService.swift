import Actors
import HTTP
import OrderDomain
package import Ring

/// A simulation that listens: starts its own loop, and ends with it.
package final class SimulatorService: Sendable {
  package let endpoints: SimulatorEndpoints
  package let address: SocketAddress
  package let controlAddress: SocketAddress
  private let thread: EventLoopThread
  private let servers: [HTTPServer]

  private init(
    _ endpoints: SimulatorEndpoints, _ address: SocketAddress, _ controlAddress: SocketAddress,
    _ thread: EventLoopThread, _ servers: [HTTPServer]
  ) {
    self.endpoints = endpoints
    self.address = address
    self.controlAddress = controlAddress
    self.thread = thread
    self.servers = servers
  }

  /// Port 0 lets the kernel choose. The control port is for this machine alone.
  package static func start(
    _ simulation: Simulation, host: String = "127.0.0.1", port: UInt16 = 0, controlPort: UInt16 = 0
  ) async throws -> SimulatorService {
    let address = try SocketAddress(host: host, port: port)
    let thread = try EventLoop.start(name: "simulator")
    let loop = thread.loop
    let endpoints = SimulatorEndpoints(simulation: simulation, loop: loop)
    let servers = [endpoints.brokers, endpoints.control].map {
      HTTPServer(loop: loop, configuration: SimulatorEndpoints.configuration(), handler: $0)
    }
    let bound: Result<(SocketAddress, SocketAddress), RingError> = await withCheckedContinuation { continuation in
      loop.execute {
        do throws(RingError) {
          let broker = try servers[0].listen(on: address)
          let control = try servers[1].listen(on: .loopback(port: controlPort))
          continuation.resume(returning: .success((broker, control)))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    switch bound {
    case .success(let (broker, control)): return SimulatorService(endpoints, broker, control, thread, servers)
    case .failure(let error):
      await thread.stopAndWait()
      throw error
    }
  }

  /// The addresses and the clients' credentials as one line of JSON.
  package func description() async -> String {
    let simulation = await withCheckedContinuation { continuation in
      thread.loop.execute { [endpoints] in continuation.resume(returning: endpoints.simulation) }
    }
    var writer = JSONWriter()
    writer.object { json in
      json.string("url", "http://\(address)")
      json.integer("port", address.port)
      json.string("control_url", "http://\(controlAddress)")
      json.integer("control_port", controlAddress.port)
      json.integer("symbols", simulation.floor.symbols.table.rowCount)
      simulation.writeClients(&json)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  package func stop() async {
    await withCheckedContinuation { continuation in
      thread.loop.execute { [servers, thread, endpoints] in
        endpoints.close()
        let deadline = thread.loop.time
        servers[0].drain(deadline: deadline) { _ in
          servers[1].drain(deadline: deadline) { _ in continuation.resume() }
        }
      }
    }
    await thread.stopAndWait()
  }
}
