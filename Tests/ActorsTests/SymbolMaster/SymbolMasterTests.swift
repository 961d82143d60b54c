import Dispatch
import Glibc
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

@Suite struct SymbolMasterTests {
  static let today = day(2026, 11, 23)
  static let now = Timestamp(nanoseconds: 0)

  @Test("a good file is put in use whole, and a bad one changes nothing but the report")
  func swapping() async throws {
    let master = SymbolMaster(executor: SerialQueueExecutor())
    #expect(await master.current(.sample) == nil)
    let file = SampleSymbols.file(today: Self.today)
    guard case .installed(let report, _) = try await master.load([file], source: .sample, now: Self.now) else {
      Issue.record("not installed")
      return
    }
    #expect(report.generation == 1)
    #expect(report.difference == nil)
    let first = try #require(await master.current(.sample))
    #expect(first.rowCount == report.rowCount)
    let cut = SymbolFile(
      name: "sample.csv", format: .dhanDetailed,
      content: Array(SampleSymbols.text(today: Self.today).utf8.dropLast(30)))
    await #expect(throws: SymbolFileError.self) { try await master.load([cut], source: .sample, now: Self.now) }
    #expect(await master.current(.sample) === first)
    #expect(await master.status(.sample).lastFailure?.code == "symbols.truncated")
    #expect(await master.status(.sample).lastLoad?.generation == 1)
    #expect(await master.current(.dhan) == nil)
    // A tenth of the rows is a cut download, whatever its last line looks like.
    let head = SampleSymbols.text(today: Self.today).split(separator: "\n").prefix(30).joined(separator: "\n") + "\n"
    let few = SymbolFile(name: "sample.csv", format: .dhanDetailed, content: Array(head.utf8))
    await #expect(throws: SymbolFileError.self) { try await master.load([few], source: .sample, now: Self.now) }
    #expect(await master.status(.sample).lastFailure?.code == "symbols.tooFewRows")
  }

  @Test("the next day's table is compared with the one before")
  func difference() async throws {
    let master = SymbolMaster(executor: SerialQueueExecutor())
    let text = SampleSymbols.text(today: Self.today)
    _ = try await master.load([Self.file(text)], source: .sample, now: Self.now)
    let changed = text.replacing(
      "RELIANCE INDUSTRIES LTD,Reliance Industries,ES,EQ,1,,,,10,", with: "R,R,ES,EQ,1,,,,5,"
    )
    .replacing("NSE,E,11536", with: "NSE,E,11537").replacing("FUT,NA,65,2026-11-24", with: "FUT,NA,50,2026-11-24")
    guard case .installed(let report, _) = try await master.load([Self.file(changed)], source: .sample, now: Self.now)
    else {
      Issue.record("not installed")
      return
    }
    let difference = try #require(report.difference)
    #expect(report.generation == 2)
    #expect(difference.new.names == ["NSE:TCS"])
    #expect(difference.gone.names == ["NSE:TCS"])
    #expect(difference.tickChanged.names == ["NSE:RELIANCE: 0.10 → 0.05"])
    #expect(difference.lotChanged.names == ["NSE:NIFTY-Nov2026-FUT: 65 → 50"])
  }

  @Test("a difference lists the first names and counts them all")
  func boundedDifference() throws {
    let empty = try table(DamagedSymbolFileTests.row(DamagedSymbolFileTests.good), .dhanCompact)
    let difference = SymbolTableDifference(from: empty, to: sampleTable(today: Self.today))
    #expect(difference.new.count > 100)
    #expect(difference.new.names.count == SymbolTableDifference.Names.limit)
    #expect(SymbolTableDifference(from: empty, to: empty).isEmpty)
  }

  @Test("files are parsed away from the engine's thread, even by a task that prefers it")
  func executor() async throws {
    let engine = EngineExecutor()
    let master = SymbolMaster(executor: engine)
    let content = WatchedContent(engine: engine)
    let file = SymbolFile(name: "sample.csv", format: .dhanDetailed, content: content)
    let load = Task(executorPreference: engine) {
      #expect(engine.isCurrent)
      _ = try await master.load([file], source: .sample, now: Self.now)
      #expect(engine.isCurrent)
    }
    try await load.value
    let readOnEngine = content.readOnEngine.withLock { $0 }
    #expect(readOnEngine == [false])
  }

  @Test("of two loads the one that was started later stays")
  func superseded() async throws {
    let master = SymbolMaster(executor: SerialQueueExecutor())
    let slow = HeldContent(text: SampleSymbols.text(today: Self.today))
    async let first = master.load(
      [SymbolFile(name: "slow.csv", format: .dhanDetailed, content: slow)], source: .sample, now: Self.now)
    await slow.waitUntilRead()
    let later = SampleSymbols.text(today: day(2027, 3, 1))
    guard case .installed = try await master.load([Self.file(later)], source: .sample, now: Self.now) else {
      Issue.record("not installed")
      return
    }
    slow.release()
    guard case .superseded = try await first else {
      Issue.record("the older load was installed")
      return
    }
    let table = try #require(await master.current(.sample))
    #expect(table.optionExpiries(of: "BANKNIFTY", today: Self.today).first == day(2027, 3, 30))
  }

  static func file(_ text: String) -> SymbolFile {
    SymbolFile(name: "sample.csv", format: .dhanDetailed, content: Array(text.utf8))
  }
}

/// A thread like the engine's: serial executor and task executor in one.
private final class EngineExecutor: SerialExecutor, TaskExecutor {
  private let queue = DispatchQueue(label: "test.engine")
  private static let mark = DispatchSpecificKey<Bool>()
  init() { queue.setSpecific(key: Self.mark, value: true) }

  var isCurrent: Bool { DispatchQueue.getSpecific(key: Self.mark) == true }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async {
      job.runSynchronously(isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.asUnownedTaskExecutor())
    }
  }
}

/// Notes whether the bytes were read on the engine's thread.
private final class WatchedContent: SymbolFileContent {
  let engine: EngineExecutor
  let readOnEngine = Mutex<[Bool]>([])
  init(engine: EngineExecutor) { self.engine = engine }

  func withBytes<Value, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Value) throws(Failure) -> Value {
    readOnEngine.withLock { $0.append(engine.isCurrent) }
    let bytes = Array(SampleSymbols.text(today: SymbolMasterTests.today).utf8)
    return try body(bytes.span)
  }
}

/// Bytes that are lent only when the test says so.
private final class HeldContent: SymbolFileContent {
  private let bytes: [UInt8]
  private let isRead = Atomic(false)
  private let isReleased = Atomic(false)
  init(text: String) { bytes = Array(text.utf8) }

  func withBytes<Value, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Value) throws(Failure) -> Value {
    isRead.store(true, ordering: .releasing)
    // Asleep in between: whoever releases it may need this core.
    while !isReleased.load(ordering: .acquiring) { usleep(1_000) }
    let bytes = bytes
    return try body(bytes.span)
  }

  func waitUntilRead() async { while !isRead.load(ordering: .acquiring) { await Task.yield() } }
  func release() { isReleased.store(true, ordering: .releasing) }
}
