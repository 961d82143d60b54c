internal import Glibc
package import OrderDomain
package import Ring

/// The journal's segments that are being written, through the event loop. Whatever would block is done elsewhere.
///
/// Whole blocks are written, as a disk without a cache before it wants them: what lies before a commit in its first block
/// is written again as it is, and zeros behind it in its last. Cut short, each sector of a block is as it was or as it was
/// to be, so that what was durable stays.
package actor SegmentLog: AppendLog {
  /// The largest unit of any disk.
  static let blockByteCount: UInt64 = 4096

  /// Where the block begins that holds this byte.
  static func blockStart(_ offset: UInt64) -> UInt64 { offset - offset % blockByteCount }

  private let loop: EventLoop
  private let directory: DataDirectory
  /// What was written last, or read at the start.
  private let buffer = IOBuffer(capacity: 64 * 1024, alignment: Int(blockByteCount))
  /// Where the buffer's first byte is.
  private var written: LogPlace
  /// The segment that is written and the one made ahead.
  private var files: [UInt64: AppendFile]
  /// As the first one is.
  private let isDirect: Bool

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the loop alive.
    unsafe loop.asUnownedSerialExecutor()
  }

  /// - Parameter block: the present content of the block that `place` lies in.
  package init(loop: EventLoop, directory: DataDirectory, place: LogPlace, file: AppendFile, block: [UInt8]) {
    self.loop = loop
    self.directory = directory
    files = [place.segment: file]
    isDirect = file.options.direct
    written = LogPlace(segment: place.segment, offset: SegmentLog.blockStart(place.offset))
    buffer.append(block.span)
  }

  package nonisolated func write(
    _ bytes: [UInt8], at place: LogPlace, isDurable: Bool, ended: @escaping Ending
  ) {
    here((bytes, place, isDurable, ended)) { $0.begin($1.0, at: $1.1, isDurable: $1.2, ended: $1.3) }
  }

  private func begin(_ bytes: [UInt8], at place: LogPlace, isDurable: Bool, ended: @escaping Ending) {
    let file = file(place.segment)
    let start = LogPlace(segment: place.segment, offset: SegmentLog.blockStart(place.offset))
    if start.offset == place.offset {
      buffer.removeAll()
    } else {
      // The commit before this one, or this one again, ended or began here.
      precondition(start.segment == written.segment && start.offset >= written.offset, "a journal is written in order")
      buffer.keep(Int(start.offset - written.offset)..<Int(place.offset - written.offset))
    }
    buffer.append(bytes.span)
    buffer.pad(toMultipleOf: Int(SegmentLog.blockByteCount))
    written = start
    let completion: (Result<Void, FileError>) -> Void = { [self] result in
      switch result {
      case .failure(let error): ended(.failure(SegmentLog.failure(error, file.path)))
      case .success:
        // A segment is left when all of it is durable.
        if place.offset == 0 { here(place.segment) { $0.leave(before: $1) } }
        ended(.success(()))
      }
    }
    if isDurable {
      loop.writeAndSync(buffer, to: file, at: start.offset, completion: completion)
    } else {
      loop.write(buffer, to: file, at: start.offset, completion: completion)
    }
    // The disk is the slowest part of all: it shall not wait until the turn is over.
    loop.submitNow()
  }

  private func leave(before segment: UInt64) { files = files.filter { $0.key >= segment } }

  package func sync(_ segment: UInt64) async throws(AppendLogFailure) {
    let file = file(segment)
    do throws(FileError) {
      try await loop.sync(file)
    } catch {
      throw SegmentLog.failure(error, file.path)
    }
  }

  package func prepare(_ segment: UInt64, byteCount: UInt64) async throws(AppendLogFailure) {
    let (directory, isDirect) = (directory, isDirect)
    let made = await BlockingWork.run { SegmentLog.made(segment, byteCount, in: directory, isDirect: isDirect) }
    files[segment] = try made.get()
  }

  package func checkRoom(_ byteCount: UInt64) async throws(AppendLogFailure) {
    let directory = directory
    let free = await BlockingWork.run { DataDirectory.freeByteCount(directory.path) }
    if let free, free < byteCount {
      throw AppendLogFailure(
        .noSpace, SegmentLog.full("the disk that holds \(directory.path) has \(free) bytes left"))
    }
  }

  private func file(_ segment: UInt64) -> AppendFile {
    guard let file = files[segment] else { preconditionFailure("segment \(segment) was not prepared") }
    return file
  }

  // MARK: Where blocking is allowed

  private nonisolated static func made(
    _ segment: UInt64, _ byteCount: UInt64, in directory: DataDirectory, isDirect: Bool
  ) -> Result<AppendFile, AppendLogFailure> {
    let name = JournalStore.name(segment)
    do throws(FileError) {
      return .success(try JournalStore.makeSegment(directory.file(name), byteCount: byteCount, isDirect: isDirect))
    } catch {
      // Half of a segment is of no use, and its blocks are wanted.
      do throws(Refusal) { try directory.remove(name) } catch { return .failure(AppendLogFailure(.unknown, error)) }
      return .failure(failure(error, directory.file(name)))
    }
  }

  private nonisolated static func failure(_ error: FileError, _ path: String) -> AppendLogFailure {
    // A limit on the size of this process's files (EFBIG) is a disk of that size.
    if error.code == .noSpace || (error.code == .writeFailed && error.errno.rawValue == EFBIG) {
      return AppendLogFailure(.noSpace, full("the disk that holds \(path) is full"))
    }
    return AppendLogFailure(
      .unknown,
      Refusal(
        code: "journal.notWritable", cause: "\(path) could not be made durable: \(error)",
        fix: "check the disk, then restart the engine; nothing was accepted that is not on disk"))
  }

  private nonisolated static func full(_ cause: String) -> Refusal {
    Refusal(
      code: "journal.diskFull", cause: cause,
      fix:
        "make room; alerts are taken again by themselves within seconds, and nothing was accepted that is not on disk")
  }
}
