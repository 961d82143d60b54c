import Actors
internal import Glibc
import Logging
import OrderDomain
internal import Synchronization

/// The table that was made of a source's symbol files, kept as a file beside them: the next start maps it instead of
/// parsing the files again, and it takes no memory but for the pages that orders touch.
///
/// It may be lost at any time and is never believed without proof: by its header it must come from this build of the
/// program, this trading day and files of these very bytes, and it must be whole (``SymbolTable/opened(_:)``). Whatever is
/// doubtful is said in the log, and the files are parsed. What cannot be kept is said too, and nothing else comes of it.
final class SymbolCache: Sendable {
  private let source: SymbolSource
  /// The engine's; the cache lies in its `symbols`.
  private let dataDirectory: DataDirectory
  private let logger: Logger
  private let pending = Mutex<Pending?>(nil)

  /// Ten times what the largest master makes.
  private static let byteLimit = 256 << 20

  /// What was parsed and is not kept yet.
  private struct Pending {
    let table: SymbolTable
    let identity: SymbolImageIdentity
  }

  /// Held while a file is written: accounts at one broker share its table, and with it the name of the half-written file.
  private static let writing = Mutex(())

  init(_ source: SymbolSource, in dataDirectory: DataDirectory, logger: Logger) {
    self.source = source
    self.dataDirectory = dataDirectory
    self.logger = logger
  }

  private var folder: String { dataDirectory.file("symbols") }
  private var name: String { "\(source.code).table" }
  private var path: String { folder + "/" + name }

  // MARK: At a start

  /// The kept table of these files; `nil` when there is none, or none that can be believed. Blocks.
  func table(of files: [String], day: CalendarDate, fileByteLimit: Int) -> SymbolTable? {
    do throws(Refusal) {
      guard let mapping = try FileMapping(path: path, limit: SymbolCache.byteLimit) else { return nil }
      do throws(SymbolImageFault) {
        let image = try SymbolImage(reading: mapping.memory)
        let identity = image.header.identity
        // First what costs nothing to know.
        guard identity.program == SymbolCache.program else { throw .stale(.program) }
        guard identity.day == day else { throw .stale(.day) }
        guard identity.sources == SymbolCache.digest(files, limit: fileByteLimit) else { throw .stale(.sources) }
        let table = try SymbolTable.opened(image)
        mapping.releasePages()
        return table
      } catch {
        tell(error)
        return nil
      }
    } catch {
      logger.warning("symbols.cacheUnusable", metadata: metadata(error.code, error.cause))
      return nil
    }
  }

  private func tell(_ fault: SymbolImageFault) {
    let metadata = metadata(fault.code, "\(path): \(fault.cause)")
    if fault.isExpected {
      logger.info("symbols.cacheNotUsed", metadata: metadata)
    } else {
      logger.warning("symbols.cacheNotUsed", metadata: metadata)
    }
  }

  private func metadata(_ code: String, _ cause: String) -> Logger.Metadata {
    ["source": "\(source.code)", "code": "\(code)", "cause": "\(cause)", "fix": "none is needed: the files are parsed"]
  }

  // MARK: After a load

  /// What a table of these files is known by later. Some milliseconds of work, beside the parser's.
  static func identity(of files: [SymbolFile], day: CalendarDate) async -> SymbolImageIdentity {
    await BlockingWork.run {
      var sources = SymbolSourceDigest()
      for file in files { sources.add(file) }
      return SymbolImageIdentity(program: program, day: day, sources: sources.value)
    }
  }

  /// Notes a table to be kept when there is time, instead of whatever was noted before.
  func note(_ table: SymbolTable, as identity: SymbolImageIdentity) {
    pending.withLock { $0 = Pending(table: table, identity: identity) }
  }

  /// Writes what was noted, and puts the mapped table in the place of the one in memory, which is then given back.
  func keep(in master: SymbolMaster) async {
    guard let noted = pending.withLock({ $0.take() }), await master.current(source) === noted.table else { return }
    switch await BlockingWork.runAside({ [self] in SymbolCache.writing.withLock { _ in write(noted) } }) {
    case .success(let mapped):
      let isInUse = await master.replace(noted.table, with: mapped, of: source)
      logger.info("symbols.cacheKept", metadata: ["source": "\(source.code)", "inUse": "\(isInUse)"])
    case .failure(let refusal):
      logger.warning(
        "symbols.cacheNotKept",
        metadata: [
          "source": "\(source.code)", "code": "\(refusal.code)", "cause": "\(refusal.cause)",
          "fix": "\(refusal.fix); until then each start parses the symbol files",
        ])
    }
  }

  private func write(_ pending: Pending) -> Result<SymbolTable, Refusal> {
    do throws(Refusal) {
      let image = pending.table.image
      let directory = try DataDirectory(path: folder)
      try directory.write(image.headerBytes(for: pending.identity).span, image.body, to: name)
      guard let mapping = try FileMapping(path: path, limit: SymbolCache.byteLimit) else {
        throw Refusal(code: "file.unusable", cause: "\(path) is gone at once", fix: "see who removes it")
      }
      // As strictly as at a start: what is written wrong shows today.
      do throws(SymbolImageFault) {
        let kept = try SymbolImage(reading: mapping.memory)
        guard kept.header.identity == pending.identity else { throw .stale(.sources) }
        let table = try SymbolTable.opened(kept)
        mapping.releasePages()
        return .success(table)
      } catch {
        throw Refusal(code: error.code, cause: "\(path): \(error.cause)", fix: "check the disk")
      }
    } catch {
      return .failure(error)
    }
  }

  // MARK: Identity

  /// What another build of the program has not: its size and when it was written.
  private static let program: UInt64 = {
    var status = stat()
    // 0 where a process cannot look at itself: the same each time, and the format's version remains.
    guard unsafe stat("/proc/self/exe", &status) == 0 else { return 0 }
    let words = [Int64(status.st_size), Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec)]
    return words.reduce(into: UInt64(0)) { $0 = ($0 ^ UInt64(bitPattern: $1)) &* 0x9E37_79B9_7F4A_7C15 }
  }()

  /// Of the files as they are now, read once in pieces; `nil` when one of them cannot be read, which the parser says best.
  private static func digest(_ files: [String], limit: Int) -> UInt64? {
    var digest = SymbolSourceDigest()
    for file in files {
      guard let (start, byteCount, hash) = FileDigest.read(file, limit: limit) else { return nil }
      digest.add(SymbolLoading.format(of: start), byteCount: byteCount, digest: hash)
    }
    return digest.value
  }
}
