import Foundation
import OrderDomain
import TestSupport
import Testing

@testable import Actors
@testable import OrderEngine

/// A journal as a busy engine leaves it: `JOURNAL_RECORDS` says how long it is, `JOURNAL_DIRECTORY` where it stays for
/// measuring.
struct LongJournalTests {
  private let environment = ProcessInfo.processInfo.environment

  @Test func `a long journal is read a segment at a time, and its snapshot holds little`() throws {
    let count = environment["JOURNAL_RECORDS"].flatMap(Int.init) ?? 8_000
    let files = try LongJournal(directory: environment["JOURNAL_DIRECTORY"])
    try files.write(recordCount: count)
    var fold = JournalFold()
    let ending = try SegmentSequence(directory: files.directory).read { fold.fold($0, at: $1.time) }
    #expect(ending.recordCount == count)
    #expect(ending.position == files.position)
    // All but the latest alerts have ended, and each of those is an identity in the snapshot.
    #expect(fold.keptAlerts.count <= JournalFold.standardLatestLimit + 400)
    let snapshot = JournalSnapshot(position: ending.position, fold: fold).encoded(digest: SHA256Chain())
    #expect(snapshot.count < 4 << 20 + 70 * count / 4)
    #expect(fold.positions.reduce(0) { $0 + $1.boughtUnits } > 0)
    if environment["JOURNAL_DIRECTORY"] == nil { try FileManager.default.removeItem(atPath: files.directory.path) }
  }
}

/// One alert for an order in each four records: accepted, sent, acknowledged, filled.
private final class LongJournal {
  let directory: DataDirectory
  private var state = JournalState()
  private var files: [UInt64: FileHandle] = [:]
  private var time = Sample.opening

  init(directory: String?) throws {
    self.directory = try DataDirectory(
      path: directory ?? FileManager.default.temporaryDirectory.path + "/long-journal-" + UUID().uuidString)
  }

  var position: JournalPosition { state.position }

  func write(recordCount: Int) throws {
    for number in 0..<recordCount / 4 {
      if state.beginPreparation() != nil { state.prepared() }
      time = time.adding(nanoseconds: 200_000_000)
      let alert = alert(UInt64(number))
      add(.alertAccepted(alert))
      try commit()
      let id = alert.plan.legs[0].slices[0].correlationID
      add(.orderReported(OrderReport(correlationID: id, transition: .submitted, at: time)))
      let broker = BrokerOrderID("25112100\(1_000_000 + number)")
      add(.orderReported(OrderReport(correlationID: id, transition: .accepted, brokerOrderID: broker, at: time)))
      let fill = OrderReport.CumulativeFill(quantity: quantityOf(10), value: Money(rupees: 14_105))
      add(
        .orderReported(
          OrderReport(
            correlationID: id, transition: .filled, brokerOrderID: broker, cumulativeFill: fill, at: time)))
      try commit()
    }
    for handle in files.values { try handle.close() }
  }

  private func add(_ event: JournalEvent) {
    var payload = RecordWriter()
    event.encode(to: &payload)
    _ = state.append(type: event.type, time: time, payload: payload.bytes)
  }

  private func commit() throws {
    let commit = certain(state.beginCommit(at: time, digest: SHA256Chain()))
    if files[commit.place.segment] == nil {
      let path = directory.file(JournalStore.name(commit.place.segment))
      try Data().write(to: URL(fileURLWithPath: path))
      files[commit.place.segment] = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
    try files[commit.place.segment]?.write(contentsOf: Data(commit.bytes))
    _ = state.commitWritten()
  }

  private func alert(_ number: UInt64) -> AcceptedAlert {
    let identity = AlertIdentity(high: (number + 1) &* 0x9E37_79B9_7F4A_7C15, low: number)
    let body = """
      {"secret":"****************","alertType":"multi_leg_order","order_legs":[{"transactionType":"B","orderType":"MKT",\
      "quantity":"10","exchange":"NSE","symbol":"RELIANCE","instrument":"EQ","productType":"I","sort_order":"1",\
      "price":"0"}],"alert_id":"\(number)"}
      """
    let slice = Slice(
      number: 1, quantity: quantityOf(10), correlationID: certain(CorrelationID(alert: identity, leg: 1, slice: 1)))
    let leg = Leg(
      number: 1, account: Sample.account, instrument: Sample.reliance, side: number % 2 == 0 ? .buy : .sell,
      pricing: .fixed(.market), quantity: quantityOf(10), product: .intraday, validity: .day, isAfterMarket: false,
      role: .entry, rank: 0, slices: [slice], entryNumber: nil)
    return AcceptedAlert(
      identity: identity, bodyDigest: identity, receivedAt: time,
      rememberedUntil: time.adding(nanoseconds: 86_400_000_000_000), format: .multiLegOrder, body: Array(body.utf8),
      plan: ExecutionPlan(
        alert: identity, strategy: nil, style: .parallel, endPolicy: .complete,
        deadline: time.adding(nanoseconds: 30_000_000_000), legs: [leg]))
  }
}
