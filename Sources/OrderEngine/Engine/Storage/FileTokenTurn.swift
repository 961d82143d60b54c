internal import Glibc
package import OrderDomain

/// The turn of asking for a new token, as a lock on a file beside the kept tokens: `NAME.lock`, empty, readable by its
/// owner alone.
///
/// The kernel gives it back when its process ends, however that does. The file stays: one that is removed while another
/// waits would be two locks.
package struct FileTokenTurn: TokenTurn {
  private let path: String

  /// - Parameter path: the directory of the kept tokens; made when the first turn is taken.
  package init(path: String) { self.path = path }

  package func take(_ account: AccountID) async throws(TokenStoreError) -> TokenTurnHold? {
    let path = path
    let result: Result<Int32?, Refusal> = await BlockingWork.run {
      do throws(Refusal) {
        return .success(try FileTokenTurn.lock(try DataDirectory(path: path).file("\(account).lock")))
      } catch {
        return .failure(error)
      }
    }
    switch result {
    // Closing the last descriptor of an open file ends its lock (flock(2)).
    case .success(let descriptor): return descriptor.map { descriptor in TokenTurnHold { close(descriptor) } }
    case .failure(let refusal): throw TokenStoreError(store: "file", refusal: refusal)
    }
  }

  /// - Returns: the descriptor that holds the lock; `nil` while another has it.
  private static func lock(_ path: String) throws(Refusal) -> Int32? {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw refusal(path, errno) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let error = errno
      if error == EINTR { continue }
      close(descriptor)
      if error == EWOULDBLOCK { return nil }
      throw refusal(path, error)
    }
    return descriptor
  }

  private static func refusal(_ path: String, _ error: Int32) -> Refusal {
    let words = unsafe String(cString: strerror(error))
    return Refusal(
      code: "file.unusable", cause: "\(path) cannot be locked: \(words)",
      fix: "check that this user may write there, and that the disk has room")
  }
}
