import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

/// What a full disk, a failing flush and flushes beside the writes mean for those who wait.
@Suite(.timeLimit(.minutes(1)))
struct JournalRoomTests {
  private let log = ScriptedLog()
  private let upkeep = Upkeep()
  private let full = Refusal(code: "journal.diskFull", cause: "ENOSPC", fix: "make room")
  private let broken = Refusal(code: "journal.disk", cause: "EIO", fix: "replace the disk")

  /// The time between two looks at the disk, which a test ends.
  final class Upkeep: Sendable {
    private let (ticks, next) = AsyncStream.makeStream(of: Void.self)

    func look() { next.yield() }

    func wait() async throws {
      for await _ in ticks { return }
      throw CancellationError()
    }
  }

  private func journal(
    _ durability: Durability = .strict, segmentByteCount: UInt64 = 1 << 20, alarms: Alarms = Alarms()
  ) -> Journal {
    let upkeep = upkeep
    return Journal(
      executor: SerialQueueExecutor(), log: log, digest: TestDigest(),
      state: JournalState(
        segmentByteCount: segmentByteCount, settings: JournalSettings(durability: durability)),
      wallClock: { Sample.opening }, sleep: { _ in try await upkeep.wait() }, alarm: { alarms.add($0) },
      segmentClosed: { alarms.close($0) })
  }

  private func noted(_ name: String) -> JournalEvent { .engineStarted(EngineStart(version: name)) }

  private func alert(_ number: UInt64) -> JournalEvent {
    let identity = AlertIdentity(high: number, low: 1)
    return .alertAccepted(
      AcceptedAlert(
        identity: identity, bodyDigest: identity, receivedAt: Sample.opening, rememberedUntil: Sample.opening,
        format: .native, body: [],
        plan: ExecutionPlan(
          alert: identity, strategy: nil, style: .parallel, endPolicy: .complete, deadline: Sample.opening, legs: [])))
  }

  /// What a start would find, in words.
  private func onDisk(_ segments: ClosedRange<UInt64> = 1...1) throws -> [String] {
    var words: [String] = []
    var previous: JournalPosition?
    for number in segments {
      let bytes = log.file(number)
      let segment = try ReadSegment(
        bytes, segment: number, isLast: number == segments.upperBound, continuing: previous)
      for entry in segment.entries {
        var reader = RecordReader(bytes, range: entry.payload)
        switch try JournalEvent(type: entry.type, reader: &reader) {
        case .engineStarted(let start): words.append(start.version)
        case .alertAccepted(let alert): words.append("alert \(alert.identity.high)")
        case .engineStopped: words.append("stopped")
        case .cancelSent: words.append("cancel")
        case .writingResumed: words.append("resumed")
        case .configurationChanged: words.append("configuration")
        case .orderIntended, .orderReported: words.append("order")
        }
      }
      previous = segment.ending.position
    }
    return words
  }

  private func refusal(_ body: () async throws(JournalFailure) -> Void) async -> Refusal? {
    do throws(JournalFailure) {
      try await body()
      return nil
    } catch {
      return error.refusal
    }
  }

  private func finish(_ journal: Journal, _ running: Task<Void, Never>) async {
    await journal.stop(leaving: .engineStopped)
    await running.value
  }

  // MARK: A full disk

