/// The kernel interface that one loop runs on. Both sides take the same operations and give the same completions.
enum Backend: ~Copyable {
  case uring(Ring)
  case epoll(EpollRing)

  var wakeDescriptor: Int32 {
    switch self {
    case .uring(let ring): ring.wakeDescriptor
    case .epoll(let ring): ring.wakeDescriptor
    }
  }

  func enter() throws(RingError) {
    switch self {
    case .uring(let ring): try ring.enter()
    case .epoll(let ring): try ring.enter()
    }
  }

  func leave() {
    switch self {
    case .uring(let ring): ring.leave()
    case .epoll(let ring): ring.leave()
    }
  }

  @inline(__always)
  func submit(_ operation: Operation, _ token: OperationToken) {
    switch self {
    case .uring(let ring): ring.submit(operation, token)
    case .epoll(let ring): ring.submit(operation, token)
    }
  }

  /// Gives the kernel what has been put into the queue.
  func submit() {
    switch self {
    case .uring(let ring): ring.submit()
    // It has no queue: its calls are made as they come.
    case .epoll: return
    }
  }

  @inline(__always)
  func wait(nanoseconds: Int64?) {
    switch self {
    case .uring(let ring): ring.wait(nanoseconds: nanoseconds)
    case .epoll(let ring): ring.wait(nanoseconds: nanoseconds)
    }
  }

  @inline(__always)
  func reap(into batch: UnsafeMutableBufferPointer<Completion>) -> Int {
    switch self {
    case .uring(let ring): unsafe ring.reap(into: batch)
    case .epoll(let ring): unsafe ring.reap(into: batch)
    }
  }

  func rearmWake() {
    switch self {
    case .uring(let ring): ring.rearmWake()
    case .epoll(let ring): ring.rearmWake()
    }
  }

  @inline(__always)
  func filled(_ buffer: UInt16, _ length: Int) -> UnsafeBufferPointer<UInt8> {
    switch self {
    case .uring(let ring): unsafe ring.pool.filled(buffer, length)
    case .epoll(let ring): unsafe ring.pool.filled(buffer, length)
    }
  }

  @inline(__always)
  func recycle(_ buffer: UInt16) {
    switch self {
    case .uring(let ring): ring.recycle(buffer)
    case .epoll(let ring): ring.recycle(buffer)
    }
  }

  @inline(__always)
  func flushBuffers() {
    switch self {
    case .uring(let ring): ring.flushBuffers()
    case .epoll: return
    }
  }

  /// What accepted and connected sockets must be made with: epoll needs them nonblocking, io_uring blocking (on a
  /// nonblocking file it answers EAGAIN instead of waiting).
  var needsNonblockingSockets: Bool {
    switch self {
    case .uring: false
    case .epoll: true
    }
  }
}
