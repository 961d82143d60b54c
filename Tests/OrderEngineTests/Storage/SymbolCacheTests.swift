import BrokerSimulation
import Foundation
import Logging
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors
@testable import OrderEngine

/// The kept table of one source, on a real disk.
@Suite struct SymbolCacheTests {
  private static let today = Sample.opening.indianDate
  private let directory: DataDirectory
  private let log = EventLog()
  private let csv: String
  private let master = SymbolMaster(executor: SerialQueueExecutor())

  init() throws {
    directory = try DataDirectory(path: FileManager.default.temporaryDirectory.path + "/cache-\(UUID().uuidString)")
    csv = directory.file("master.csv")
    try write(seed: 1)
  }

  private var path: String { directory.file("symbols/sample.table") }
  private var cache: SymbolCache { SymbolCache(.sample, in: directory, logger: Logger(label: "test") { _ in log }) }

  private func write(seed: UInt64) throws {
    let bytes = SymbolFileGenerator(seed: seed, today: Self.today, percent: 1).dhanDetailed()
    try directory.write(bytes, to: "master.csv")
  }

  private func kept(_ day: CalendarDate = today) -> SymbolTable? {
    cache.table(of: [csv], day: day, fileByteLimit: 100 << 20)
  }

  /// Parses the file and keeps the table, as a first start does.
  private func keep(at now: Timestamp = Sample.opening) async throws -> SymbolTable {
    let bytes = try #require(try DataDirectory.read(csv, limit: 100 << 20))
    let file = SymbolFile(name: csv, format: .dhanDetailed, content: bytes)
    guard case .installed(_, let table) = try await master.load([file], source: .sample, now: now) else {
      throw Refusal(code: "test", cause: "not installed", fix: "")
    }
    let cache = cache
    cache.note(table, as: await SymbolCache.identity(of: [file], day: now.indianDate))
    await cache.keep(in: master)
    return table
  }

  private func change(_ body: (inout Data) -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    body(&data)
    // Another file in its place: a mapped one is never written.
    try data.write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  @Test func `what was parsed is kept for the owner alone, and is what the next start uses`() async throws {
    defer { remove() }
    #expect(kept() == nil)
    #expect(log.lines.isEmpty)
    let parsed = try await keep()
    #expect(log.codes == ["symbols.cacheKept"])
    let table = try #require(kept())
    #expect(SymbolTableDifference(from: parsed, to: table).isEmpty)
    #expect(table.rowCount == parsed.rowCount)
    var status = stat()
    #expect(lstat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(try DataDirectory(existing: directory.file("symbols")).names() == ["sample.table"])
  }

  @Test func `the kept table stands in for the one in memory, without a new generation`() async throws {
    defer { remove() }
    let parsed = try await keep()
    let inUse = try #require(await master.current(.sample))
    #expect(inUse !== parsed)
    #expect(await master.status(.sample).lastLoad?.generation == 1)
    let name = "NSE:RELIANCE"
    let day = Self.today
    #expect(
      inUse.resolve(.symbol(name, exchange: nil, hint: nil), today: day)
        == parsed.resolve(.symbol(name, exchange: nil, hint: nil), today: day))
  }

  @Test func `a table that is not in use any more is not kept`() async throws {
    defer { remove() }
    let bytes = try #require(try DataDirectory.read(csv, limit: 100 << 20))
    let file = SymbolFile(name: csv, format: .dhanDetailed, content: bytes)
    let cache = cache
    guard case .installed(_, let old) = try await master.load([file], source: .sample, now: Sample.opening) else {
      Issue.record("not installed")
      return
    }
    cache.note(old, as: await SymbolCache.identity(of: [file], day: Self.today))
    _ = try await master.load([file], source: .sample, now: Sample.opening)
    await cache.keep(in: master)
    #expect(kept() == nil)
    #expect(await master.current(.sample) !== old)
  }

  @Test func `another day, another file and another build of the program make it stale`() async throws {
    defer { remove() }
    _ = try await keep()
    #expect(kept(Self.today.adding(days: 1)) == nil)
    #expect(log.last("code") == "symbols.cacheStale")
    #expect(log.last("cause")?.contains("another trading day") == true)

    try write(seed: 2)
    #expect(kept() == nil)
    #expect(log.last("cause")?.contains("others than it was made of") == true)
    try FileManager.default.removeItem(atPath: csv)
    #expect(kept() == nil)
    try write(seed: 1)
    #expect(kept() != nil)

    try change { data in
      data[32] ^= 1
      let digest = XXH64.digest(of: Array(data[..<504]).span)
      withUnsafeBytes(of: digest) { data.replaceSubrange(504..<512, with: $0) }
    }
    #expect(kept() == nil)
    #expect(log.last("cause")?.contains("another build") == true)
  }

