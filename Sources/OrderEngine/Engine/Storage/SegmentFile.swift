package import OrderDomain
package import Ring

/// The journal's segment that is being written, through the event loop.
package actor SegmentFile: AppendLog {
  private let loop: EventLoop
  private let file: AppendFile
  private let buffer = IOBuffer(capacity: 64 * 1024)
  private var end: UInt64

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the loop alive.
    unsafe loop.asUnownedSerialExecutor()
  }

  package init(loop: EventLoop, file: AppendFile, end: UInt64) {
    self.loop = loop
    self.file = file
    self.end = end
  }

  package func append(_ bytes: [UInt8], isDurable: Bool) async throws(AppendLogFailure) {
    buffer.removeAll()
    buffer.append(bytes.span)
    do throws(FileError) {
      if isDurable {
        try await loop.writeAndSync(buffer, to: file, at: end)
      } else {
        try await loop.write(buffer, to: file, at: end)
      }
    } catch {
      throw AppendLogFailure(SegmentFile.refusal(error, file.path))
    }
    end += UInt64(bytes.count)
  }

  private static func refusal(_ error: FileError, _ path: String) -> Refusal {
    switch error.code {
    case .noSpace:
      Refusal(
        code: "journal.diskFull", cause: "the disk that holds \(path) is full",
        fix: "make room and restart the engine; nothing was accepted that is not on disk")
    case .openFailed, .locked, .writeFailed, .syncFailed, .readFailed, .allocateFailed, .truncateFailed,
      .tooManyInFlight, .stopped:
      Refusal(
        code: "journal.notWritable", cause: "\(path) could not be made durable: \(error)",
        fix: "check the disk, then restart the engine; nothing was accepted that is not on disk")
    }
  }
}
