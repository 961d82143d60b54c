/// Bytes that nobody writes any more, at an address that stays: allocated and filled once, or mapped from a file.
///
/// Whoever reads them holds this object; the last one to let go releases them.
@safe package final class ReadOnlyMemory: @unchecked Sendable {
  private let start: UnsafeRawPointer
  package let byteCount: Int
  private let release: @Sendable (UnsafeRawPointer, Int) -> Void

  /// Of a cache line, and of every type that lies in an image.
  static let alignment = 64

  /// - Parameters:
  ///   - start: aligned to ``alignment``, readable for `byteCount` bytes and not written until `release` is called.
  ///   - release: called once, when nobody holds this object any more.
  package init(
    adopting start: UnsafeRawPointer, byteCount: Int, release: @escaping @Sendable (UnsafeRawPointer, Int) -> Void
  ) {
    precondition(UInt(bitPattern: start) % UInt(ReadOnlyMemory.alignment) == 0, "memory without alignment")
    unsafe self.start = start
    self.byteCount = byteCount
    unsafe self.release = release
  }

  deinit { unsafe release(start, byteCount) }

  /// New memory, filled by `fill`, which gets at it for that long only and leaves nothing out.
  static func made(byteCount: Int, _ fill: (borrowing Writer) -> Void) -> ReadOnlyMemory {
    let target = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: alignment)
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: target, count: byteCount)
    fill(unsafe Writer(target: buffer))
    return unsafe ReadOnlyMemory(adopting: UnsafeRawPointer(target), byteCount: byteCount) { start, _ in
      unsafe start.deallocate()
    }
  }

  /// Copies into memory that is being made, and fills up with zeroes to the next cache line.
  @safe struct Writer: ~Copyable {
    fileprivate let target: UnsafeMutableRawBufferPointer

    func copy<Element: BitwiseCopyable>(_ elements: Span<Element>, to offset: Int) {
      unsafe elements.withUnsafeBytes { source in
        unsafe precondition(offset >= 0 && source.count <= target.count - offset, "a copy beyond the memory")
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: source)
        let end = offset + source.count
        let lineEnd = min((end + alignment - 1) & ~(alignment - 1), unsafe target.count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[end..<lineEnd])
          .initializeMemory(as: UInt8.self, repeating: 0)
      }
    }
  }

  package var bytes: Span<UInt8> {
    @_lifetime(borrow self) get {
      let span = unsafe Span<UInt8>(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: byteCount)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Where `count` elements begin; they lie within the memory and at a multiple of their alignment.
  func place<Element: BitwiseCopyable>(of type: Element.Type, at offset: Int, count: Int) -> MemoryPlace<Element> {
    precondition(offset >= 0 && count >= 0 && offset % MemoryLayout<Element>.alignment == 0, "a place that cannot be")
    precondition(count <= (byteCount - offset) / MemoryLayout<Element>.stride, "a place beyond the memory")
    return unsafe MemoryPlace(start: (start + offset).assumingMemoryBound(to: type), count: count)
  }
}

/// Elements in a ``ReadOnlyMemory``, for one who holds that memory and lends them out as a bounds-checked span.
@safe struct MemoryPlace<Element: BitwiseCopyable>: @unchecked Sendable {
  private let start: UnsafePointer<Element>
  let count: Int

  fileprivate init(start: UnsafePointer<Element>, count: Int) {
    unsafe self.start = start
    self.count = count
  }

  /// - Parameter holder: who keeps the memory alive for as long as it is alive itself.
  @inline(__always)
  @_lifetime(borrow holder)
  func span<Holder: AnyObject>(heldBy holder: borrowing Holder) -> Span<Element> {
    let span = unsafe Span<Element>(_unsafeStart: start, count: count)
    return unsafe _overrideLifetime(span, borrowing: holder)
  }
}
