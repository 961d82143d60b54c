internal import Glibc

/// Why a file could not be opened, written or made durable.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Stable names: they go to logs and documentation.
  package enum Code: String, Hashable, Sendable {
    case openFailed = "file.openFailed"
    /// Another process, or another part of this one, holds the file.
    case locked = "file.locked"
    case noSpace = "file.noSpace"
    /// Some or none of the bytes are in the file.
    case writeFailed = "file.writeFailed"
    /// What was written may or may not be on the disk, and the kernel may have dropped it: syncing the same file again
    /// proves nothing.
    case syncFailed = "file.syncFailed"
    case readFailed = "file.readFailed"
    case allocateFailed = "file.allocateFailed"
    case truncateFailed = "file.truncateFailed"
    /// `EventLoopConfiguration.fileOperationLimit` operations are under way.
    case tooManyInFlight = "file.tooManyInFlight"
    /// The loop is stopping or has stopped; nothing was written.
    case stopped = "file.stopped"
  }

  package let code: Code
  /// The operating system's number; 0 where it had no part.
  package let errno: Errno

  init(_ code: Code, _ errno: Errno = Errno(rawValue: 0)) {
    let isFull = errno.rawValue == ENOSPC || errno.rawValue == EDQUOT
    // A sync that fails for want of space is still a failed sync.
    self.code = isFull && code != .syncFailed ? .noSpace : code
    self.errno = errno
  }

  package var description: String {
    errno.rawValue == 0 ? code.rawValue : "\(code.rawValue): \(errno)"
  }
}
