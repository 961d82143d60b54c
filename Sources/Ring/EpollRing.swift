internal import CURing
internal import Glibc

/// The twin of ``Ring`` where io_uring is refused: the same operations, the same completions, by readiness.
///
/// An operation that can be done at once is; otherwise it waits in its descriptor's registration. File operations go to
/// one helper thread. Driven by one thread; it owns the epoll, its eventfds and the pool, nothing else.
@safe final class EpollRing {
  let pool: BufferPool
  let wakeDescriptor: Int32
  private let epoll: Int32
  private let worker: FileWorker
  /// By descriptor: what waits for it, and what the kernel has been told.
  private var registrations: [EpollRegistration] = []
  /// Descriptors whose registration the kernel must be told of before the next wait.
  private var dirty: [Int32] = []
  /// Completions not reaped yet, from `firstCompletion` on.
  private var completions: [Completion] = []
  private var firstCompletion = 0
  private var freeBuffers: [UInt16] = []
  private let ready: UnsafeMutablePointer<curing_ready>
  /// 1 once the kernel has turned out not to know fine timeouts.
  private var hasCoarseTimeouts: Int32 = 0
  private var hasLeft = false

  private static let readyLimit = 256
  /// Connections taken from one listener before others have their turn.
  private static let acceptLimit = 64

