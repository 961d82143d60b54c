/// One operation on a file, as the loop's table holds it until the kernel has answered for the last time.
struct FileOperation {
  enum Purpose {
    case write
    case writeAndSync
    case sync
    case allocate(count: UInt64)
  }

  /// Keeps the descriptor open.
  let file: AppendFile
  let purpose: Purpose
  /// Lent to the loop meanwhile; nil where nothing is written.
  let buffer: IOBuffer?
  /// Where the buffer's first byte, or the allocation, goes.
  let offset: UInt64
  /// Bytes that the kernel has taken.
  var written = 0
  let completion: (Result<Void, FileError>) -> Void
}
