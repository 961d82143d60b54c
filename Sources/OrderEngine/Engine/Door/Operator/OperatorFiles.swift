import Glibc
package import OrderDomain

/// What the data directory keeps about who may operate the engine. Blocks.
package struct OperatorFiles: Sendable {
  static let keysName = "api-keys"
  static let passwordName = "password"
  private static let sizeLimit = 1 << 20

  private let directory: DataDirectory

  package init(directory: DataDirectory) { self.directory = directory }

  package func keys() throws(Refusal) -> APIKeyRing {
    guard let text = try DataDirectory.readText(directory.file(OperatorFiles.keysName), limit: OperatorFiles.sizeLimit)
    else { return APIKeyRing() }
    return try APIKeyRing(text: text)
  }

  /// Reads, changes and writes; two that do so at once take turns.
  package func changeKeys<Answer>(
    _ body: (inout APIKeyRing) throws(Refusal) -> Answer
  ) throws(Refusal) -> Answer {
    let path = directory.file(OperatorFiles.keysName + ".lock")
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    // Closing gives the lock back.
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
      throw Refusal(
        code: "file.unusable", cause: "\(path) cannot be locked: \(unsafe String(cString: strerror(errno)))",
        fix: "check that this user may write there")
    }
    var ring = try keys()
    let answer = try body(&ring)
    try directory.write(Array(ring.text.utf8), to: OperatorFiles.keysName)
    try directory.sync()
    return answer
  }

  /// `nil` while no password is set.
  package func password() throws(Refusal) -> PasswordHash? {
    guard let text = try DataDirectory.readText(directory.file(OperatorFiles.passwordName), limit: 4_096) else {
      return nil
    }
    guard let hash = PasswordHash(text: text) else {
      throw Refusal(
        code: "auth.passwordUnreadable", cause: "the file of the password's hash is damaged",
        fix: "set the password anew with order-engine password set")
    }
    return hash
  }

  package func setPassword(_ hash: PasswordHash) throws(Refusal) {
    try directory.write(Array(hash.text.utf8), to: OperatorFiles.passwordName)
    try directory.sync()
  }

  package func removePassword() throws(Refusal) {
    try directory.remove(OperatorFiles.passwordName)
    try directory.sync()
  }

  /// Each part differs whenever its file was written anew: each time it is another file under the old name.
  struct Stamp: Equatable, Sendable {
    fileprivate(set) var keys: [Int64] = []
    fileprivate(set) var password: [Int64] = []
  }

  func stamp() -> Stamp {
    Stamp(keys: stamp(OperatorFiles.keysName), password: stamp(OperatorFiles.passwordName))
  }

  private func stamp(_ name: String) -> [Int64] {
    var status = stat()
    guard unsafe stat(directory.file(name), &status) == 0 else { return [] }
    return [
      Int64(bitPattern: UInt64(status.st_ino)), Int64(status.st_size), Int64(status.st_mtim.tv_sec),
      Int64(status.st_mtim.tv_nsec),
    ]
  }
}
