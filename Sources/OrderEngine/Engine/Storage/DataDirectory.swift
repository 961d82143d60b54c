internal import Glibc
package import OrderDomain

/// The engine's own directory: journal, secrets, nothing else. Readable by its owner alone. Used at start, where blocking
/// is allowed.
package struct DataDirectory: Sendable {
  package let path: String

  /// Makes the directory if it is missing.
  package init(path: String) throws(Refusal) {
    self.path = path
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw DataDirectory.refusal("made", path, errno)
    }
  }

  /// One that must be there; nothing is made.
  package init(existing path: String) throws(Refusal) {
    self.path = path
    _ = try names()
  }

  package func file(_ name: String) -> String { path + "/" + name }

  /// The names in it, sorted.
  package func names() throws(Refusal) -> [String] {
    guard let directory = unsafe opendir(path) else { throw DataDirectory.refusal("read", path, errno) }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The secret kept under `name`; made of `byteCount` random bytes, in base 32, when there is none yet.
  package func secret(_ name: String, byteCount: Int = 20) throws(Refusal) -> (text: String, isNew: Bool) {
    let path = file(name)
    if let text = try DataDirectory.readText(path, limit: 4096) {
      let trimmed = String(text.filter { !$0.isWhitespace })
      if !trimmed.isEmpty { return (trimmed, false) }
    }
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
    let text = String((0..<(byteCount * 8 / 5)).map { _ in digits[Int.random(in: 0..<32, using: &generator)] })
    try write(Array((text + "\n").utf8), to: name)
    return (text, true)
  }

  package func remove(_ name: String) throws(Refusal) {
    guard unsafe unlink(file(name)) == 0 || errno == ENOENT else {
      throw DataDirectory.refusal("removed", file(name), errno)
    }
  }

  package func write(_ bytes: [UInt8], to name: String) throws(Refusal) {
    try write(bytes.span, [UInt8]().span, to: name)
  }

  /// Whole or not at all: a new file beside it, made durable, then renamed over it. What could not be finished is removed.
  package func write(_ bytes: Span<UInt8>, _ rest: Span<UInt8>, to name: String) throws(Refusal) {
    let path = file(name)
    let temporary = path + ".new"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DataDirectory.refusal("written", temporary, errno) }
    var failure = DataDirectory.writeAll(bytes, to: descriptor) ?? DataDirectory.writeAll(rest, to: descriptor)
    if failure == nil, fsync(descriptor) != 0 { failure = errno }
    close(descriptor)
    if failure == nil, unsafe rename(temporary, path) != 0 { failure = errno }
    guard let failure else { return }
    // Half a file would hold the room that is missing; whatever this says, the first error is the one that counts.
    _ = unsafe unlink(temporary)
    throw DataDirectory.refusal("written", path, failure)
  }

  /// The error that stopped it, if one did.
  static func writeAll(_ bytes: Span<UInt8>, to descriptor: Int32) -> Int32? {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return errno }
      written += count
    }
    return nil
  }

  /// What was made, renamed and removed in it stays so after a power cut.
  package func sync() throws(Refusal) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DataDirectory.refusal("read", path, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw DataDirectory.refusal("made durable", path, errno) }
  }

  /// `nil` when there is no such file.
  package static func readText(_ path: String, limit: Int) throws(Refusal) -> String? {
    guard let bytes = try read(path, limit: limit) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(code: "file.notText", cause: "\(path) is not UTF-8 text", fix: "write it anew as plain text")
    }
    return text
  }

  /// `nil` when there is no such file.
  ///
  /// - Parameter count: of a longer file only so many bytes are read.
  package static func read(_ path: String, limit: Int, first count: Int = .max) throws(Refusal) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw refusal("read", path, errno)
    }
    defer { close(descriptor) }
    return try read(descriptor, path, limit: limit, first: count)
  }

  /// The bytes of an open file that nobody has read from yet; `path` is for words.
  static func read(
    _ descriptor: Int32, _ path: String, limit: Int, first count: Int = .max
  ) throws(Refusal) -> [UInt8] {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw refusal("read", path, errno) }
    guard status.st_size <= limit else {
      throw tooLarge(path, Int(status.st_size), limit: limit)
    }
    var failure: Int32?
    // Not filled with zeroes first: that takes as long as reading a symbol file of 35 MB.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: min(count, Int(status.st_size))) { buffer, filled in
      while filled < buffer.count {
        let count = unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
        if count < 0, errno == EINTR { continue }
        if count < 0 { failure = errno }
        guard count > 0 else { break }
        filled += count
      }
    }
    if let failure { throw refusal("read", path, failure) }
    return bytes
  }

  /// What is left on the disk that holds `path`; `nil` where the system does not tell.
  static func freeByteCount(_ path: String) -> UInt64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }

  static func tooLarge(_ path: String, _ byteCount: Int, limit: Int) -> Refusal {
    Refusal(
      code: "file.tooLarge", cause: "\(path) has \(byteCount) bytes; at most \(limit) are read",
      fix: "check that it is the file that was meant")
  }

  static func refusal(_ deed: String, _ path: String, _ error: Int32) -> Refusal {
    let words = unsafe String(cString: strerror(error))
    return Refusal(
      code: "file.unusable", cause: "\(path) cannot be \(deed): \(words)",
      fix: "check that it exists, that this user may use it, and that the disk has room")
  }
}
