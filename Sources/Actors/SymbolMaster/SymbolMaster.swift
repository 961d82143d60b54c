package import OrderDomain

/// What a load that succeeded put in use.
package struct SymbolLoadReport: Sendable {
  package let source: SymbolSource
  /// Counted from 1 for each source.
  package let generation: UInt64
  package let loadedAt: Timestamp
  package let rowCount: Int
  package let byteCount: Int
  package let counts: SymbolRowCounts
  /// Against the table before; `nil` for the first.
  package let difference: SymbolTableDifference?
}

/// How a load ended, when the files were good.
package enum SymbolLoad: Sendable {
  case installed(SymbolLoadReport, SymbolTable)
  /// A load that was started later has been installed already; this one's table was dropped.
  case superseded
}

/// The state of one source, for health checks and the dashboard.
package struct SymbolSourceStatus: Sendable {
  package let lastLoad: SymbolLoadReport?
  /// The failure of the latest load, if it failed; the table of ``lastLoad`` is in use all the same.
  package let lastFailure: SymbolFileError?
}

/// Holds the symbol table in use of each source, and swaps it whole.
///
/// Whoever resolves an alert takes the table once and keeps it for that alert: tables never change, so one alert sees
/// one table. A load that fails changes nothing but the report.
package actor SymbolMaster {
  private struct Slot {
    var table: SymbolTable?
    var lastLoad: SymbolLoadReport?
    var lastFailure: SymbolFileError?
    /// Loads started, and the latest of them that ended.
    var startedCount: UInt64 = 0
    var settledTicket: UInt64 = 0
    var generation: UInt64 = 0
  }

  private let executor: any SerialExecutor
  /// The engine's thread. Unowned, because the actor itself keeps `executor` alive.
  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
  private var slots: InlineArray<3, Slot> = InlineArray(repeating: Slot())

  /// - Parameter executor: the engine's; files are parsed away from it.
  package init(executor: any SerialExecutor) { self.executor = executor }

  /// The table in use; `nil` before the first successful load.
  package func current(_ source: SymbolSource) -> SymbolTable? { slots[Int(source.rawValue)].table }

  package func status(_ source: SymbolSource) -> SymbolSourceStatus {
    let slot = slots[Int(source.rawValue)]
    return SymbolSourceStatus(lastLoad: slot.lastLoad, lastFailure: slot.lastFailure)
  }

  /// Parses the files of a source into one table on the global pool, then puts it in use.
  ///
  /// - Parameters:
  ///   - limits: what the table must hold; the size of the table in use is filled in here.
  ///   - now: the time of the load, for the report.
  /// - Throws: ``SymbolFileError`` when any file is damaged; then the table before stays in use.
  package func load(
    _ files: [SymbolFile], source: SymbolSource, limits: SymbolTableLimits = SymbolTableLimits(), now: Timestamp
  ) async throws(SymbolFileError) -> SymbolLoad {
    try await install(source: source, limits: limits, now: now) { (limits) throws(SymbolFileError) in
      try SymbolTable.read(files, limits: limits)
    }
  }

  /// Puts a table in use that was made before, if it holds what a parsed one must.
  ///
  /// - Throws: ``SymbolFileError`` in the name of `name` when it does not; then the table before stays in use.
  package func install(
    _ table: SymbolTable, named name: String, source: SymbolSource, limits: SymbolTableLimits = SymbolTableLimits(),
    now: Timestamp
  ) async throws(SymbolFileError) -> SymbolLoad {
    try await install(source: source, limits: limits, now: now) { (limits) throws(SymbolFileError) in
      try limits.check(rowCount: table.rowCount, table.counts, of: name)
      return table
    }
  }

  /// Another home of the table in use, with the same in it: no load, and no news. `false` when `table` is not in use.
  package func replace(_ table: SymbolTable, with same: SymbolTable, of source: SymbolSource) -> Bool {
    let index = Int(source.rawValue)
    guard slots[index].table === table else { return false }
    slots[index].table = same
    return true
  }

  private typealias Making = @Sendable (SymbolTableLimits) throws(SymbolFileError) -> SymbolTable

  private func install(
    source: SymbolSource, limits: SymbolTableLimits, now: Timestamp, _ make: @escaping Making
  ) async throws(SymbolFileError) -> SymbolLoad {
    let index = Int(source.rawValue)
    slots[index].startedCount += 1
    let ticket = slots[index].startedCount
    let previous = slots[index].table
    var limits = limits
    limits.previousRowCount = previous?.rowCount ?? 0
    let made = await SymbolMaster.makeElsewhere(make, limits, previous)
    // The world is new after the wait: a later load may have ended before this one.
    guard ticket > slots[index].settledTicket else { return .superseded }
    slots[index].settledTicket = ticket
    switch made {
    case .failure(let failure):
      slots[index].lastFailure = failure
      throw failure
    case .success(let (table, difference)):
      slots[index].generation += 1
      let report = SymbolLoadReport(
        source: source, generation: slots[index].generation, loadedAt: now, rowCount: table.rowCount,
        byteCount: table.byteCount, counts: table.counts, difference: difference)
      slots[index].table = table
      slots[index].lastLoad = report
      slots[index].lastFailure = nil
      return .installed(report, table)
    }
  }

  /// Leaves the engine's executor. Under a task's executor preference even a `@concurrent` function would run there, so
  /// the preference is replaced for the stretch.
  private nonisolated static func makeElsewhere(
    _ make: @escaping Making, _ limits: SymbolTableLimits, _ previous: SymbolTable?
  ) async -> Result<(SymbolTable, SymbolTableDifference?), SymbolFileError> {
    await withTaskExecutorPreference(globalConcurrentExecutor) { await run(make, limits, previous) }
  }

  @concurrent
  private nonisolated static func run(
    _ make: Making, _ limits: SymbolTableLimits, _ previous: SymbolTable?
  ) async -> Result<(SymbolTable, SymbolTableDifference?), SymbolFileError> {
    do throws(SymbolFileError) {
      let table = try make(limits)
      return .success((table, previous.map { SymbolTableDifference(from: $0, to: table) }))
    } catch {
      return .failure(error)
    }
  }
}

extension SymbolTable {
  /// Reads several files into one table.
  package static func read(
    _ files: [SymbolFile], limits: SymbolTableLimits = SymbolTableLimits()
  ) throws(SymbolFileError) -> SymbolTable {
    var builder = SymbolTableBuilder(limits: limits)
    for file in files {
      try file.content.withBytes { (bytes) throws(SymbolFileError) in
        try builder.add(file: file.name, format: file.format, bytes: bytes)
      }
    }
    return try builder.finish()
  }
}
