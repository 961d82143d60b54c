package import HTTP
import OrderDomain
package import Ring

/// One simulation behind two servers: the brokers' port, and the control port.
///
/// @unchecked: the loop's thread alone touches it once it serves.
package final class SimulatorEndpoints: @unchecked Sendable {
  package var simulation: Simulation
  let loop: EventLoop
  private let feeds: FeedHub
  /// Between the first half of a cut answer and its end, so that the client can read that half.
  static let cutPause = Duration.milliseconds(20)

  package init(simulation: Simulation, loop: EventLoop) {
    self.simulation = simulation
    self.loop = loop
    feeds = FeedHub(loop: loop)
  }

  /// On the loop's thread, before the loop ends.
  func close() { feeds.close() }

  package var brokers: any HTTPHandler { BrokerHandler(self) }
  package var control: any HTTPHandler { ControlHandler(self) }

  /// For both ports: bodies up to 1 MiB, and answers that may take as long as a script wants.
  package static func configuration() -> HTTPServerConfiguration {
    var configuration = HTTPServerConfiguration(wallClock: { machineTime().nanoseconds / 1_000_000_000 })
    configuration.message.bodyLength = 1 << 20
    configuration.message.targetLength = 16 * 1024
    configuration.connection.answerLimit = .seconds(86_400)
    configuration.connection.idleLimit = .seconds(600)
    configuration.streamBacklogLimit = 64 << 20
    return configuration
  }

  func receive(_ request: BrokerRequest, _ responder: HTTPResponder) {
    if request.fields["upgrade"]?.lowercased() == "websocket" { return feeds.open(request, responder, self) }
    answer(request, responder)
  }

  /// `GET /feeds` counts the open order sockets, `DELETE /feeds` resets them; the rest is the simulation's.
  func control(_ request: BrokerRequest) -> HTTPResponse {
    if request.path == "/feeds", request.method == .get || request.method == .delete {
      let count = feeds.count
      if request.method == .delete { feeds.resetAll() }
      return Answers.object { $0.integer("feeds", count) }
    }
    let response = simulation.control(request, wall: machineTime())
    feeds.pump(self)
    return response
  }

  private func answer(_ request: BrokerRequest, _ responder: HTTPResponder, isHeldUp: Bool = false) {
    defer { feeds.pump(self) }
    switch simulation.answer(request, wall: machineTime(), isHeldUp: isHeldUp) {
    case .answer(let response): responder.respond(response)
    case .answerLater(let response, let nanoseconds):
      loop.schedule(after: .nanoseconds(nanoseconds)) { responder.respond(response) }
    case .postpone(let nanoseconds):
      loop.schedule(after: .nanoseconds(nanoseconds)) { [self] in answer(request, responder, isHeldUp: true) }
    case .silence: break
    case .reset: responder.reset()
    case .close: responder.respond(raw: [], closes: true)
    case .half(let response, let ending): sendHalf(bytes(response), ending, responder)
    case .drip(let response, let nanoseconds): drip(response, nanoseconds, responder)
    case .twice(let response):
      let once = bytes(response)
      responder.respond(raw: once + once, closes: false)
    case .interim(let response, let count):
      let hint = Array("HTTP/1.1 103 Early Hints\r\nLink: </>; rel=preload\r\n\r\n".utf8)
      for _ in 0..<count { responder.write(ahead: hint) }
      responder.respond(response)
    }
  }

  private func bytes(_ response: HTTPResponse) -> [UInt8] {
    var serializer = ResponseSerializer()
    serializer.setDate(unixSeconds: machineTime().nanoseconds / 1_000_000_000)
    var bytes: [UInt8] = []
    serializer.write(response, for: ResponseSerializer.Context(), to: &bytes)
    return bytes
  }

  /// All of the head, and half of the body.
  private func sendHalf(_ bytes: [UInt8], _ ending: Fault.Ending, _ responder: HTTPResponder) {
    let end = Array("\r\n\r\n".utf8)
    let head = (0..<max(0, bytes.count - 3)).first { bytes[$0..<($0 + 4)].elementsEqual(end) }.map { $0 + 4 } ?? 0
    let part = Array(bytes[..<(head + (bytes.count - head) / 2)])
    switch ending {
    case .close: responder.respond(raw: part, closes: true)
    case .silence: responder.write(ahead: part)
    case .reset:
      responder.write(ahead: part)
      loop.schedule(after: Self.cutPause) { responder.reset() }
    }
  }

  /// In chunks of a byte.
  private func drip(_ response: HTTPResponse, _ nanoseconds: Int64, _ responder: HTTPResponder) {
    guard let stream = responder.startStream(response.status, fields: response.fields, onClose: {}) else { return }
    dripNext(response.body, 0, nanoseconds, stream)
  }

  private func dripNext(_ body: [UInt8], _ index: Int, _ nanoseconds: Int64, _ stream: HTTPStream) {
    guard index < body.count else { return stream.end() }
    guard stream.send(body.span.extracting(index..<(index + 1))) else { return }
    loop.schedule(after: .nanoseconds(nanoseconds)) { [self] in dripNext(body, index + 1, nanoseconds, stream) }
  }
}

private final class BrokerHandler: HTTPHandler {
  private let endpoints: SimulatorEndpoints

  init(_ endpoints: SimulatorEndpoints) { self.endpoints = endpoints }

  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    guard let request = BrokerRequest(request) else {
      return responder.respond(Answers.page(400, "Bad Request"))
    }
    endpoints.receive(request, responder)
  }
}

private final class ControlHandler: HTTPHandler {
  private let endpoints: SimulatorEndpoints

  init(_ endpoints: SimulatorEndpoints) { self.endpoints = endpoints }

  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    guard let request = BrokerRequest(request) else {
      return responder.respond(Answers.page(400, "Bad Request"))
    }
    responder.respond(endpoints.control(request))
  }
}
