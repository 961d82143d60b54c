import Actors
import Logging
import OrderDomain

/// Which symbols the paper broker trades: the files that the configuration names, else the embedded sample.
struct SymbolLoading: Sendable {
  let files: [String]
  let master: SymbolMaster
  let cache: SymbolCache
  let logger: Logger

  /// A full master has 35 MB; ten times that is not one.
  private static let fileByteLimit = 350 << 20

  init(_ configuration: EngineConfiguration, into master: SymbolMaster, directory: DataDirectory, logger: Logger) {
    files = configuration.symbolFiles
    self.master = master
    cache = SymbolCache(.sample, in: directory, logger: logger)
    self.logger = logger
  }

  func load(at now: Timestamp) async throws {
    let day = now.indianDate
    if !files.isEmpty, try await loadKept(day, at: now) { return }
    let read = try files.isEmpty ? [SampleSymbols.file(today: day)] : readFiles()
    async let identity = SymbolCache.identity(of: read, day: day)
    do throws(SymbolFileError) {
      guard case .installed(let report, let table) = try await master.load(read, source: .sample, now: now) else {
        return
      }
      tell(report, from: files.isEmpty ? "sample" : "files")
      // The sample is made sooner than a file of it would be read.
      if !files.isEmpty { await cache.note(table, as: identity) }
    } catch {
      throw Refusal(code: error.code, cause: error.description, fix: error.fix)
    }
  }

  /// The same on a new day; `false` when what was there stays, and the log says why.
  func reload(at now: Timestamp) async -> Bool {
    do {
      try await load(at: now)
      await keep()
      return true
    } catch let refusal as Refusal {
      logger.error("symbols.notLoaded", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
    } catch {
      logger.error("symbols.notLoaded", metadata: ["cause": "\(error)"])
    }
    return false
  }

  /// Keeps for the next start what was parsed at this one.
  func keep() async { await cache.keep(in: master) }

  private func loadKept(_ day: CalendarDate, at now: Timestamp) async throws -> Bool {
    let (files, cache) = (files, cache)
    let kept = await BlockingWork.run { cache.table(of: files, day: day, fileByteLimit: SymbolLoading.fileByteLimit) }
    guard let kept else { return false }
    do throws(SymbolFileError) {
      let load = try await master.install(kept, named: "the kept table", source: .sample, now: now)
      if case .installed(let report, _) = load { tell(report, from: "cache") }
      return true
    } catch {
      // The parser says it better, of the files themselves.
      logger.info("symbols.cacheNotUsed", metadata: ["code": "\(error.code)", "cause": "\(error.cause)"])
      return false
    }
  }

  private func readFiles() throws -> [SymbolFile] {
    var read: [SymbolFile] = []
    for path in files {
      guard let bytes = try DataDirectory.read(path, limit: SymbolLoading.fileByteLimit) else {
        throw Refusal(
          code: "symbols.fileMissing", cause: "there is no symbol file \(path)",
          fix: "correct SYMBOL_FILES, or leave it out for the embedded sample")
      }
      read.append(SymbolFile(name: path, format: SymbolLoading.format(of: bytes), content: bytes))
    }
    return read
  }

  private func tell(_ report: SymbolLoadReport, from origin: String) {
    logger.info(
      "symbols.loaded",
      metadata: ["rows": "\(report.rowCount)", "generation": "\(report.generation)", "from": "\(origin)"])
  }

  /// By the first line: Dhan's files have a header, each its own; Fyers' have none.
  static func format(of bytes: [UInt8]) -> SymbolFileFormat {
    if bytes.starts(with: "SEM_EXM_EXCH_ID".utf8) { return .dhanCompact }
    return bytes.starts(with: "EXCH_ID".utf8) ? .dhanDetailed : .fyers
  }
}
