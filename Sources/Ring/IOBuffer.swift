internal import Glibc

/// Bytes on their way out: to a stream or into a file.
///
/// Ownership: whoever made the buffer owns it. Handing it to `EventLoop.send` or `AppendFile.write` lends it to the
/// loop, which holds it strongly until the kernel is done; meanwhile ``isInFlight`` is true and changing the buffer is a
/// bug that traps. Afterwards it is free again, its memory kept: reuse it and nothing is allocated per send.
/// The same unchanging buffer may be in flight several times at once.
///
/// Thread: the owner's, which is the loop's as soon as the buffer has been lent.
@safe package final class IOBuffer {
  /// Bytes that may be read.
  package private(set) var count: Int
  package private(set) var capacity: Int
  private var base: UnsafeMutableRawPointer
  private let alignment: Int
  private var flights: Int = 0

  /// `alignment` is a power of two; files opened for direct writing need 4096.
  package init(capacity: Int = 512, alignment: Int = 16) {
    precondition(capacity >= 0 && alignment > 0 && alignment & (alignment - 1) == 0)
    self.count = 0
    self.capacity = max(capacity, 16)
    self.alignment = alignment
    unsafe base = .allocate(byteCount: self.capacity, alignment: alignment)
  }

  package convenience init(_ bytes: [UInt8]) {
    self.init(capacity: bytes.count)
    append(bytes.span)
  }

  package convenience init(_ text: String) {
    self.init(capacity: text.utf8.count)
    append(text)
  }

  deinit {
    assert(flights == 0, "a buffer ended while the kernel held it")
    unsafe base.deallocate()
  }

  /// Whether the kernel may still read the bytes.
  package var isInFlight: Bool { flights > 0 }
  package var isEmpty: Bool { count == 0 }

  package func append(_ bytes: Span<UInt8>) {
    if bytes.isEmpty { return }
    reserve(bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      unsafe (base + count).copyMemory(from: start, byteCount: source.count)
    }
    count += bytes.count
  }

  package func append(_ byte: UInt8) {
    reserve(1)
    unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  package func append(_ text: String) {
    var text = text
    text.withUTF8 { unsafe append(Span(_unsafeElements: $0)) }
  }

  package func append(_ text: StaticString) {
    if text.hasPointerRepresentation {
      unsafe append(Span(_unsafeElements: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)))
    } else {
      append(String(text.unicodeScalar))
    }
  }

  /// Lets `body` write up to `capacity` bytes in place; what it initialised is appended.
  package func append<E: Error>(capacity: Int, _ body: (inout OutputSpan<UInt8>) throws(E) -> Void) throws(E) {
    reserve(capacity)
    let room = unsafe UnsafeMutableBufferPointer(
      start: (base + count).assumingMemoryBound(to: UInt8.self), count: capacity)
    var output = unsafe OutputSpan(buffer: room, initializedCount: 0)
    do throws(E) {
      try body(&output)
    } catch {
      unsafe count += output.finalize(for: room)
      throw error
    }
    unsafe count += output.finalize(for: room)
  }

  /// Overwrites bytes already there, such as a length known only later.
  package func replace(at offset: Int, with bytes: Span<UInt8>) {
    precondition(!isInFlight, "a buffer was changed while the kernel held it")
    precondition(offset >= 0 && bytes.count <= count && offset <= count - bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      unsafe (base + offset).copyMemory(from: start, byteCount: source.count)
    }
  }

  /// Forgets the bytes and keeps the memory.
  package func removeAll() {
    precondition(!isInFlight, "a buffer was changed while the kernel held it")
    count = 0
  }

  /// Forgets the bytes from `count` on.
  package func truncate(to count: Int) {
    precondition(!isInFlight, "a buffer was changed while the kernel held it")
    precondition(count >= 0 && count <= self.count)
    self.count = count
  }

  /// Forgets all bytes but these, which become the first.
  package func keep(_ range: Range<Int>) {
    precondition(!isInFlight, "a buffer was changed while the kernel held it")
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    // May overlap, which memmove allows.
    unsafe memmove(base, base + range.lowerBound, range.count)
    count = range.count
  }

  /// Appends zeros until the count is a multiple of `unit`.
  package func pad(toMultipleOf unit: Int) {
    let padding = (unit - count % unit) % unit
    reserve(padding)
    unsafe (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: padding)
    count += padding
  }

  /// The readable bytes.
  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let buffer = unsafe UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: count)
      return unsafe _overrideLifetime(Span(_unsafeElements: buffer), borrowing: self)
    }
  }

  /// Makes room for `extra` more bytes; doubles, so that appending is cheap on the whole.
  package func reserve(_ extra: Int) {
    precondition(!isInFlight, "a buffer was changed while the kernel held it")
    precondition(extra >= 0 && extra < 1 << 40)
    if capacity - count >= extra { return }
    let wanted = max(capacity * 2, count + extra)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: alignment)
    unsafe larger.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = larger
    capacity = wanted
  }

  // MARK: The loop's side

  @inline(__always)
  func lend() { flights += 1 }

  @inline(__always)
  func giveBack() { flights -= 1 }

  /// Where the byte at `offset` lies; stays there while the buffer is lent.
  @inline(__always)
  func address(at offset: Int) -> UnsafeRawPointer {
    precondition(offset >= 0 && offset <= count)
    return unsafe UnsafeRawPointer(base + offset)
  }
}
