import Actors
import Logging
import OrderDomain

/// A broker's symbol files: fetched each morning, kept on disk, and put in use whole.
///
/// What is in use stays until something better is: files that do not come, or are damaged, change nothing but the log.
struct SymbolLibrary: Sendable {
  /// Whole files by address, or why they did not come.
  typealias Fetch = @Sendable (_ url: String) async throws(Refusal) -> [UInt8]

  let source: SymbolSource
  let base: BrokerAddress
  let master: SymbolMaster
  /// Of the symbol files alone: what is in it and not of the newest date is removed.
  let directory: DataDirectory
  let limits: SymbolTableLimits
  /// `nil` for one who only looks.
  let cache: SymbolCache?
  let logger: Logger
  let fetch: Fetch

  /// Brokers write the day's files in the early morning, before 08:00 in India.
  static let morning = Duration.seconds(8 * 3_600)

  private struct Copy: Sendable {
    let date: CalendarDate
    /// With the broker's names.
    let paths: [(name: String, path: String)]
  }

  /// The files of a source and where they lie, below its address.
  static func paths(of source: SymbolSource) -> [String] {
    switch source {
    case .sample: []
    // The detailed file: the compact one has no freeze quantities and no price bands.
    case .dhan: ["/api-data/api-scrip-master-detailed.csv"]
    case .fyers: ["NSE_CM", "NSE_FO", "BSE_CM", "BSE_FO", "MCX_COM"].map { "/sym_details/\($0).csv" }
    }
  }

  // MARK: Use

  /// Puts in use what is on disk, or else what the broker has; returns the date that it is of, `nil` for nothing.
  func open(at now: Timestamp) async -> CalendarDate? {
    do throws(Refusal) {
      if let date = try await useKept(at: now) { return date }
    } catch {
      logger.warning("symbols.copyUnusable", metadata: metadata(error))
    }
    let today = DayChange.date(at: now, after: SymbolLibrary.morning)
    return await renew(today, at: now) ? today : nil
  }

  /// Puts in use what is on disk, and asks nobody; returns the date that it is of, `nil` for nothing.
  func openKept(at now: Timestamp) async -> CalendarDate? {
    do throws(Refusal) {
      return try await useKept(at: now)
    } catch {
      logger.warning("symbols.copyUnusable", metadata: metadata(error))
      return nil
    }
  }

  /// The files that an engine keeps in its data directory, to be looked at; `nil` when there are none.
  static func kept(_ source: SymbolSource, in path: String, master: SymbolMaster, logger: Logger) -> SymbolLibrary? {
    do throws(Refusal) {
      let directory = try DataDirectory(existing: "\(path)/symbols/\(source.code)")
      guard let nowhere = BrokerAddress("http://127.0.0.1") else { return nil }
      return SymbolLibrary(
        source: source, base: nowhere, master: master, directory: directory, limits: SymbolTableLimits(),
        cache: nil, logger: logger,
        fetch: { url throws(Refusal) in
          throw Refusal(code: "symbols.notServed", cause: "\(url) is not fetched here", fix: "start the engine")
        })
    } catch {
      logger.debug("symbols.noneKept", metadata: ["cause": "\(error.cause)"])
      return nil
    }
  }

  /// Fetches the files of `date`, puts them in use and keeps them; `false` when what was there stays.
  func renew(_ date: CalendarDate, at now: Timestamp) async -> Bool {
    do throws(Refusal) {
      var files: [SymbolFile] = []
      for path in SymbolLibrary.paths(of: source) {
        files.append(SymbolLibrary.file(name(of: path), try await fetch(base.text + path)))
      }
      try await install(files, date, at: now)
      let fetched = files
      try await elsewhere { () throws(Refusal) in try keep(fetched, date) }
      return true
    } catch {
      logger.error("symbols.notLoaded", metadata: metadata(error))
      // In use, though not on disk: the next start fetches them again.
      return await master.status(source).lastLoad.map { $0.loadedAt == now } ?? false
    }
  }

  /// Keeps for the next start the table that was parsed last.
  func keepTable() async { await cache?.keep(in: master) }

  /// Of what is on disk: the table that was made of it, or the files. Returns their date.
  private func useKept(at now: Timestamp) async throws(Refusal) -> CalendarDate? {
    guard let copy = try await elsewhere({ () throws(Refusal) in try newestCopy() }) else { return nil }
    if await useTable(of: copy, at: now) { return copy.date }
    guard let files = try await elsewhere({ () throws(Refusal) in try read(copy) }) else { return nil }
    try await install(files, copy.date, at: now)
    return copy.date
  }