  init(_ configuration: EventLoopConfiguration) throws(RingError) {
    pool = try BufferPool(count: configuration.receiveBufferCount, size: configuration.receiveBufferSize)
    epoll = curing_epoll_create()
    wakeDescriptor = curing_eventfd(1)
    let done = curing_eventfd(1)
    worker = FileWorker(doneDescriptor: done, limit: configuration.fileOperationLimit)
    unsafe ready = .allocate(capacity: Self.readyLimit)
    // Handed out from the end: the first buffers stay the warm ones.
    freeBuffers = (0..<UInt16(configuration.receiveBufferCount)).reversed()
    if epoll < 0 || wakeDescriptor < 0 || done < 0 { throw RingError.setup(.current) }
    for descriptor in [wakeDescriptor, done] {
      let result = curing_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, EpollRegistration.readable)
      if result < 0 { throw RingError.setup(Errno(rawValue: -result)) }
    }
  }

  deinit {
    leave()
    unsafe ready.deallocate()
  }

  func enter() throws(RingError) {}

  func leave() {
    if hasLeft { return }
    hasLeft = true
    worker.stop()
    for descriptor in [epoll, wakeDescriptor, worker.doneDescriptor] where descriptor >= 0 { _ = close(descriptor) }
  }

  func rearmWake() {}

  func recycle(_ buffer: UInt16) { freeBuffers.append(buffer) }

  // MARK: Submitting

  func submit(_ operation: Operation, _ token: OperationToken) {
    switch operation {
    case .accept(let listener):
      expect(listener) { $0.accept = token }
    case .receive(let socket):
      expect(socket) { $0.receive = token }
    case .send(let socket, let bytes, let count):
      unsafe send(socket, UnsafeRawBufferPointer(start: bytes, count: count), token)
    case .connect(let socket, let address, let length):
      if unsafe Glibc.connect(socket, address, length) == 0 { return complete(token, 0) }
      if errno != EINPROGRESS { return complete(token, -errno) }
      expect(socket) { $0.connect = token }
    case .poll(let descriptor, let events):
      expect(descriptor) {
        $0.poll = token
        $0.pollEvents = events
      }
    case .updatePoll(let target, let descriptor, let events):
      expect(descriptor) { if $0.poll == target { $0.pollEvents = events } }
    case .write, .writeAndSync, .sync, .allocate:
      worker.start(operation, token)
    case .cancelAll(let descriptor):
      cancel(descriptor) { $0.takeAll() }
    case .cancel(let target, let descriptor):
      cancel(descriptor) { $0.take(target).map { [$0] } ?? [] }
    case .close(let descriptor):
      detach(descriptor)
      _ = Glibc.close(descriptor)
    }
  }

  private func complete(_ token: OperationToken, _ result: Int32, flags: UInt32 = 0) {
    completions.append(Completion(token: token.rawValue, result: result, flags: flags))
  }

  private func expect(_ descriptor: Int32, _ change: (inout EpollRegistration) -> Void) {
    let index = Int(descriptor)
    while registrations.count <= index { registrations.append(EpollRegistration()) }
    change(&registrations[index])
    markDirty(descriptor)
  }

  private func markDirty(_ descriptor: Int32) {
    if registrations[Int(descriptor)].isDirty { return }
    registrations[Int(descriptor)].isDirty = true
    dirty.append(descriptor)
  }

  private func cancel(_ descriptor: Int32, _ take: (inout EpollRegistration) -> [OperationToken]) {
    guard Int(descriptor) < registrations.count else { return }
    for token in take(&registrations[Int(descriptor)]) { complete(token, -ECANCELED) }
    // At once, not before the next wait: the owner of a polled descriptor closes it as soon as it is let go, and the
    // number may be another file's by then.
    if registrations[Int(descriptor)].wanted == 0 { detach(descriptor) } else { markDirty(descriptor) }
  }

  private func detach(_ descriptor: Int32) {
    guard Int(descriptor) < registrations.count, registrations[Int(descriptor)].registered != 0 else { return }
    registrations[Int(descriptor)].registered = 0
    // It fails only if the owner has closed the descriptor, which has detached it, too.
    _ = curing_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
  }

  private func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, _ token: OperationToken) {
    let count = unsafe Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return complete(token, Int32(count)) }
    if errno != EAGAIN { return complete(token, -errno) }
    expect(socket) {
      $0.send = token
      unsafe $0.sendBytes = bytes
    }
  }

  // MARK: Waiting

  /// As ``Ring/wait(nanoseconds:)``. Completions that are there already are not waited past.
  func wait(nanoseconds: Int64?) {
    tellKernel()
    let hasCompletions = firstCompletion < completions.count
    let limit = hasCompletions ? 0 : nanoseconds ?? -1
    let count = unsafe curing_epoll_wait(epoll, ready, Int32(Self.readyLimit), limit, &hasCoarseTimeouts)
    if count < 0 {
      precondition(count == -EINTR || count == -ENOMEM, "epoll_wait: \(Errno(rawValue: -count))")
      return
    }
    for index in 0..<Int(count) {
      let (descriptor, events) = unsafe (ready[index].fd, ready[index].events)
      if descriptor == wakeDescriptor {
        drain(descriptor)
        complete(OperationToken(.wake, SlotID(slot: 0, generation: 0)), 0)
      } else if descriptor == worker.doneDescriptor {
        drain(descriptor)
        completions += worker.takeResults()
      } else {
        handle(descriptor, events)
      }
    }
  }

  func reap(into batch: UnsafeMutableBufferPointer<Completion>) -> Int {
    let count = min(completions.count - firstCompletion, batch.count)
    for index in 0..<count { unsafe batch[index] = completions[firstCompletion + index] }
    firstCompletion += count
    if firstCompletion == completions.count {
      completions.removeAll(keepingCapacity: true)
      firstCompletion = 0
    }
    return count
  }

  private func drain(_ descriptor: Int32) {
    var count: UInt64 = 0
    // Nothing to read means that it was drained already.
    _ = unsafe read(descriptor, &count, 8)
  }

  /// Tells the kernel only of what changed over the whole turn: a poll or receive armed again is no change.
  private func tellKernel() {
    for descriptor in dirty {
      let index = Int(descriptor)
      registrations[index].isDirty = false
      let wanted = registrations[index].wanted
      if wanted == registrations[index].registered { continue }
      if wanted == 0 {
        detach(descriptor)
        continue
      }
      var result = curing_epoll_control(
        epoll, registrations[index].registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, wanted)
      if result == -ENOENT { result = curing_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, wanted) }
      registrations[index].registered = result == 0 ? wanted : 0
      if result < 0 { for token in registrations[index].takeAll() { complete(token, result) } }
    }
    dirty.removeAll(keepingCapacity: true)
  }

  // MARK: Readiness

  private func handle(_ descriptor: Int32, _ events: UInt32) {
    let index = Int(descriptor)
    let isBroken = events & EpollRegistration.broken != 0
    let isReadable = isBroken || events & EpollRegistration.readable != 0
    let isWritable = isBroken || events & EpollRegistration.writable != 0
    if isWritable, let token = registrations[index].connect { finishConnect(descriptor, token) }
    if isWritable, let token = registrations[index].send { continueSend(descriptor, token) }
    if isReadable, let token = registrations[index].receive { receive(descriptor, token) }
    if isReadable, let token = registrations[index].accept { accept(descriptor, token) }
    if let token = registrations[index].poll {
      let wanted = events & (registrations[index].pollEvents | EpollRegistration.broken)
      if wanted != 0 {
        registrations[index].poll = nil
        complete(token, Int32(bitPattern: wanted))
      }
    }
    markDirty(descriptor)
  }

  private func finishConnect(_ descriptor: Int32, _ token: OperationToken) {
    registrations[Int(descriptor)].connect = nil
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    let asked = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
    complete(token, asked == 0 ? -error : -errno)
  }

  private func continueSend(_ descriptor: Int32, _ token: OperationToken) {
    registrations[Int(descriptor)].send = nil
    let bytes = unsafe registrations[Int(descriptor)].sendBytes
    unsafe send(descriptor, bytes, token)
  }

  /// One buffer a turn, so that one fast sender cannot take the pool: what is left is reported again.
  private func receive(_ descriptor: Int32, _ token: OperationToken) {
    guard let buffer = freeBuffers.popLast() else {
      registrations[Int(descriptor)].receive = nil
      return complete(token, -ENOBUFS)
    }
    let count = unsafe recv(descriptor, pool.bytes(of: buffer), pool.size, 0)
    if count > 0 {
      let flags = UInt32(buffer) << CURING_BUFFER_SHIFT | CURING_BUFFER | CURING_MORE
      return complete(token, Int32(count), flags: flags)
    }
    let error = errno
    freeBuffers.append(buffer)
    if count < 0, error == EAGAIN || error == EINTR { return }
    registrations[Int(descriptor)].receive = nil
    complete(token, count == 0 ? 0 : -error)
  }

  private func accept(_ descriptor: Int32, _ token: OperationToken) {
    for _ in 0..<Self.acceptLimit {
      let result = curing_accept(descriptor)
      switch result {
      case -EAGAIN: return
      case 0..., -EINTR, -ECONNABORTED, -EPROTO: complete(token, result, flags: CURING_MORE)
      default:
        registrations[Int(descriptor)].accept = nil
        return complete(token, result)
      }
    }
  }
}
