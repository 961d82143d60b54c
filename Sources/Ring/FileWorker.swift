internal import CURing
internal import Glibc

/// The one thread that does the epoll loop's file operations, in the order they came, and tells by an eventfd.
/// It is started by the first of them.
@safe final class FileWorker: @unchecked Sendable {
  // @unchecked: what both threads touch is behind the mutex; the memory that operations point at is lent to them.

  private struct State: @unchecked Sendable {
    var requests: [(Operation, OperationToken)] = []
    var results: [Completion] = []
    var isStopping = false
  }

  let doneDescriptor: Int32
  private let limit: Int
  private let state = Locked(State())
  private let work = Semaphore()
  /// The loop's thread alone.
  private var thread: pthread_t?
  private var underWay = 0

  init(doneDescriptor: Int32, limit: Int) {
    self.doneDescriptor = doneDescriptor
    self.limit = limit
  }

  // MARK: The loop's side

  /// At most `limit` at once, which the loop's table of file operations sees to.
  func start(_ operation: Operation, _ token: OperationToken) {
    precondition(underWay < limit, "more file operations than their table holds")
    if thread == nil, let error = spawn() {
      complete(token, -error.rawValue)
      return
    }
    underWay += 1
    let request = Request(operation: operation, token: token)
    state.withLock { $0.requests.append((request.operation, request.token)) }
    work.signal()
  }

  func takeResults() -> [Completion] {
    let results = state.withLock { state in
      let results = state.results
      state.results = []
      return results
    }
    underWay = max(0, underWay - results.count)
    return results
  }

  /// Waits for the thread to end; does not wait for a disk that has not answered within the loop's drain limit.
  func stop() {
    guard let thread else { return }
    self.thread = nil
    state.withLock { $0.isStopping = true }
    work.signal()
    if underWay == 0 { pthread_join(thread, nil) } else { pthread_detach(thread) }
  }

  private func spawn() -> Errno? {
    var handle = pthread_t()
    // The thread holds this object until it ends.
    let argument = unsafe Unmanaged.passRetained(self).toOpaque()
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let worker = unsafe Unmanaged<FileWorker>.fromOpaque(argument).takeRetainedValue()
        worker.run()
        return nil
      }, argument)
    if result == 0 {
      thread = handle
      return nil
    }
    unsafe Unmanaged<FileWorker>.fromOpaque(argument).release()
    return Errno(rawValue: result)
  }

  // MARK: The thread's side

  private struct Request: @unchecked Sendable {
    let operation: Operation
    let token: OperationToken
  }

  private func run() {
    curing_block_signals(0)
    unsafe curing_name_thread("event-loop-file")
    while let request = next() { perform(request.operation, request.token) }
  }

  private func next() -> Request? {
    while true {
      work.wait()
      let (request, isStopping): (Request?, Bool) = state.withLock { state in
        if state.requests.isEmpty { return (nil, state.isStopping) }
        let (operation, token) = state.requests.removeFirst()
        return (Request(operation: operation, token: token), false)
      }
      if let request { return request }
      if isStopping { return nil }
    }
  }

  private func complete(_ token: OperationToken, _ result: Int32) {
    state.withLock { state in
      state.results.append(Completion(token: token.rawValue, result: result, flags: 0))
      // Inside the lock: once the loop has said that it stops, the descriptor's number may be another's.
      if state.isStopping { return }
      var one: UInt64 = 1
      // Full means that the loop has been told already.
      _ = unsafe Glibc.write(doneDescriptor, &one, 8)
    }
  }

  private func perform(_ operation: Operation, _ token: OperationToken) {
    switch operation {
    case .write(let file, let bytes, let count, let offset):
      complete(token, unsafe Self.write(file, bytes, count, offset))
    case .writeAndSync(let file, let bytes, let count, let offset):
      let written = unsafe Self.write(file, bytes, count, offset)
      if Int(written) < count { return complete(OperationToken(.writeBeforeSync, token.id), written) }
      complete(token, fdatasync(file) == 0 ? 0 : -errno)
    case .sync(let file):
      complete(token, fdatasync(file) == 0 ? 0 : -errno)
    case .allocate(let file, let offset, let count):
      complete(token, -posix_fallocate(file, off_t(offset), off_t(count)))
    case .accept, .receive, .send, .connect, .poll, .updatePoll, .cancelAll, .cancel, .close:
      preconditionFailure("not a file operation")
    }
  }

  private static func write(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ offset: UInt64) -> Int32 {
    let written = unsafe pwrite(file, bytes, count, off_t(offset))
    return written < 0 ? -errno : Int32(written)
  }
}