  @Test func `a full disk refuses what waits, keeps what has happened, and is written again when there is room`()
    async throws
  {
    let alarms = Alarms()
    let journal = journal(alarms: alarms)
    let running = Task { await journal.run() }
    try await journal.commit(alert(1))
    log.set(.full(full, taking: 70))
    #expect(await journal.note(noted("outcome")) == nil)
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(2)) } == full)
    #expect(await journal.failure == full)
    let count = log.begun.count
    // At once, without asking the disk.
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(3)) } == full)
    #expect(await journal.note(noted("later")) == nil)
    #expect(log.begun.count == count)
    #expect(try onDisk() == ["alert 1"])

    // Still full at the next look.
    upkeep.look()
    await log.begun(atLeast: count + 2)
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(4)) } == full)
    log.set(.works)
    upkeep.look()
    await log.begun(atLeast: count + 3)
    while await journal.failure != nil { await Task.yield() }
    #expect(try onDisk() == ["alert 1", "outcome", "later"])
    try await journal.commit(alert(5))
    await finish(journal, running)
    #expect(try onDisk() == ["alert 1", "outcome", "later", "alert 5", "stopped"])
    #expect(alarms.refusals == [full])
    #expect(await journal.counters.refusedCommitCount == 2)
  }

  @Test func `with nothing to keep, the first sign of room is a record of its own`() async throws {
    let journal = journal()
    let running = Task { await journal.run() }
    log.set(.full(full, taking: 0))
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(1)) } == full)
    log.set(.works)
    upkeep.look()
    while await journal.failure != nil { await Task.yield() }
    await finish(journal, running)
    #expect(try onDisk() == ["resumed", "stopped"])
  }

  @Test func `stopping on a full disk ends`() async throws {
    let journal = journal()
    let running = Task { await journal.run() }
    log.set(.full(full, taking: 0))
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(1)) } == full)
    #expect(await journal.note(noted("kept in vain")) == nil)
    await finish(journal, running)
    #expect(log.file(1).isEmpty)
  }

  @Test func `while the next segment cannot be made, alerts are refused and orders go on`() async throws {
    let alarms = Alarms()
    let journal = journal(alarms: alarms)
    log.setPreparations(.full(full, taking: 0))
    let running = Task { await journal.run() }
    await log.begun(atLeast: 2, .preparations)
    while await journal.failure == nil { await Task.yield() }
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(1)) } == full)
    try await journal.commit(noted("exit"))
    log.setPreparations(.works)
    upkeep.look()
    while await journal.failure != nil { await Task.yield() }
    try await journal.commit(alert(2))
    await finish(journal, running)
    #expect(try onDisk() == ["exit", "alert 2", "stopped"])
    #expect(alarms.refusals == [full])
  }

  @Test func `a disk with next to nothing left takes no alert`() async throws {
    log.setShortage(full)
    let journal = journal()
    let running = Task { await journal.run() }
    while await journal.failure == nil { await Task.yield() }
    #expect(await refusal { () throws(JournalFailure) in try await journal.commit(alert(1)) } == full)
    try await journal.commit(noted("exit"))
    log.setShortage(nil)
    upkeep.look()
    while await journal.failure != nil { await Task.yield() }
    await finish(journal, running)
    #expect(try onDisk() == ["exit", "stopped"])
  }

  // MARK: Segments

  @Test func `the next segment is ready before it is needed, and nobody waits for it`() async throws {
    let alarms = Alarms()
    let journal = journal(segmentByteCount: 500, alarms: alarms)
    let running = Task { await journal.run() }
    await log.begun(atLeast: 1, .preparations)
    while !(await journal.isNextSegmentReady) { await Task.yield() }
    for number in 0..<8 { try await journal.commit(noted("\(number)")) }
    await finish(journal, running)
    #expect(try onDisk(1...2) == ["0", "1", "2", "3", "4", "5", "6", "7", "stopped"])
    #expect(alarms.closed == [1])
    #expect(log.flushedCount == 9)
  }

  // MARK: A failing flush

  @Test func `what a failed flush has left in the file is blanked out, so that the next start does not carry it out`()
    async throws
  {
    let journal = journal()
    let running = Task { await journal.run() }
    try await journal.commit(alert(1))
    log.set(.holds)
    let committing = Task { await refusal { () throws(JournalFailure) in try await journal.commit(alert(2)) } }
    await log.begun(atLeast: 2)
    log.set(.works)
    // All of it is in the file, and the disk says no.
    log.finishWritten(with: AppendLogFailure(.unknown, broken))
    #expect(await committing.value == broken)
    await running.value
    #expect(try onDisk() == ["alert 1"])
    #expect(log.syncCount == 0)
    #expect(await journal.failure == broken)
  }

  // MARK: Flushes beside the writes

  @Test func `overlapped: a record may be acted on when it is written, and answered when it is flushed`() async throws {
    log.setFlushes(.holds)
    let journal = journal(.overlapped)
    let running = Task { await journal.run() }
    let receipt = try await journal.record(alert(1))
    #expect(!receipt.isDurable)
    #expect(try onDisk() == ["alert 1"])
    await log.begun(atLeast: 1, .syncs)
    let settling = Task {
      try await journal.settle(receipt)
      return log.syncCount
    }
    // A second one goes on beside the flush, which does not cover it.
    let second = try await journal.record(alert(2))
    #expect(log.syncCount == 1)
    log.finishSync()
    #expect(try await settling.value >= 1)
    await log.begun(atLeast: 2, .syncs)
    log.finishSync()
    try await journal.settle(second)
    log.setFlushes(.works)
    await finish(journal, running)
    #expect(try onDisk() == ["alert 1", "alert 2", "stopped"])
    #expect(log.overlapCount == 0)
  }

  @Test func `overlapped: not answered a moment before the flush`() async throws {
    log.setFlushes(.holds)
    let journal = journal(.overlapped)
    let running = Task { await journal.run() }
    let receipt = try await journal.record(alert(1))
    let isLetGo = Flag()
    let settling = Task {
      try await journal.settle(receipt)
      return isLetGo.isSet
    }
    await log.begun(atLeast: 1, .syncs)
    for _ in 0..<100 { await Task.yield() }
    isLetGo.set()
    log.finishSync()
    #expect(try await settling.value)
    log.setFlushes(.works)
    await finish(journal, running)
  }

  @Test func `overlapped: a failed flush reaches all who wait, and is never tried again`() async throws {
    log.setFlushes(.holds)
    let journal = journal(.overlapped)
    let running = Task { await journal.run() }
    let receipt = try await journal.record(alert(1))
    let late = try await journal.record(alert(2))
    await log.begun(atLeast: 1, .syncs)
    let settling = Task { await refusal { () throws(JournalFailure) in try await journal.settle(receipt) } }
    log.setFlushes(.works)
    log.finishSync(with: AppendLogFailure(.unknown, broken))
    #expect(await settling.value == broken)
    #expect(await refusal { () throws(JournalFailure) in try await journal.settle(late) } == broken)
    await running.value
    #expect(log.syncCount == 1)
    #expect(await journal.failure == broken)
    // Its orders may be out: what was written stays, so that the next start knows of them.
    #expect(try onDisk() == ["alert 1", "alert 2"])
  }

  @Test func `overlapped: who has gathered behind a write when a flush fails is told, and never written`() async throws
  {
    log.setFlushes(.holds)
    let journal = journal(.overlapped)
    let running = Task { await journal.run() }
    _ = try await journal.record(alert(1))
    await log.begun(atLeast: 1, .syncs)
    log.set(.holds)
    let written = Task { try await journal.record(alert(2)).isDurable }
    await log.begun(atLeast: 2)
    let gathered = Task { await refusal { () throws(JournalFailure) in _ = try await journal.record(alert(3)) } }
    while await journal.counters.recordCount < 3 { await Task.yield() }
    log.finishSync(with: AppendLogFailure(.unknown, broken))
    while await !journal.isBroken { await Task.yield() }
    log.finish()
    #expect(try await !written.value)
    #expect(await gathered.value == broken)
    await running.value
    #expect(try onDisk() == ["alert 1", "alert 2"])
  }
}

/// What a journal told.
final class Alarms: Sendable {
  private let told = Mutex<(refusals: [Refusal], closed: [UInt64])>(([], []))

  func add(_ refusal: Refusal) { told.withLock { $0.refusals.append(refusal) } }
  func close(_ segment: UInt64) { told.withLock { $0.closed.append(segment) } }
  var refusals: [Refusal] { told.withLock { $0.refusals } }
  var closed: [UInt64] { told.withLock { $0.closed } }
}

private final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}
