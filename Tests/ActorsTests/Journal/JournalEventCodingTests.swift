import OrderDomain
import TestSupport
import Testing

@testable import Actors

struct JournalEventCodingTests {
  private func encoded(_ event: JournalEvent) -> [UInt8] {
    var writer = RecordWriter()
    event.encode(to: &writer)
    return writer.bytes
  }

  private func decoded(_ bytes: [UInt8], type: UInt8) throws(RecordReader.Malformed) -> JournalEvent {
    var reader = RecordReader(bytes)
    return try JournalEvent(type: type, reader: &reader)
  }

  /// Every stored property of an event, by name.
  private func everything(_ event: JournalEvent) -> String {
    var text = ""
    dump(event, to: &text)
    return text
  }

  @Test func `every event reads back as it was, in every field`() throws {
    var source = EventSource(seed: 21)
    for _ in 0..<1_000 {
      let event = source.event()
      let bytes = encoded(event)
      let again = try decoded(bytes, type: event.type)
      #expect(everything(again) == everything(event))
      #expect(encoded(again) == bytes)
    }
  }

  @Test func `amounts at the ends of 128 bits read back`() throws {
    for value in [Int128.min, .max, -1, 0, 1, Int128(Int64.max) + 1, Int128(Int64.min) - 1] {
      let report = OrderReport(
        correlationID: Sample.request().correlationID, transition: .filled,
        cumulativeFill: .init(quantity: .limit, value: Money(tenThousandths: value)), at: Sample.opening)
      guard case .orderReported(let again) = try decoded(encoded(.orderReported(report)), type: 4) else {
        Issue.record("another type came back")
        return
      }
      #expect(again.cumulativeFill?.value.tenThousandths == value)
    }
  }

  @Test func `an event cut at any byte, or with one more, is malformed`() {
    var source = EventSource(seed: 22)
    for _ in 0..<40 {
      let event = source.event()
      let bytes = encoded(event)
      for count in bytes.indices {
        #expect(throws: RecordReader.Malformed.self) { try decoded(Array(bytes.prefix(count)), type: event.type) }
      }
      #expect(throws: RecordReader.Malformed.self) { try decoded(bytes + [0], type: event.type) }
    }
  }

  @Test func `an event with any bytes changed is read or malformed, and never a trap`() {
    var source = EventSource(seed: 23)
    var random = SeededGenerator(seed: 24)
    var malformedCount = 0
    for _ in 0..<3_000 {
      let event = source.event()
      var bytes = encoded(event)
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      do {
        // What is read can be written: nothing out of its range came in.
        _ = encoded(try decoded(bytes, type: event.type))
      } catch {
        malformedCount += 1
      }
    }
    #expect(malformedCount > 500)
  }

  @Test func `an unknown type is malformed`() {
    for type in [0, 200, 254, 255] as [UInt8] {
      #expect(throws: RecordReader.Malformed.self) { try decoded([], type: type) }
    }
  }

  @Test func `the price band is the day's and is not kept`() throws {
    let leg = Leg(
      number: 1, account: Sample.account, instrument: Sample.bankNiftyPut, side: .buy, pricing: .fixed(.market),
      quantity: quantityOf(30), product: .margin, validity: .day, isAfterMarket: false, role: .entry, rank: 0,
      slices: [])
    let alert = AcceptedAlert(
      identity: Sample.alert, bodyDigest: Sample.alert, receivedAt: Sample.opening, rememberedUntil: Sample.opening,
      format: .native, body: [],
      plan: ExecutionPlan(
        alert: Sample.alert, strategy: nil, style: .parallel, endPolicy: .unwind, deadline: Sample.opening, legs: [leg])
    )
    guard case .alertAccepted(let again) = try decoded(encoded(.alertAccepted(alert)), type: 2) else {
      Issue.record("another type came back")
      return
    }
    let instrument = try #require(again.plan.legs.first).instrument
    #expect(instrument.priceBand == nil)
    #expect(instrument.freezeQuantity?.quantity == quantityOf(600))
    #expect(instrument.contract == Sample.bankNiftyPut.contract)
  }

  /// The bytes of one report, written out: a change of the format must be a decision.
  @Test func `the bytes of a report are the same for ever`() {
    let report = OrderReport(
      correlationID: Sample.request().correlationID, transition: .filled, brokerOrderID: BrokerOrderID("12"),
      cumulativeFill: .init(quantity: quantityOf(10), value: Money(rupees: 1)), at: Timestamp(nanoseconds: 1))
    #expect(
      encoded(.orderReported(report))
        == [20] + Array("q04hmasw9nf6yzzp1010".utf8) + [8] + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 2, 0x31, 0x32] + [20]
        + [0x10, 0x27] + [UInt8](repeating: 0, count: 14) + [0])
  }
}
