import Actors
import Logging
import OrderDomain

/// Which symbols the paper broker trades: the files that the configuration names, else the embedded sample.
enum SymbolLoading {
  /// A full master has 35 MB; ten times that is not one.
  private static let fileByteLimit = 350 << 20

  static func load(_ configuration: EngineConfiguration, into master: SymbolMaster, at now: Timestamp, logger: Logger)
    async throws
  {
    var files: [SymbolFile] = []
    for path in configuration.symbolFiles {
      guard let bytes = try DataDirectory.read(path, limit: fileByteLimit) else {
        throw Refusal(
          code: "symbols.fileMissing", cause: "there is no symbol file \(path)",
          fix: "correct SYMBOL_FILES, or leave it out for the embedded sample")
      }
      files.append(SymbolFile(name: path, format: format(of: bytes), content: bytes))
    }
    if files.isEmpty { files.append(SampleSymbols.file(today: now.indianDate)) }
    do throws(SymbolFileError) {
      if case .installed(let report) = try await master.load(files, source: .sample, now: now) {
        logger.info(
          "symbols.loaded", metadata: ["rows": "\(report.rowCount)", "generation": "\(report.generation)"])
      }
    } catch {
      throw Refusal(code: error.code, cause: error.description, fix: error.fix)
    }
  }

  /// The same on a new day; `false` when what was there stays, and the log says why.
  static func reload(_ configuration: EngineConfiguration, into master: SymbolMaster, at now: Timestamp, logger: Logger)
    async -> Bool
  {
    do {
      try await load(configuration, into: master, at: now, logger: logger)
      return true
    } catch let refusal as Refusal {
      logger.error("symbols.notLoaded", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
    } catch {
      logger.error("symbols.notLoaded", metadata: ["cause": "\(error)"])
    }
    return false
  }

  /// By the first line: Dhan's files have a header, each its own; Fyers' have none.
  static func format(of bytes: [UInt8]) -> SymbolFileFormat {
    if bytes.starts(with: "SEM_EXM_EXCH_ID".utf8) { return .dhanCompact }
    return bytes.starts(with: "EXCH_ID".utf8) ? .dhanDetailed : .fyers
  }
}
