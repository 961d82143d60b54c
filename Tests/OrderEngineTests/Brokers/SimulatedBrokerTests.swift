import Brokers
import OrderDomain
import TestSupport
import Testing

/// Gateways against simulators that were written from the same documents by other hands, over real sockets.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct SimulatedBrokerTests {
  private static let brokers: [Broker] = [.dhan, .fyers]
  private static let low = OrderType.limit(price("2000"))

  private func with(
    _ broker: Broker, _ body: (SimulatedBrokerFixture) async throws -> Void
  ) async throws {
    let fixture = try await SimulatedBrokerFixture(broker)
    do {
      try await fixture.control("/prices", #"{"symbol":"NSE:RELIANCE-EQ","price":2100}"#)
      try await body(fixture)
    } catch {
      await fixture.stop()
      throw error
    }
    await fixture.stop()
  }

  private func placedID(_ outcome: PlacementOutcome) throws -> BrokerOrderID {
    guard case .accepted(let id) = outcome else { throw SimulatedBrokerFixture.Failure(text: "\(outcome)") }
    return id
  }

  @Test("an order rests, changes and is cancelled", arguments: brokers)
  func life(_ broker: Broker) async throws {
    try await with(broker) { fixture in
      let (gateway, token) = (fixture.gateway, fixture.token)
      let (tag, outcome) = await fixture.place(1, Self.low)
      let id = try placedID(outcome)
      let row = try #require(await gateway.orderBook(token: token).first)
      #expect(row.id == id)
      #expect(row.correlationID == tag)
      #expect(row.status == .open)
      #expect(row.quantity == quantityOf(10))
      #expect(row.limitPrice == price("2000"))
      #expect(row.instrument == Sample.reliance.key)
      let change = OrderModification(
        id: id, instrument: Sample.reliance, side: .buy, type: .limit(price("2010")), quantity: quantityOf(8),
        validity: .day)
      #expect(await gateway.modify(change, token: token) == .requested)
      let changed = try #require(await gateway.orderBook(token: token).first)
      #expect(changed.limitPrice == price("2010"))
      #expect(changed.quantity == quantityOf(8))
      #expect(await gateway.cancel(id, token: token) == .requested)
      #expect(await fixture.reports(tagged: tag)?.map(\.transition) == [.cancelled])
      let again = await gateway.cancel(id, token: token)
      if case .refused = again {} else { Issue.record("\(again)") }
    }
  }

  @Test("a fill is in the book, the trades and the positions", arguments: brokers)
  func fill(_ broker: Broker) async throws {
    try await with(broker) { fixture in
      let (gateway, token) = (fixture.gateway, fixture.token)
      let (tag, outcome) = await fixture.place(1, .market, quantity: 7)
      let id = try placedID(outcome)
      let report = try #require(await fixture.reports(tagged: tag)?.first)
      #expect(report.transition == .filled)
      #expect(report.brokerOrderID == id)
      let trades = try await gateway.tradeBook(token: token)
      #expect(trades.reduce(0) { $0 + $1.quantity.units } == 7)
      let value = trades.reduce(Money.zero) { $0 + $1.price * $1.quantity }
      #expect(report.cumulativeFill == OrderReport.CumulativeFill(quantity: quantityOf(7), value: value))
      #expect(trades.allSatisfy { $0.orderID == id && $0.side == .buy && $0.instrument == Sample.reliance.key })
      let position = try #require(await gateway.positions(token: token).first)
      #expect(position.netUnits == 7)
      #expect(position.product == .intraday)
      #expect(position.instrument == Sample.reliance.key)
    }
  }

  @Test("money, prices and the account itself are read", arguments: brokers)
  func account(_ broker: Broker) async throws {
    try await with(broker) { fixture in
      let (gateway, token) = (fixture.gateway, fixture.token)
      #expect(try await gateway.funds(token: token).available > .zero)
      #expect(try await gateway.holdings(token: token).isEmpty)
      #expect(try await gateway.positions(token: token).isEmpty)
      #expect(try await gateway.tradeBook(token: token).isEmpty)
      #expect(try await !gateway.profile(token: token).clientID.isEmpty)
      let quotes = try await gateway.quotes(for: [Sample.reliance], token: token)
      #expect(quotes.map(\.lastPrice) == [price("2100")])
      let order = Sample.request(10)
      #expect(try await gateway.margin(for: order, token: token).required > .zero)
    }
  }

  @Test(
    "whatever hides an acceptance leaves it unknown, and the book shows it once", arguments: brokers,
    [
      #""fault":"reset_after""#, #""fault":"close_after""#, #""fault":"timeout_after_acceptance""#,
      #""fault":"status_after","status":500"#, #""fault":"status_after","status":502,"body":"<html>""#,
      #""fault":"html""#, #""fault":"empty""#, #""fault":"broken_json""#, #""fault":"garbage""#, #""fault":"cut""#,
      #""fault":"html","status":403"#,
    ])
  func hidden(_ broker: Broker, _ fault: String) async throws {
    try await with(broker) { fixture in
      try await fixture.control("/faults", #"{"on":"\#(broker.code).place",\#(fault)}"#)
      let (tag, outcome) = await fixture.place(1, Self.low)
      if case .unknown = outcome {} else { Issue.record("\(fault): \(outcome)") }
      let reports = try #require(await fixture.reports(tagged: tag))
      #expect(reports.map(\.transition) == [.accepted], "\(fault)")
    }
  }

  @Test(
    "what was not taken is not in the book, whatever the answer says of it", arguments: brokers,
    [
      (#""fault":"too_many_calls","retry_after":"3""#, "rateLimited"), (#""fault":"token_death""#, "tokenRefused"),
      (#""fault":"wrong_address""#, "rejected"), (#""fault":"status","status":503"#, "unknown"),
      (#""fault":"reset_before""#, "unknown"),
    ])
  func refused(_ broker: Broker, _ fault: (rule: String, kind: String)) async throws {
    try await with(broker) { fixture in
      try await fixture.control("/faults", #"{"on":"\#(broker.code).place",\#(fault.rule)}"#)
      let (tag, outcome) = await fixture.place(1, Self.low)
      switch (outcome, fault.kind) {
      case (.rateLimited(let retryAfter), "rateLimited"): #expect(retryAfter == .seconds(3))
      case (.rejected(let refusal, nil), "rejected"): #expect(refusal.code.hasSuffix(".addressNotRegistered"))
      case (.tokenRefused, "tokenRefused"):
        // The book cannot be asked with a dead token either, and says so instead of showing nothing.
        #expect(await fixture.reports(tagged: tag) == nil)
        return
      case (.unknown, "unknown"): break
      default: Issue.record("\(fault.rule): \(outcome)")
      }
      #expect(await fixture.reports(tagged: tag)?.isEmpty == true)
    }
  }

  @Test("a part that filled before the rest was refused stays counted", arguments: brokers)
  func partial(_ broker: Broker) async throws {
    try await with(broker) { fixture in
      try await fixture.control(
        "/faults", #"{"on":"\#(broker.code).place","fault":"partial_then_reject","quantity":4}"#)
      let (tag, _) = await fixture.place(1, .market, quantity: 10)
      let report = try #require(await fixture.reports(tagged: tag)?.first)
      #expect(report.transition == .cancelled)
      #expect(report.cumulativeFill?.quantity == quantityOf(4))
      #expect(report.refusal != nil)
    }
  }

  @Test("Fyers' 201 is no acceptance")
  func unacknowledged() async throws {
    try await with(.fyers) { fixture in
      try await fixture.control("/faults", #"{"on":"fyers.place","fault":"unacknowledged"}"#)
      let (tag, outcome) = await fixture.place(1, Self.low)
      if case .unknown(let refusal) = outcome {
        #expect(refusal.code == "fyers.notAcknowledged")
      } else {
        Issue.record("\(outcome)")
      }
      #expect(await fixture.reports(tagged: tag)?.count == 1)
    }
  }
}
