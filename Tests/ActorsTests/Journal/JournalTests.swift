import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite(.timeLimit(.minutes(1)))
struct JournalTests {
  private let log: ScriptedLog
  private let journal: Journal
  private let broken = Refusal(code: "journal.disk", cause: "EIO", fix: "replace the disk")

  init() {
    log = ScriptedLog()
    journal = Journal(
      executor: SerialQueueExecutor(), log: log, digest: TestDigest(), state: JournalState(),
      wallClock: { Sample.opening }, sleep: JournalTests.untilCancelled)
  }

  /// The upkeep's clock: it looks once, at the start.
  static func untilCancelled(_ duration: Duration) async throws {
    try await Task.sleep(for: .seconds(3600))
  }

  private func started(_ version: String) -> JournalEvent { .engineStarted(EngineStart(version: version)) }

  /// The versions on the disk, in order, read as a start reads them; and how many commits they came in.
  private func onDisk() throws -> (versions: [String], commitCount: Int) {
    let bytes = log.file(1)
    let contents = try ReadSegment(bytes)
    #expect(contents.tornByteCount == 0)
    let versions = try contents.entries.map { entry in
      var reader = RecordReader(bytes, range: entry.payload)
      guard case .engineStarted(let start) = try JournalEvent(type: entry.type, reader: &reader) else {
        throw RecordReader.Malformed(offset: 0)
      }
      return start.version
    }
    return (versions, Int(contents.nextSequence) - 1 - versions.count)
  }

  /// Until the journal has gathered so many records since its start.
  private func gathered(_ count: UInt64) async {
    while await journal.counters.recordCount < count { await Task.yield() }
  }

  private func stopped(_ running: Task<Void, Never>) async {
    await journal.stop()
    await running.value
  }

  @Test func `a commit returns when its record is on the disk`() async throws {
    let running = Task { await journal.run() }
    try await journal.commit(started("a"))
    #expect(try onDisk().versions == ["a"])
    try await journal.commit(started("b"))
    #expect(try onDisk().versions == ["a", "b"])
    await stopped(running)
    #expect(log.flushedCount == 2)
    #expect(log.overlapCount == 0)
  }

  @Test func `and not a moment earlier`() async throws {
    log.set(.holds)
    let running = Task { await journal.run() }
    let committing = Task {
      try await journal.commit(started("a"))
      return log.file(1).isEmpty
    }
    await log.begun(atLeast: 1)
    for _ in 0..<100 { await Task.yield() }
    // Had it returned already, it would have found the disk empty.
    log.finish()
    #expect(try await !committing.value)
    await stopped(running)
  }

  @Test func `those that come during a write share the next one`() async throws {
    log.set(.holds)
    let running = Task { await journal.run() }
    await withTaskGroup(of: Void.self) { group in
      func commit(_ version: String) {
        group.addTask {
          do { try await journal.commit(started(version)) } catch { Issue.record("refused: \(error)") }
        }
      }
      commit("first")
      await log.begun(atLeast: 1)
      for number in 0..<50 { commit("\(number)") }
      await gathered(51)
      #expect(log.begun.count == 1)
      log.finish()
      await log.begun(atLeast: 2)
      log.finish()
      await group.waitForAll()
    }
    let disk = try onDisk()
    #expect(disk.commitCount == 2)
    #expect(disk.versions.first == "first")
    #expect(Set(disk.versions).count == 51)
    #expect(log.begun.count == 2)
    #expect(log.overlapCount == 0)
    let counters = await journal.counters
    #expect(counters.recordCount == 51)
    #expect(counters.commitCount == 2)
    #expect(counters.byteCount == UInt64(log.file(1).count))
    await stopped(running)
  }

  @Test func `who waited for one commit is told while the disk works on the next`() async throws {
    log.set(.holds)
    let running = Task { await journal.run() }
    let first = Task {
      try await journal.commit(started("a"))
      return log.begun.count
    }
    await log.begun(atLeast: 1)
    let second = Task { try await journal.commit(started("b")) }
    await gathered(2)
    log.finish()
    #expect(try await first.value == 2)
    log.finish()
    try await second.value
    await stopped(running)
    #expect(log.overlapCount == 0)
  }

