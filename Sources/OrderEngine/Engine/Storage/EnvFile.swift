internal import Glibc
import OrderDomain

/// A `.env` file that other programs read too, and perhaps write: one value of it is changed at a time, and the file is
/// replaced whole. Everything here blocks.
///
/// Who writes holds a lock on the file (flock(2)), so that two accounts, or two engines, do not lose each other's line. The
/// file is another one after each write: whoever has waited for the lock looks whether it is still the one of that name.
struct EnvFile: Sendable {
  let path: String

  /// As much as the engine reads of its own.
  static let byteLimit = 1 << 20
  /// How long others may hold the lock, or change the file again and again. A writer takes some milliseconds; a store may
  /// take five seconds in all.
  private static let patience = Duration.seconds(2)
  /// Beside the file, so that it can take its place; gone when it has.
  private static let temporarySuffix = ".order-engine-new"

  /// Whether these words can be the path of such a file: its name begins or ends with `.env`. A list that names the
  /// configuration file, or a key, would have a line of another kind put into it.
  static func isPath(_ path: String) -> Bool {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    return (name.hasPrefix(".env") || name.hasSuffix(".env")) && path.utf8.count < Int(PATH_MAX)
      && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }

  /// Whether both names lead to one file.
  static func isSame(_ one: String, _ other: String) -> Bool {
    if one == other { return true }
    var (left, right) = (stat(), stat())
    guard unsafe stat(one, &left) == 0, unsafe stat(other, &right) == 0 else { return false }
    return left.st_dev == right.st_dev && left.st_ino == right.st_ino
  }

  // MARK: Reading

