import HTTP
import OrderDomain
import Ring

/// The open order sockets of one simulation, and its postbacks. The loop's thread alone.
final class FeedHub {
  private final class Line {
    var session: FeedSession
    var reader = WebSocketReader()
    var tunnel: HTTPTunnel?

    init(_ session: FeedSession) { self.session = session }
  }

  /// More than any test listens with.
  static let lineLimit = 1_000

  private let loop: EventLoop
  private var lines: [UInt64: Line] = [:]
  private var order: [UInt64] = []
  private var timer: TimerID?
  private let postman: Postman

  init(loop: EventLoop) {
    self.loop = loop
    postman = Postman(loop: loop)
  }

  /// Before the loop ends.
  func close() { postman.close() }

  var count: Int { lines.count }

  /// Answers a WebSocket's opening request.
  func open(_ request: BrokerRequest, _ responder: HTTPResponder, _ endpoints: SimulatorEndpoints) {
    guard request.method == .get, let key = request.fields["sec-websocket-key"], lines.count < Self.lineLimit else {
      return responder.respond(HTTPResponse(.badRequest))
    }
    switch endpoints.simulation.openFeed(request) {
    case .refused(let status): responder.respond(HTTPResponse(HTTPStatus(status), closesConnection: true))
    case .welcome(let broker):
      let head =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: \(WebSocket.accept(key: key))\r\n\r\n"
      let line = Line(FeedSession(broker))
      let id = responder.requestID
      line.tunnel = responder.startTunnel(
        head: Array(head.utf8),
        onBytes: { [unowned self] in received($0, id, endpoints) },
        onClose: { [unowned self] in drop(id, endpoints) })
      guard line.tunnel != nil else { return }
      lines[id] = line
      order.append(id)
      endpoints.simulation.setListening(true)
    }
  }

  private func received(_ bytes: Span<UInt8>, _ id: UInt64, _ endpoints: SimulatorEndpoints) {
    guard let line = lines[id] else { return }
    line.reader.append(bytes)
    do throws(WebSocketReader.Violation) {
      while let message = try line.reader.next() {
        for reaction in line.session.receive(message, endpoints.simulation) { perform(reaction, id, endpoints) }
      }
    } catch {
      perform(.send(.close, [0x03, 0xEA]), id, endpoints)
      perform(.end, id, endpoints)
    }
    pump(endpoints)
  }

  private func perform(_ reaction: FeedSession.Reaction, _ id: UInt64, _ endpoints: SimulatorEndpoints) {
    guard let tunnel = lines[id]?.tunnel else { return }
    switch reaction {
    case .send(let opcode, let payload): tunnel.send(WebSocket.frame(opcode, payload).span)
    case .reset: tunnel.reset()
    case .end:
      drop(id, endpoints)
      tunnel.end()
    }
  }

  private func drop(_ id: UInt64, _ endpoints: SimulatorEndpoints) {
    guard lines.removeValue(forKey: id) != nil else { return }
    order.removeAll { $0 == id }
    if lines.isEmpty, !endpoints.simulation.hasPostbacks { endpoints.simulation.setListening(false) }
  }

  /// Ends all lines without a word.
  func resetAll() {
    for id in order { lines[id]?.tunnel?.reset() }
  }

  /// Tells what happened, and sees to it that what will happen is told in time.
  func pump(_ endpoints: SimulatorEndpoints) {
    guard !lines.isEmpty || endpoints.simulation.hasPostbacks else { return }
    endpoints.simulation.setListening(true)
    for news in endpoints.simulation.takeNews() {
      for post in endpoints.simulation.postbacks(news) { postman.post(post.body, to: post.address) }
      for id in order {
        guard let line = lines[id] else { continue }
        for message in endpoints.simulation.messages(news, to: line.session) {
          for passed in line.session.pass(message, endpoints.simulation.floor.settings) {
            line.tunnel?.send(WebSocket.frame(.text, passed).span)
          }
        }
      }
    }
    if let old = timer.take() { loop.cancel(old) }
    let wall = machineTime()
    guard let next = endpoints.simulation.nextNewsTime(wall) else { return }
    // Not more often than every millisecond: what is due then is told together.
    let wait = max(1_000_000, next.nanoseconds(since: wall))
    timer = loop.schedule(after: .nanoseconds(wait)) { [unowned self, unowned endpoints] in
      timer = nil
      endpoints.simulation.advance(wall: machineTime())
      pump(endpoints)
    }
  }
}
