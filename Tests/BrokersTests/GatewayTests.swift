import Brokers
import OrderDomain
import TestSupport
import Testing

/// What joins builder, transport and reader, the same at both brokers.
struct GatewayTests {
  struct Make: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isDhan: Bool

    func callAsFunction(_ transport: ScriptedTransport) -> any BrokerAccount {
      let line = BrokerLine(
        transport: transport, deadlines: BrokerDeadlines(orders: .seconds(7), reads: .seconds(4)),
        wallClock: ManualWallClock(BrokerSample.now))
      return isDhan
        ? DhanGateway(settings: DhanSettings(clientID: "1000000001"), line: line)
        : FyersGateway(settings: FyersSettings(appID: "ABCD1234EF-100"), line: line)
    }

    var accepted: String { isDhan ? #"{"orderId":"7","orderStatus":"TRANSIT"}"# : #"{"s":"ok","code":1101,"id":"7"}"# }
    var cancelled: String {
      isDhan ? #"{"orderId":"7","orderStatus":"CANCELLED"}"# : #"{"s":"ok","code":1103,"id":"7"}"#
    }

    func book(_ tag: String) -> String {
      isDhan
        ? "[" + DhanBooksTests.row(["correlationId": "\"\(tag)\""]) + "," + DhanBooksTests.row() + "]"
        : #"{"s":"ok","orderBook":[\#(FyersBooksTests.row(["orderTag": "\"1:\(tag)\""])),\#(FyersBooksTests.row())]}"#
    }
  }

  static let both = [Make(testDescription: "Dhan", isDhan: true), Make(testDescription: "Fyers", isDhan: false)]

  private let order = Sample.order(Sample.leg(1))
  private let token = BrokerSample.token
  private let id = BrokerSample.id("7")

  @Test("each call is sent once, with the deadline of its kind", arguments: both)
  func once(_ make: Make) async throws {
    let transport = ScriptedTransport(.says(200, make.accepted), .says(200, make.cancelled), .says(200, make.book("x")))
    let gateway = make(transport)
    #expect(await gateway.place(order, token: token) == .accepted(id))
    #expect(await gateway.cancel(id, token: token) == .requested)
    #expect(try await gateway.orderBook(token: token).count == 2)
    #expect(transport.calls.map(\.isMutating) == [true, true, false])
    #expect(transport.deadlines == [.seconds(7), .seconds(7), .seconds(4)])
  }

  @Test("nothing that failed is tried again, and each end says what is known", arguments: both)
  func failures(_ make: Make) async {
    let ends: [(BrokerTransportResult, String, String, String)] = [
      (.notSent(cause: "no route"), "notSent", "unsent", "broker.notSent"),
      (.perhapsSent(cause: "reset"), "unknown", "unknown", "broker.noAnswer"),
      (.says(500, "<html>"), "unknown", "unknown", "broker.serverError"),
    ]
    for (result, placing, cancel, code) in ends {
      let transport = ScriptedTransport(result, result, result)
      let gateway = make(transport)
      let placed = await gateway.place(order, token: token)
      #expect(placed.kind == placing)
      #expect(placed.code == code)
      #expect(await gateway.cancel(id, token: token).kind == cancel)
      await #expect(throws: BrokerReadFailure.self) { try await gateway.positions(token: token) }
      #expect(transport.calls.count == 3)
    }
  }

  @Test("without a token nothing is sent", arguments: both)
  func tokenless(_ make: Make) async {
    let transport = ScriptedTransport()
    let gateway = make(transport)
    #expect(await gateway.place(order, token: nil).code == "broker.tokenMissing")
    #expect(await gateway.cancel(id, token: nil).kind == "tokenRefused")
    await #expect(throws: BrokerReadFailure.self) { try await gateway.funds(token: nil) }
    #expect(transport.calls.isEmpty)
  }

  @Test("orders under a tag are found in the whole book, and an unreadable book is not an empty one", arguments: both)
  func tagged(_ make: Make) async throws {
    let other = try #require(CorrelationID(alert: Sample.alert, leg: 2, slice: 1))
    let transport = ScriptedTransport(
      .says(200, make.book(other.description)), .says(500, ""), .perhapsSent(cause: "time"), .says(200, "{"))
    let gateway = make(transport)
    let book = try await gateway.orderBook(token: token)
    #expect(book.map(\.correlationID) == [other, BrokerSample.tag])
    #expect(book.compactMap { $0.report(at: BrokerSample.now)?.transition } == [.accepted, .accepted])
    for _ in 0..<3 {
      await #expect(throws: BrokerReadFailure.self) { try await gateway.orderBook(token: token) }
    }
  }

  @Test("an order that a broker cannot be asked for is denied, and nothing is sent", arguments: both)
  func denied(_ make: Make) async {
    let index = Instrument(
      key: InstrumentKey(segment: .nseIndex, securityID: SecurityID(13)), contract: .index, underlying: "NIFTY",
      tradingSymbol: "NIFTY", brokerSymbol: "NSE:NIFTY50-INDEX", lotSize: .one, tickSize: tick("0.05"))
    let transport = ScriptedTransport()
    let outcome = await make(transport).place(Sample.order(Sample.leg(1, instrument: index)), token: token)
    #expect(outcome.kind == "denied")
    #expect(outcome.code == "broker.notOffered")
    #expect(transport.calls.isEmpty)
  }

  @Test("a batch that was never sent says so of each of its orders")
  func batch() async {
    let transport = ScriptedTransport(.notSent(cause: "x"), .perhapsSent(cause: "x"))
    let line = BrokerLine(transport: transport, wallClock: ManualWallClock(BrokerSample.now))
    let gateway = FyersGateway(settings: FyersSettings(appID: "A-100"), line: line)
    #expect(await gateway.place([order, order], token: token).map(\.kind) == ["notSent", "notSent"])
    #expect(await gateway.place([order, order], token: token).map(\.kind) == ["unknown", "unknown"])
    #expect(await gateway.place([], token: token).isEmpty)
    #expect(transport.calls.count == 2)
    #expect(await gateway.cancel([id, id], token: token).map(\.kind) == ["unsent", "unsent"])
    #expect(await gateway.cancel([id], token: nil).map(\.kind) == ["tokenRefused"])
    #expect(await gateway.modify([], token: token).isEmpty)
    #expect(await gateway.placeSliced(order, token: token).map(\.kind) == ["notSent"])
  }

  @Test("a call prints without its token", arguments: both)
  func printing(_ make: Make) async throws {
    let transport = ScriptedTransport(.says(200, make.accepted))
    _ = await make(transport).place(order, token: token)
    let call = try #require(transport.calls.first)
    var text = ""
    dump(call, to: &text)
    #expect(!(text + "\(call)" + String(reflecting: call)).contains("eyJ"))
  }
}