  @Test func `a failed write reaches all who wait, those behind it too, and stays`() async throws {
    log.set(.holds)
    let running = Task { await journal.run() }
    let refusals = await withTaskGroup(of: Refusal?.self) { group in
      func commit() {
        group.addTask {
          do throws(JournalFailure) {
            try await journal.commit(started("lost"))
            return nil
          } catch {
            return error.refusal
          }
        }
      }
      commit()
      await log.begun(atLeast: 1)
      for _ in 0..<20 { commit() }
      await gathered(21)
      log.set(.works)
      log.finish(with: AppendLogFailure(.unknown, broken))
      return await group.reduce(into: [Refusal?]()) { $0.append($1) }
    }
    #expect(refusals == [Refusal?](repeating: broken, count: 21))
    await running.value
    // The disk works again, and is not believed.
    #expect(await journal.failure == broken)
    let failure = await #expect(throws: JournalFailure.self) { try await journal.commit(started("later")) }
    #expect(failure?.refusal == broken)
    #expect(await journal.note(started("later"))?.refusal == broken)
    #expect(log.file(1).allSatisfy { $0 == 0 })
  }

  @Test func `a note is written without anybody waiting for it`() async throws {
    let running = Task { await journal.run() }
    #expect(await journal.note(started("noted")) == nil)
    await stopped(running)
    #expect(try onDisk().versions == ["noted"])
  }

  @Test func `stopping writes what was taken and takes nothing more`() async throws {
    log.set(.holds)
    let running = Task { await journal.run() }
    #expect(await journal.note(started("a")) == nil)
    await log.begun(atLeast: 1)
    #expect(await journal.note(started("b")) == nil)
    await journal.stop()
    let failure = await #expect(throws: JournalFailure.self) { try await journal.commit(started("c")) }
    #expect(failure?.refusal.code == "journal.stopped")
    #expect(await journal.failure?.code == "journal.stopped")
    log.finish()
    await log.begun(atLeast: 2)
    log.finish()
    await running.value
    #expect(try onDisk().versions == ["a", "b"])
  }

  @Test func `a journal that nobody used stops at once`() async {
    let running = Task { await journal.run() }
    await stopped(running)
    #expect(log.begun.isEmpty)
  }

  @Test func `an event that is too large is refused, and the next one is not`() async throws {
    let running = Task { await journal.run() }
    let limit = String(repeating: "x", count: JournalFormat.payloadLimit - 3)
    try await journal.commit(started(limit))
    let failure = await #expect(throws: JournalFailure.self) { try await journal.commit(started(limit + "x")) }
    #expect(failure?.refusal.code == "journal.recordTooLarge")
    try await journal.commit(started("small"))
    await stopped(running)
    #expect(try onDisk().versions == [limit, "small"])
  }

  @Test func `a disk that lags behind refuses when its queue is full, and works again after`() async throws {
    let journal = Journal(
      executor: SerialQueueExecutor(), log: log, digest: LengthDigest(), state: JournalState(),
      wallClock: { Sample.opening }, sleep: JournalTests.untilCancelled)
    log.set(.holds)
    let running = Task { await journal.run() }
    #expect(await journal.note(started("first")) == nil)
    await log.begun(atLeast: 1)
    let large = String(repeating: "x", count: JournalFormat.payloadLimit - 100)
    var taken = 0
    while await journal.note(started(large)) == nil { taken += 1 }
    #expect(
      taken == JournalState.gatheringLimit / (JournalFormat.payloadLimit - 100 + 3 + JournalFormat.recordOverhead))
    #expect(await journal.note(started(large))?.refusal.code == "journal.behind")
    #expect(await journal.failure == nil)
    log.set(.works)
    log.finish()
    try await journal.commit(started("after"))
    await journal.stop()
    await running.value
    #expect(await journal.counters.recordCount == UInt64(taken) + 2)
    #expect(UInt64(log.begun.reduce(0) { $0 + $1.count }) == (await journal.counters.byteCount))
  }
}
