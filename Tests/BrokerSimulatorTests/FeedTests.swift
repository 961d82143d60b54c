import BrokerSimulation
import HTTP
import OrderDomain
import Ring
import Testing

/// The brokers' order sockets.
@Suite(.timeLimit(.minutes(2)))
struct FeedTests {
  /// A client's frame, masked (RFC 6455 5.3).
  private static func masked(_ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true) -> [UInt8] {
    let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    var frame: [UInt8] = [(isLast ? 0x80 : 0) | opcode]
    if payload.count < 126 {
      frame.append(0x80 | UInt8(payload.count))
    } else {
      frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    }
    return frame + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
  }

  // MARK: RFC 6455

  @Test func `the handshake is answered as in RFC 6455 section 1.3`() {
    #expect(WebSocket.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }

  @Test func `the masked hello of RFC 6455 section 5.7 is read`() throws {
    var reader = WebSocketReader()
    reader.append([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58].span)
    #expect(try reader.next() == .text(Array("Hello".utf8)))
    #expect(try reader.next() == nil)
  }

  @Test func `any split of the same bytes gives the same messages`() throws {
    let long = [UInt8](repeating: 0x61, count: 300)
    let stream =
      Self.masked(1, long, isLast: false) + Self.masked(9, [1, 2]) + Self.masked(0, Array("b".utf8))
      + Self.masked(2, []) + Self.masked(10, []) + Self.masked(8, [0x03, 0xE8])
    let expected: [WebSocketReader.Message] = [
      .ping([1, 2]), .text(long + Array("b".utf8)), .binary([]), .pong, .close,
    ]
    for size in [1, 2, 3, 5, 7, 100, stream.count] {
      var reader = WebSocketReader()
      var found: [WebSocketReader.Message] = []
      for start in stride(from: 0, to: stream.count, by: size) {
        reader.append(stream.span.extracting(start..<min(start + size, stream.count)))
        while let message = try reader.next() { found.append(message) }
      }
      #expect(found == expected)
    }
  }

  @Test(arguments: [
    [0x81, 0x01, 0x61], [0xC1, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0], [0x09, 0x80, 0, 0, 0, 0],
    [0x89, 0xFE, 0, 126, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0],
    [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
    [0x01, 0x80, 0, 0, 0, 0, 0x01, 0x80, 0, 0, 0, 0],
  ])
  func `what breaks the protocol is refused`(_ bytes: [UInt8]) {
    var reader = WebSocketReader()
    reader.append(bytes.span)
    #expect(throws: WebSocketReader.Violation.self) { while try reader.next() != nil {} }
  }

  @Test(arguments: [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
  func `frames to a client have the shortest length that fits`(_ count: Int, _ head: Int) {
    #expect(WebSocket.frame(.text, [UInt8](repeating: 0, count: count)).count == head + count)
  }

  // MARK: Dhan

  private func messages(_ desk: inout Desk, _ session: FeedSession) -> [JSONValue] {
    desk.simulation.advance(wall: desk.now)
    return desk.simulation.takeNews().flatMap { desk.simulation.messages($0, to: session) }.map { bytes in
      (try? JSONValue(parsing: bytes.span)) ?? .null
    }
  }

  @Test func `a Dhan client hears of each step of his orders, in title case`() throws {
    var desk = try Desk()
    desk.simulation.setListening(true)
    var session = FeedSession(.dhan(nil))
    let token = desk.simulation.dhan.clients[0].token
    let login = #"{"LoginReq":{"MsgCode":42,"ClientId":"1000000001","Token":"\#(token)"},"UserType":"SELF"}"#
    #expect(session.receive(.text(Array(login.utf8)), desk.simulation) == [])
    _ = desk.dhan(.post, "/orders", desk.dhanOrder(["price": "2600"]))
    _ = desk.fyers(.post, "/api/v3/orders/sync", desk.fyersOrder())
    desk.wait(milliseconds: 30)
    let heard = messages(&desk, session)
    #expect(heard.allSatisfy { $0["Type"]?.text == "order_alert" })
    #expect(heard.map { $0["Data"]?["status"]?.text } == ["Transit", "Pending", "Traded"])
    let last = heard.last?["Data"]
    #expect(last?["correlationId"]?.text == "tag-1")
    #expect(last?["tradedQty"]?.integer == 10)
    #expect(last?["remainingQuantity"]?.integer == 0)
    #expect(last?["orderType"]?.text == "LMT")
    _ = desk.control(.patch, "/settings", #"{"dhan_feed_pascal_case":true}"#)
    _ = desk.dhan(.post, "/orders", desk.dhanOrder())
    #expect(messages(&desk, session).first?["Data"]?["OrderNo"] != nil)
  }

  @Test(arguments: [
    "", "x", "{}", #"{"LoginReq":{"MsgCode":42,"ClientId":"1000000001","Token":"nonsense"}}"#,
    #"{"LoginReq":{"MsgCode":41,"ClientId":"1000000001","Token":"nonsense"}}"#,
  ])
  func `a bad login is answered by a reset`(_ text: String) throws {
    let desk = try Desk()
    var session = FeedSession(.dhan(nil))
    #expect(session.receive(.text(Array(text.utf8)), desk.simulation) == [.reset])
  }

  // MARK: Fyers

  @Test func `a Fyers client hears raw frames of what he subscribed to`() throws {
    var desk = try Desk()
    desk.simulation.setListening(true)
    var session = FeedSession(.fyers(0, []))
    let subscription = #"{"T":"SUB_ORD","SLIST":["orders","trades","positions"],"SUB_T":1}"#
    #expect(
      session.receive(.text(Array(subscription.utf8)), desk.simulation)
        == [.send(.text, Array(#"{"code":1605,"message":"Successfully subscribed","s":"ok"}"#.utf8))])
    #expect(session.receive(.text(Array("ping".utf8)), desk.simulation) == [.send(.text, Array("pong".utf8))])
    _ = desk.fyers(.post, "/api/v3/orders/sync", desk.fyersOrder())
    desk.wait(milliseconds: 30)
    let heard = messages(&desk, session)
    let orders = heard.compactMap { $0["orders"] }
    #expect(orders.map { $0["org_ord_status"]?.integer } == [4, 6, 2])
    #expect(orders.map { $0["ord_status"]?.integer } == [20, 20, 90])
    #expect(orders.allSatisfy { $0["ordertag"]?.text == "1:tag1" })
    #expect(orders[0]["qty_filled"] == nil)
    #expect(orders[2]["qty_filled"]?.integer == 1)
    #expect(heard.compactMap { $0["trades"] }.map { $0["qty_traded"]?.integer } == [1])
    #expect(heard.compactMap { $0["positions"] }.map { $0["net_qty"]?.integer } == [1])
  }

  @Test func `a handshake without a token is refused by 403, elsewhere by 404`() throws {
    let desk = try Desk()
    let client = desk.simulation.fyers.clients[0]
    func open(_ path: String, _ token: String, query: [(name: String, value: String)] = []) -> Simulation.Handshake {
      desk.simulation.openFeed(
        BrokerRequest(.get, path, query: query, fields: ["authorization": "\(client.appID):\(token)"]))
    }
    #expect(open("/trade/v3", client.token) == .welcome(.fyers(0, [])))
    #expect(open("/trade/v3", "nonsense") == .refused(status: 403))
    #expect(open("/trade/v4", client.token) == .refused(status: 404))
    #expect(open("/", "") == .welcome(.dhan(nil)))
    #expect(open("/", "", query: [("version", "2")]) == .refused(status: 404))
  }

  @Test func `messages come twice, or after the next, as the settings say`() {
    var settings = SimulationSettings()
    settings.feedDuplicateEvery = 3
    var session = FeedSession(.dhan(0))
    #expect((0..<6).flatMap { session.pass([$0], settings) } == [[0], [1], [2], [2], [3], [4], [5], [5]])
    settings.feedDuplicateEvery = 0
    settings.feedHoldEvery = 2
    session = FeedSession(.dhan(0))
    #expect((0..<5).flatMap { session.pass([$0], settings) } == [[0], [2], [1], [4], [3]])
  }

  // MARK: Sockets

  @Test func `an order is heard of over a socket without being asked for`() async throws {
    var settings = SimulationSettings()
    settings.amplitude = 0
    let simulation = Simulation(settings: settings, symbols: try Desk.symbols.get(), wall: machineTime())
    let service = try await SimulatorService.start(simulation)
    defer { Task { await service.stop() } }
    var desk = try Desk()
    desk.simulation = simulation
    let client = simulation.dhan.clients[0]

    let feed = try RawClient(port: service.address.port)
    let login = #"{"LoginReq":{"MsgCode":42,"ClientId":"\#(client.id)","Token":"\#(client.token)"},"UserType":"SELF"}"#
    // The first frame in the same bytes as the handshake.
    try feed.send(
      Array(
        ("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8) + Self.masked(1, Array(login.utf8)))
    let handshake = try feed.readAnswer()
    #expect(handshake.status == 101)
    #expect(handshake.head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    try feed.send(Self.masked(9, Array("x".utf8)))
    #expect(try feed.read(count: 3) == [0x8A, 1, UInt8(ascii: "x")])

    let caller = try RawClient(port: service.address.port)
    let body = desk.dhanOrder(["price": "2600"])
    try caller.send(
      "POST /v2/orders HTTP/1.1\r\nHost: x\r\naccess-token: \(client.token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        + body)
    #expect(try caller.readAnswer().status == 200)
    var statuses: [String?] = []
    for _ in 0..<3 {
      let head = try feed.read(count: 4)
      #expect(head[0] == 0x81 && head[1] == 126)
      let payload = try feed.read(count: Int(head[2]) << 8 | Int(head[3]))
      statuses.append(try JSONValue(parsing: payload.span)["Data"]?["status"]?.text)
    }
    #expect(statuses == ["Transit", "Pending", "Traded"])

    try feed.send(Self.masked(8, [0x03, 0xE8]))
    #expect(feed.readToEnd().end == .closed)
    let stranger = try RawClient(port: service.address.port)
    try stranger.send(
      Array(
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n".utf8)
        + Self.masked(1, Array("{}".utf8)))
    #expect(stranger.readToEnd().end == .reset)
  }
}
