internal import Glibc

/// One thing asked of the kernel. Whatever memory it points at belongs to a slot of the event loop,
/// which keeps it until the operation's last completion has been reaped.
@safe enum Operation {
  /// Multishot: completes with a descriptor for each connection, until cancelled or failed.
  case accept(listener: Int32)
  /// Multishot: completes with a buffer of the pool for each arrival, until ended, cancelled, failed or out of buffers.
  case receive(socket: Int32)
  case send(socket: Int32, bytes: UnsafeRawPointer, count: Int)
  case connect(socket: Int32, address: UnsafePointer<sockaddr>, length: socklen_t)
  /// One-shot: arming it again looks at the descriptor afresh, which makes it level-triggered, as libcurl needs.
  case poll(descriptor: Int32, events: UInt32)
  /// Gives an armed poll other events. Has no completion of its own; one that has already fired is left as it is.
  case updatePoll(OperationToken, descriptor: Int32, events: UInt32)
  case write(file: Int32, bytes: UnsafeRawPointer, count: Int, offset: UInt64)
  /// The write, and only if all of it was written, `fdatasync`. Exactly one completion comes: of the sync, or of the
  /// write if that failed or was short.
  case writeAndSync(file: Int32, bytes: UnsafeRawPointer, count: Int, offset: UInt64)
  case sync(file: Int32)
  case allocate(file: Int32, offset: UInt64, count: UInt64)
  /// Ends all operations on the descriptor, each with ECANCELED. Has no completion of its own.
  case cancelAll(descriptor: Int32)
  /// Ends one operation on the descriptor. Has no completion of its own.
  case cancel(OperationToken, descriptor: Int32)
  /// Nothing may be in flight on the descriptor. Has no completion of its own.
  case close(descriptor: Int32)
}
