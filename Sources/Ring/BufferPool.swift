internal import Glibc

/// The memory that receives are filled into: `count` buffers of `size` bytes in one mapping, which is made once and
/// given back when the pool ends. Who holds a buffer's number (the kernel, or the batch being handled) owns its bytes.
@safe struct BufferPool: ~Copyable {
  let count: Int
  let size: Int
  private let base: UnsafeMutableRawPointer

  init(count: Int, size: Int) throws(RingError) {
    guard
      let memory = unsafe mmap(nil, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      unsafe memory != MAP_FAILED
    else { throw RingError(.memoryLimit, .current) }
    self.count = count
    self.size = size
    unsafe base = memory
  }

  deinit { unsafe munmap(base, count * size) }

  /// The start of a buffer.
  @inline(__always)
  func bytes(of buffer: UInt16) -> UnsafeMutableRawPointer {
    precondition(Int(buffer) < count)
    return unsafe base + Int(buffer) &* size
  }

  /// The first bytes of a filled buffer; the caller still holds its number.
  @inline(__always)
  func filled(_ buffer: UInt16, _ length: Int) -> UnsafeBufferPointer<UInt8> {
    precondition(length <= size)
    return unsafe UnsafeBufferPointer(start: bytes(of: buffer).assumingMemoryBound(to: UInt8.self), count: length)
  }
}
