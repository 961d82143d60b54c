import Actors
import OrderDomain
import OrderEngine
import TestSupport

/// What does it take to make a fact fit for the disk?
enum JournalTrials {
  static let all = [
    Trial("journal: an order's report encoded by hand", encode),
    Trial("journal: a commit of one record sealed") { seal($0, recordCount: 1, $1) },
    Trial("journal: a commit of 64 records sealed") { seal($0, recordCount: 64, $1) },
    Trial("journal: an alert recorded, written and told of", record),
  ]

  /// The writer alone, with fields as a report has them.
  private static func encode(_ count: Int, _ meter: Meter) {
    let id = Sample.request().correlationID
    var writer = RecordWriter(reserving: 4_096)
    meter.measure {
      for number in 0..<count {
        writer.removeAll()
        writer.put(id)
        writer.put(UInt8(3))
        writer.put(optional: "261121000000001")
        writer.put(variable: UInt64(10 + number))
        writer.put(variable: Int64(252_168_000))
        writer.put(Sample.opening.nanoseconds)
      }
    }
    require(writer.bytes.count > 40, "nothing was written")
  }

  /// - Parameter recordCount: of 400 bytes, as an alert of one leg takes.
  private static func seal(_ count: Int, recordCount: Int, _ meter: Meter) {
    let payload = [UInt8](repeating: 0x61, count: 400)
    let digest = SHA256Chain()
    var state = JournalState()
    meter.measure {
      for _ in 0..<count {
        for _ in 0..<recordCount {
          let admission = state.append(type: 2, time: Sample.opening, payload: payload)
          guard case .gathered = admission else { fail("the record was not taken") }
        }
        keep(state.beginCommit(at: Sample.opening, digest: digest))
        keep(state.commitWritten())
      }
    }
    require(state.isIdle, "something was not written")
  }

  /// Through the actor, to a disk that is none.
  private static func record(_ count: Int, _ meter: Meter) {
    let executor = HandExecutor()
    let clock = ManualClock()
    let journal = Journal(
      executor: executor, log: MemoryLog(), digest: SHA256Chain(), state: JournalState(),
      wallClock: { Sample.opening }, sleep: { try await clock.sleep(for: $0) })
    let body = AlertBodies.multiLeg("a1")
    let event = JournalEvent.alertAccepted(
      AcceptedAlert(
        identity: Sample.alert, bodyDigest: Sample.alert, receivedAt: Sample.opening,
        rememberedUntil: Sample.opening, format: .multiLegOrder, body: body, plan: PlanTrials.plan(body)))
    let told = Told()
    Task(executorPreference: executor) { await journal.run() }
    executor.run()
    meter.measure {
      for _ in 0..<count {
        journal.assumeIsolated { $0.record(event) { told.add($0) } }
        executor.run()
      }
    }
    require(told.count == count, "\(told.count) of \(count) records were told of")
    journal.assumeIsolated { $0.stop() }
    executor.run()
  }

  private final class Told: @unchecked Sendable {
    // Unchecked: see HandExecutor.
    var count = 0

    func add(_ result: Result<JournalReceipt, JournalFailure>) {
      if case .success = result { count += 1 }
    }
  }
}