  private func useTable(of copy: Copy, at now: Timestamp) async -> Bool {
    guard let cache else { return false }
    let limit = limits.fileByteLimit
    let table = await BlockingWork.run {
      cache.table(of: copy.paths.map(\.path), day: copy.date, fileByteLimit: limit)
    }
    guard let table else { return false }
    do throws(SymbolFileError) {
      tell(
        try await master.install(table, named: "the kept table", source: source, limits: limits, now: now),
        from: "cache")
      return true
    } catch {
      // The parser says it better, of the files themselves.
      logger.info("symbols.cacheNotUsed", metadata: ["code": "\(error.code)", "cause": "\(error.cause)"])
      return false
    }
  }

  private func install(_ files: [SymbolFile], _ date: CalendarDate, at now: Timestamp) async throws(Refusal) {
    async let identity = SymbolCache.identity(of: files, day: date)
    do throws(SymbolFileError) {
      let load = try await master.load(files, source: source, limits: limits, now: now)
      tell(load, from: "files")
      if case .installed(_, let table) = load { await cache?.note(table, as: identity) }
    } catch {
      throw Refusal(code: error.code, cause: error.description, fix: error.fix)
    }
  }

  private func tell(_ load: SymbolLoad, from origin: String) {
    guard case .installed(let report, _) = load else { return }
    logger.info(
      "symbols.loaded",
      metadata: [
        "source": "\(source.code)", "rows": "\(report.rowCount)", "generation": "\(report.generation)",
        "from": "\(origin)",
      ])
  }

  private func metadata(_ refusal: Refusal) -> Logger.Metadata {
    ["source": "\(source.code)", "code": "\(refusal.code)", "cause": "\(refusal.cause)", "fix": "\(refusal.fix)"]
  }

  // MARK: Files

  private func name(of path: String) -> String {
    String(path[(path.lastIndex(of: "/") ?? path.startIndex)...].dropFirst())
  }

  private static func file(_ name: String, _ bytes: [UInt8]) -> SymbolFile {
    SymbolFile(name: name, format: SymbolLoading.format(of: bytes), content: bytes)
  }

  /// Of the newest date of which all files are there.
  private func newestCopy() throws(Refusal) -> Copy? {
    let wanted = SymbolLibrary.paths(of: source).map(name(of:))
    let names = Set(try directory.names())
    let dates = Set(names.compactMap { CalendarDate(iso: String($0.prefix(10))) }).sorted(by: >)
    guard let date = dates.first(where: { date in wanted.allSatisfy { names.contains("\(date)-\($0)") } }) else {
      return nil
    }
    return Copy(date: date, paths: wanted.map { ($0, directory.file("\(date)-\($0)")) })
  }

  /// `nil` when one is gone.
  private func read(_ copy: Copy) throws(Refusal) -> [SymbolFile]? {
    var files: [SymbolFile] = []
    for (name, path) in copy.paths {
      guard let bytes = try DataDirectory.read(path, limit: limits.fileByteLimit) else { return nil }
      files.append(SymbolLibrary.file(name, bytes))
    }
    return files
  }

  private func keep(_ files: [SymbolFile], _ date: CalendarDate) throws(Refusal) {
    var kept: Set<String> = []
    for file in files {
      let name = "\(date)-\(file.name)"
      kept.insert(name)
      try file.content.withBytes { (bytes) throws(Refusal) in try directory.write(bytes.copied(), to: name) }
    }
    for name in try directory.names() where !kept.contains(name) { try directory.remove(name) }
  }

  /// Away from the engine's thread, which never waits for a disk.
  private func elsewhere<Value: Sendable>(
    _ body: @escaping @Sendable () throws(Refusal) -> Value
  ) async throws(Refusal) -> Value {
    let result: Result<Value, Refusal> = await withTaskExecutorPreference(globalConcurrentExecutor) {
      await SymbolLibrary.run(body)
    }
    return try result.get()
  }

  @concurrent
  private static func run<Value: Sendable>(
    _ body: @Sendable () throws(Refusal) -> Value
  ) async -> Result<Value, Refusal> {
    do throws(Refusal) { return .success(try body()) } catch { return .failure(error) }
  }
}
