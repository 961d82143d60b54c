import Foundation
import Testing

/// The engine as a process, started again on the same symbol files.
@Suite(.timeLimit(.minutes(3)))
struct SymbolCacheTests {
  private let csv: String
  private var environment: [String: String] { ["SYMBOL_FILES": csv] }

  private static let header =
    "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,"
    + "SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,"
    + "SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME\n"

  private func row(id: Int) -> String {
    "NSE,E,\(id),EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD\n"
  }

  init() throws {
    csv = EngineProcess.newDirectory() + "/master.csv"
    try write(id: 2885)
  }

  private func write(id: Int) throws {
    try (Self.header + row(id: id)).write(toFile: csv, atomically: true, encoding: .utf8)
  }

  /// Where the table came from, by the engine's own word.
  private func origin(_ engine: EngineProcess) throws -> String {
    let line = try #require(engine.waitForLog("symbols.loaded"))
    return try #require(["cache", "files", "sample"].first { line.contains("\"from\":\"\($0)\"") }, "\(line)")
  }

  private func expectFill(_ engine: EngineProcess, id: String) throws {
    let answer = try RawClient(port: engine.port).post("/webhook?wait=2000", AlertBodies.market(engine.secret, id: id))
    #expect(answer.legs.first?["outcome"] as? String == "filled", "\(answer.body)")
  }

  @Test("the second start uses what the first one kept, and trades")
  func twice() throws {
    let first = try EngineProcess(environment: environment)
    #expect(try origin(first) == "files")
    #expect(first.waitForLog("symbols.cacheKept") != nil)
    try expectFill(first, id: "first")
    #expect(first.stop() == 0)
    let path = first.directory + "/symbols/sample.table"
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)

    let second = try EngineProcess(directory: first.directory, environment: environment)
    #expect(try origin(second) == "cache")
    try expectFill(second, id: "second")
    #expect(second.stop() == 0)

    try write(id: 2886)
    let third = try EngineProcess(directory: first.directory, environment: environment)
    #expect(try origin(third) == "files")
    #expect(third.log.contains("symbols.cacheStale"))
    try expectFill(third, id: "third")
    #expect(third.waitForLog("symbols.cacheKept") != nil)
    #expect(third.stop() == 0)
    #expect(try origin(EngineProcess(directory: first.directory, environment: environment)) == "cache")
  }

  @Test("a damaged cache is named in the log, and the files are parsed")
  func damaged() throws {
    let first = try EngineProcess(environment: environment)
    #expect(first.waitForLog("symbols.cacheKept") != nil)
    #expect(first.stop() == 0)
    let url = URL(fileURLWithPath: first.directory + "/symbols/sample.table")
    var data = try Data(contentsOf: url)
    data[data.count - 300] ^= 1
    try data.write(to: url)
    let second = try EngineProcess(directory: first.directory, environment: environment)
    #expect(try origin(second) == "files")
    #expect(second.log.contains("symbols.cacheDamaged"))
    try expectFill(second, id: "second")
    #expect(second.waitForLog("symbols.cacheKept") != nil)
    #expect(second.stop() == 0)
  }

  @Test("an engine that can keep no cache says so and trades")
  func notKept() throws {
    let directory = EngineProcess.newDirectory()
    try Data().write(to: URL(fileURLWithPath: directory + "/symbols"))
    let engine = try EngineProcess(directory: directory, environment: environment)
    #expect(engine.waitForLog("symbols.cacheNotKept")?.contains("file.unusable") == true)
    try expectFill(engine, id: "a")
    #expect(engine.stop() == 0)
  }

  @Test("a broker's table is kept beside its files", arguments: ["dhan", "fyers"])
  func broker(_ broker: String) throws {
    let simulator = try SimulatorProcess()
    let environment = simulator.environment(broker)
    let first = try EngineProcess(environment: environment)
    #expect(try origin(first) == "files")
    #expect(first.waitForLog("symbols.cacheKept") != nil)
    #expect(first.stop() == 0)
    let second = try EngineProcess(directory: first.directory, environment: environment)
    #expect(try origin(second) == "cache")
    let answer = try RawClient(port: second.port).post("/webhook", AlertBodies.native(second.secret, id: "native"))
    #expect(try second.outcomes(of: try acceptedAlert(answer)) { $0 == ["filled"] } == ["filled"])
    #expect(second.stop() == 0)
  }
}
