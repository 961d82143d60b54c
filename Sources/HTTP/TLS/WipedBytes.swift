// Whichever header names the system's types first owns them: curl's does, where both are built at once.
internal import CCurl
internal import COpenSSL
internal import Glibc

/// A small file's bytes, wiped when they are no longer needed. They are never copied into anything that could be printed.
@safe struct WipedBytes: ~Copyable {
  /// A chain has some kilobytes.
  static let limit = 1 << 20

  private let memory: UnsafeMutableRawBufferPointer
  private let count: Int
  /// Whether every user of this machine may read the file.
  let isOpenToAll: Bool

  /// The system's words for what is wrong with a file.
  struct ReadFailure: Error {
    let words: String
  }

  /// Blocks.
  init(path: String) throws(ReadFailure) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw WipedBytes.failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw WipedBytes.failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw ReadFailure(words: "it is not a file") }
    guard status.st_size <= WipedBytes.limit else { throw ReadFailure(words: "it has more than a megabyte") }
    // One byte at least, so that an empty file has an address.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(status.st_size) + 1, alignment: 16)
    guard let count = unsafe WipedBytes.fill(memory, from: descriptor) else {
      let error = errno
      unsafe WipedBytes.wipe(memory)
      throw WipedBytes.failure(error)
    }
    unsafe self.memory = memory
    self.count = count
    isOpenToAll = status.st_mode & S_IROTH != 0
  }

  deinit { unsafe WipedBytes.wipe(memory) }

  /// Nil for a failure, of which `errno` tells.
  private static func fill(_ memory: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Int? {
    var filled = 0
    while filled < memory.count {
      let taken = unsafe read(descriptor, memory.baseAddress?.advanced(by: filled), memory.count - filled)
      if taken < 0, errno == EINTR { continue }
      if taken < 0 { return nil }
      if taken == 0 { break }
      filled += taken
    }
    return filled
  }

  private static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    unsafe OPENSSL_cleanse(memory.baseAddress, memory.count)
    unsafe memory.deallocate()
  }

  private static func failure(_ error: Int32) -> ReadFailure {
    ReadFailure(words: unsafe String(cString: strerror(error)))
  }

  /// Lends the bytes to OpenSSL as something to read from; nil if there is no memory for that.
  borrowing func withReader<Value>(_ body: (OpaquePointer) -> Value) -> Value? {
    guard let reader = unsafe BIO_new_mem_buf(memory.baseAddress, Int32(count)) else { return nil }
    defer { unsafe BIO_free(reader) }
    return unsafe body(reader)
  }

  /// Whether the text stands in it somewhere.
  borrowing func contains(_ text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard let start = unsafe memory.baseAddress, count >= length else { return false }
    return (0...(count - length)).contains { unsafe memcmp(start + $0, text.utf8Start, length) == 0 }
  }
}
