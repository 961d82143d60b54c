internal import CURing

/// The C library's allocator, for a program whose work is done on one thread.
package enum Allocator {
  /// One heap for all threads from now on, instead of one for each: a heap that is not the first grows page by page, each
  /// time by a system call, and what a helper once needed is not held beside it. To be called before threads are started.
  package static func shareHeap() { curing_share_heap() }
}