  /// The text, and when the file was written last; `nil` where there is no file.
  func read() throws(Refusal) -> (text: EnvText, writtenAt: Timestamp)? {
    // Without waiting for a writer, if it is a pipe.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw unusable("be read", errno)
    }
    defer { close(descriptor) }
    let status = try plainStatus(descriptor)
    return (try text(descriptor), Timestamp(status.st_mtim))
  }

  private func text(_ descriptor: Int32) throws(Refusal) -> EnvText {
    let bytes = try DataDirectory.read(descriptor, path, limit: EnvFile.byteLimit)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Refusal(code: "file.notText", cause: "\(path) is not UTF-8 text", fix: "save it again as UTF-8")
    }
    return EnvText(bytes)
  }

  /// Of a file as it should be.
  private func plainStatus(_ descriptor: Int32) throws(Refusal) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw unusable("be read", errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw refusal("\(path) is a folder, a pipe or a device", "name the .env file itself in TOKEN_ENV_FILES")
    }
    return status
  }

  // MARK: Writing

  /// Sets one value; the file is made where there is none. It is readable by its owner alone afterwards, whoever could
  /// read it before, and belongs to the same user. A symbolic link stays one.
  func set(_ name: String, to value: Secret) throws(Refusal) {
    let value = value.copiedBytes()
    guard EnvText.isPlain(value) else {
      throw Refusal(
        code: "secret.tokenNotPlain",
        cause: "the token holds what programs may read differently in \(path), such as blanks or quotes",
        fix: "nothing to do: it is kept in the other places")
    }
    let deadline = ContinuousClock.now.advanced(by: EnvFile.patience)
    repeat {
      if try change(until: deadline, { $0.set(name, to: value) }) { return }
    } while ContinuousClock.now < deadline
    throw busy("other programs have kept changing \(path) for \(EnvFile.patience)")
  }

  /// - Returns: `false` when somebody else has replaced or changed the file meanwhile; nothing is changed then.
  func change(until deadline: ContinuousClock.Instant, _ body: (inout EnvText) -> Void) throws(Refusal) -> Bool {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
    guard descriptor >= 0 else { throw unusable("be written", errno) }
    // Its lock ends with it.
    defer { close(descriptor) }
    _ = try plainStatus(descriptor)
    try lock(descriptor, until: deadline)
    let target = try target()
    let status = try plainStatus(descriptor)
    guard isStill(status, at: target) else { return false }
    let before = try text(descriptor)
    var after = before
    body(&after)
    if after == before, status.st_mode & 0o7777 == 0o600 { return true }
    let temporary = target + EnvFile.temporarySuffix
    try make(temporary, after.bytes, like: status)
    // One who does not know of the lock, such as an editor.
    guard isStill(status, at: target) else {
      unsafe unlink(temporary)
      return false
    }
    guard unsafe rename(temporary, target) == 0 else {
      let error = errno
      unsafe unlink(temporary)
      throw unusable("be replaced", error)
    }
    try sync(folderOf: target)
    return true
  }

  private func lock(_ descriptor: Int32, until deadline: ContinuousClock.Instant) throws(Refusal) {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw unusable("be locked", errno) }
      guard ContinuousClock.now < deadline else {
        throw busy("another program has held the lock of \(path) for \(EnvFile.patience)")
      }
      usleep(5_000)
    }
  }

  /// What the name leads to, through all links.
  private func target() throws(Refusal) -> String {
    guard let resolved = unsafe realpath(path, nil) else { throw unusable("be found", errno) }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  private func isStill(_ status: stat, at target: String) -> Bool {
    var now = stat()
    return unsafe stat(target, &now) == 0 && now.st_dev == status.st_dev && now.st_ino == status.st_ino
      && now.st_size == status.st_size && Timestamp(now.st_mtim) == Timestamp(status.st_mtim)
  }

  private func make(_ temporary: String, _ bytes: [UInt8], like status: stat) throws(Refusal) {
    // Left by a process that ended in between, or laid there by somebody: never written through.
    unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unusable("be written", errno) }
    let error = EnvFile.fill(descriptor, bytes, like: status)
    close(descriptor)
    guard let error else { return }
    unsafe unlink(temporary)
    if error == EPERM {
      throw refusal("\(path) belongs to another user", "chown it to the user that the engine runs as")
    }
    throw unusable("be written", error)
  }

  /// The error that stopped it, if one did.
  private static func fill(_ descriptor: Int32, _ bytes: [UInt8], like status: stat) -> Int32? {
    // The group matters little where only the owner may read.
    if fchown(descriptor, status.st_uid, status.st_gid) != 0, status.st_uid != geteuid() { return EPERM }
    guard fchmod(descriptor, 0o600) == 0 else { return errno }
    if let error = DataDirectory.writeAll(bytes.span, to: descriptor) { return error }
    return fsync(descriptor) == 0 ? nil : errno
  }

  /// The new name stays so after a power cut.
  private func sync(folderOf target: String) throws(Refusal) {
    let end = target.lastIndex(of: "/") ?? target.startIndex
    let folder = end == target.startIndex ? "/" : String(target[..<end])
    try DataDirectory(existing: folder).sync()
  }

  // MARK: Refusals

  private func unusable(_ deed: String, _ error: Int32) -> Refusal {
    let words = unsafe String(cString: strerror(error))
    let fix =
      switch error {
      // A mount point cannot be renamed over.
      case EBUSY: "mount the folder of the file into the container, and not the file alone"
      case EISDIR: "name the .env file itself in TOKEN_ENV_FILES"
      default:
        "let this user write the file and its folder, since a new file takes its place; and see that the disk has room"
      }
    return refusal("\(path) cannot \(deed): \(words)", fix)
  }

  private func refusal(_ cause: String, _ fix: String) -> Refusal {
    Refusal(code: "secret.envFileUnusable", cause: cause, fix: fix)
  }

  private func busy(_ cause: String) -> Refusal {
    Refusal(
      code: "secret.envFileBusy", cause: cause, fix: "end the program that holds it; the next token is written again")
  }
}

extension Timestamp {
  fileprivate init(_ time: timespec) {
    self.init(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
