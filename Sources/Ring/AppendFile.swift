internal import CURing
internal import Glibc

/// A file that one process writes through its event loop: a journal's segment, above all.
///
/// Opening, reading, truncating and closing block and may be done on any thread while nothing is under way: at start, or
/// on a thread that may block. Writing and syncing belong to the loop's thread. The descriptor is closed when the
/// last reference goes, and an operation under way is one. The lock ends with it.
package final class AppendFile: Sendable {
  package struct Options: Sendable {
    /// Permissions of a file that is created.
    package var mode: UInt32 = 0o600
    /// Create the file if it is not there (its directory entry is made durable).
    package var create = true
    /// Bypass the page cache (O_DIRECT). Offsets, counts and the alignment of buffers must then be multiples of 4096;
    /// over allocated and zeroed blocks a sync commits no metadata, which is the fastest durable write there is. A file
    /// system that has no such thing refuses the opening (EINVAL).
    package var direct = false
    /// Hold an exclusive lock, so that no second process (or second opening) can use the file meanwhile.
    package var lock = true

    package init() {}
  }

  package let path: String
  package let options: Options
  let descriptor: Int32

  /// Blocks. Throws `locked` if somebody holds the file.
  package init(path: String, options: Options = Options()) throws(FileError) {
    self.path = path
    self.options = options
    var isNew = false
    var opened = Self.open(path, options, O_RDWR)
    if opened < 0, options.create, errno == ENOENT {
      opened = Self.open(path, options, O_RDWR | O_CREAT)
      isNew = true
    }
    if opened < 0 { throw FileError(.openFailed, .current) }
    descriptor = opened
    if options.lock, flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let error = Errno.current
      throw FileError(error.rawValue == EWOULDBLOCK ? .locked : .openFailed, error)
    }
    if isNew { try syncDirectory() }
  }

  deinit { _ = Glibc.close(descriptor) }

  private static func open(_ path: String, _ options: Options, _ flags: Int32) -> Int32 {
    unsafe Glibc.open(path, flags | O_CLOEXEC | (options.direct ? curing_direct_flag() : 0), mode_t(options.mode))
  }

  /// A new file's name lives in its directory: without this a power cut may take it away, contents and all.
  private func syncDirectory() throws(FileError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let directory = slash.map { path.utf8.startIndex == $0 ? "/" : String(path[..<$0]) } ?? "."
    let opened = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if opened < 0 { throw FileError(.openFailed, .current) }
    defer { _ = Glibc.close(opened) }
    if fsync(opened) != 0 { throw FileError(.syncFailed, .current) }
  }

  /// Bytes in the file. Blocks, as good as never.
  package func size() throws(FileError) -> UInt64 {
    var status = stat()
    if unsafe fstat(descriptor, &status) != 0 { throw FileError(.readFailed, .current) }
    return UInt64(status.st_size)
  }

  /// Cuts (or lengthens with zeros) the file and makes that durable. Blocks.
  package func truncate(to size: UInt64) throws(FileError) {
    if ftruncate(descriptor, off_t(size)) != 0 { throw FileError(.truncateFailed, .current) }
    if fsync(descriptor) != 0 { throw FileError(.syncFailed, .current) }
  }

  /// Reads up to `count` bytes at `offset`; fewer come only at the end of the file. Blocks. On a direct file both
  /// must be multiples of 4096.
  package func read(_ count: Int, at offset: UInt64) throws(FileError) -> [UInt8] {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 4096)
    defer { unsafe room.deallocate() }
    var filled = 0
    while filled < count {
      let got = unsafe pread(descriptor, room.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw FileError(.readFailed, .current) }
      if got == 0 { break }
      filled += got
    }
    return unsafe Array(room[..<filled])
  }

  /// Gives `[0, size)` blocks on the disk that hold zeros, so that later writes into it change no metadata. Blocks, for
  /// as long as writing that much takes. Existing bytes below the present size stay.
  package func preallocateZeroed(to size: UInt64) throws(FileError) {
    let step = 1 << 20
    let present = try self.size()
    if present >= size { return }
    if posix_fallocate(descriptor, 0, off_t(size)) != 0 { throw FileError(.allocateFailed, .noSpace) }
    let zeros = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 4096)
    defer { unsafe zeros.deallocate() }
    unsafe zeros.initializeMemory(as: UInt8.self, repeating: 0)
    // Allocated blocks are marked unwritten until something is written into them, zeros included.
    var at = options.direct ? (present + 4095) & ~4095 : present
    while at < size {
      let count = Int(min(UInt64(step), size - at))
      let wrote = unsafe pwrite(descriptor, zeros.baseAddress, count, off_t(at))
      if wrote < 0, errno == EINTR { continue }
      if wrote <= 0 { throw FileError(.writeFailed, .current) }
      at += UInt64(wrote)
    }
    if fsync(descriptor) != 0 { throw FileError(.syncFailed, .current) }
  }
}