  @Test func `a file of the same size and time with one other byte is another file`() async throws {
    defer { remove() }
    _ = try await keep()
    var status = stat()
    #expect(lstat(csv, &status) == 0)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: csv))
    let lot = try #require(bytes.range(of: Data(",EQ,1,".utf8)))
    bytes[lot.lowerBound + 4] = UInt8(ascii: "2")
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: csv))
    try handle.write(contentsOf: bytes)
    try handle.close()
    var times = [status.st_atim, status.st_mtim]
    #expect(utimensat(AT_FDCWD, csv, &times, 0) == 0)
    #expect(kept() == nil)
    #expect(log.last("code") == "symbols.cacheStale")
  }

  @Test func `a damaged, cut or foreign file is not used, and the next start keeps a new one`() async throws {
    defer { remove() }
    _ = try await keep()
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    let cases: [(code: String, change: (inout Data) -> Void)] = [
      ("symbols.cacheDamaged", { $0[$0.count / 2] ^= 4 }), ("symbols.cacheDamaged", { $0[40] ^= 4 }),
      ("symbols.cacheTruncated", { $0.removeLast(100) }), ("symbols.cacheTruncated", { $0 = $0.prefix(200) }),
      ("symbols.cacheForeign", { $0[0] = 0 }), ("symbols.cacheForeign", { $0[16] = 99 }),
      ("symbols.cacheTruncated", { $0.append(0) }),
    ]
    for (code, body) in cases {
      try whole.write(to: URL(fileURLWithPath: path), options: .atomic)
      #expect(kept() != nil)
      try change(body)
      #expect(kept() == nil)
      #expect(log.last("code") == code)
    }
    _ = try await keep()
    #expect(kept() != nil)
  }

  @Test func `a table in use stays whole when its file is replaced or removed`() async throws {
    defer { remove() }
    _ = try await keep()
    let table = try #require(kept())
    try write(seed: 2)
    _ = try await keep()
    try FileManager.default.removeItem(atPath: path)
    for row in 0..<UInt32(table.rowCount) { #expect(!table.instrument(row: row).tradingSymbol.isEmpty) }
  }

  @Test func `a full disk costs the cache and nothing else`() async throws {
    defer { remove() }
    try FileManager.default.createDirectory(atPath: directory.file("symbols"), withIntermediateDirectories: true)
    // What is written to this device ends in ENOSPC.
    #expect(symlink("/dev/full", path + ".new") == 0)
    let parsed = try await keep()
    #expect(log.codes == ["symbols.cacheNotKept"])
    #expect(log.last("code") == "file.unusable")
    #expect(log.last("cause")?.contains("No space left") == true)
    #expect(await master.current(.sample) === parsed)
    #expect(try DataDirectory(existing: directory.file("symbols")).names() == [])
  }

  @Test func `a folder that cannot be made costs the cache and nothing else`() async throws {
    defer { remove() }
    try directory.write([], to: "symbols")
    let parsed = try await keep()
    #expect(log.codes == ["symbols.cacheNotKept"])
    #expect(await master.current(.sample) === parsed)
    #expect(kept() == nil)
  }

  @Test func `what is no regular file is not read`() async throws {
    defer { remove() }
    _ = try await keep()
    try FileManager.default.moveItem(atPath: path, toPath: path + ".real")
    #expect(symlink(path + ".real", path) == 0)
    #expect(kept() == nil)
    #expect(log.codes.last == "symbols.cacheUnusable")
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(kept() == nil)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: directory.path) }
}

/// What was logged, in its order.
private final class EventLog: LogHandler {
  private let events = Mutex<[(event: String, metadata: Logger.Metadata)]>([])

  var lines: [String] { events.withLock { $0.map { "\($0.event) \($0.metadata)" } } }
  var codes: [String] { events.withLock { $0.map(\.event) } }

  func last(_ key: String) -> String? { events.withLock { $0.last?.metadata[key].map { "\($0)" } } }

  func log(event: LogEvent) {
    events.withLock { $0.append((event.message.description, event.metadata ?? [:])) }
  }

  var metadata: Logger.Metadata {
    get { [:] }
    set {}
  }
  var logLevel: Logger.Level {
    get { .trace }
    set {}
  }
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { nil }
    set {}
  }
}
