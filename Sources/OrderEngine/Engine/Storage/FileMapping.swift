import Actors
internal import Glibc
import OrderDomain

/// A whole file as memory that is read where it lies: pages come from the file when they are first touched, and the kernel
/// takes them back when others need the room more.
///
/// Two things can befall the pages of a file that nothing befalls in other memory, and both end the process (SIGBUS): the
/// file is cut shorter under the mapping, or the disk cannot read a page again. The engine itself never changes a file
/// that it maps, it puts another one in its place; the mapping then keeps the old one. Somebody else who writes into the
/// data directory could. It is open to the engine's user alone.
struct FileMapping: ~Copyable {
  let memory: ReadOnlyMemory
  private let start: Place

  @safe private struct Place {
    let pointer: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// `nil` when there is no such file, or an empty one.
  ///
  /// - Throws: `file.unusable`; `file.tooLarge` above `limit` bytes.
  init?(path: String, limit: Int) throws(Refusal) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw DataDirectory.refusal("read", path, errno)
    }
    // A mapping outlives its descriptor.
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw DataDirectory.refusal("read", path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw DataDirectory.refusal("read", path, EINVAL) }
    guard status.st_size > 0 else { return nil }
    guard status.st_size <= limit else { throw DataDirectory.tooLarge(path, Int(status.st_size), limit: limit) }
    let byteCount = Int(status.st_size)
    guard let pointer = unsafe mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
      unsafe pointer != MAP_FAILED
    else { throw DataDirectory.refusal("mapped", path, errno) }
    start = unsafe Place(pointer: pointer, byteCount: byteCount)
    memory = unsafe ReadOnlyMemory(adopting: UnsafeRawPointer(pointer), byteCount: byteCount) { start, byteCount in
      unsafe munmap(UnsafeMutableRawPointer(mutating: start), byteCount)
    }
  }

  /// Gives back the pages that were touched so far, a check of the whole for example. Each comes again when it is touched
  /// again, as a rule from the kernel's cache and without the disk.
  borrowing func releasePages() {
    // Refused at most for memory that is locked: then it stays.
    unsafe madvise(start.pointer, start.byteCount, MADV_DONTNEED)
  }
}
