internal import CURing
internal import Glibc

/// One io_uring with its provided buffers, driven by one thread (SINGLE_ISSUER | DEFER_TASKRUN).
///
/// Made disabled on any thread, enabled by ``enter()`` on the thread that will drive it; left in `deinit` or by
/// ``leave()``. It owns only its own memory: what an operation points at belongs to whoever submits it.
@safe struct Ring: ~Copyable {
  @safe private struct State {
    var ring = unsafe io_uring()
    var hasLeft = false
    /// Buffers handed back since the last time the kernel was told.
    var returnedBuffers: Int32 = 0
    /// Where an eventfd read puts its count; nobody looks at it.
    var wakeCount: UInt64 = 0
  }

  let pool: BufferPool
  /// Written by other threads to end the sleep of ``wait(nanoseconds:)``.
  let wakeDescriptor: Int32
  private let state: UnsafeMutablePointer<State>
  private let bufferRing: UnsafeMutableRawPointer
  private let bufferRingSize: Int

  init(_ configuration: EventLoopConfiguration) throws(RingError) {
    let pool = try BufferPool(count: configuration.receiveBufferCount, size: configuration.receiveBufferSize)
    let parts = try unsafe Parts(configuration)
    self.pool = pool
    unsafe state = parts.state
    unsafe bufferRing = parts.bufferRing
    bufferRingSize = unsafe parts.bufferRingSize
    wakeDescriptor = unsafe parts.wakeDescriptor
    for buffer in 0..<UInt16(configuration.receiveBufferCount) { recycle(buffer) }
    flushBuffers()
  }

  deinit {
    leave()
    unsafe munmap(bufferRing, bufferRingSize)
    unsafe state.deallocate()
  }

  /// All that can fail to be made, so that a ring is either whole or was never there.
  @unsafe private struct Parts {
    let state: UnsafeMutablePointer<State>
    let bufferRing: UnsafeMutableRawPointer
    let bufferRingSize: Int
    let wakeDescriptor: Int32

    init(_ configuration: EventLoopConfiguration) throws(RingError) {
      let count = configuration.receiveBufferCount
      unsafe state = .allocate(capacity: 1)
      unsafe state.initialize(to: State())
      // 16 bytes an entry: struct io_uring_buf.
      unsafe bufferRingSize = count * 16
      let memory = unsafe mmap(nil, bufferRingSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
        unsafe state.deallocate()
        throw RingError(.memoryLimit, .current)
      }
      unsafe bufferRing = memory
      // Blocking: on a nonblocking file io_uring answers EAGAIN where it would otherwise wait.
      unsafe wakeDescriptor = curing_eventfd(0)
      var failure = unsafe wakeDescriptor < 0 ? RingError.setup(.current) : nil
      if failure == nil { failure = unsafe Ring.setUp(&state.pointee.ring, configuration) }
      if failure == nil {
        let registered = unsafe curing_register_buffers(&state.pointee.ring, bufferRing, UInt32(count))
        if registered < 0 {
          failure = RingError.setup(Errno(rawValue: -registered))
          unsafe io_uring_queue_exit(&state.pointee.ring)
        }
      }
      guard let failure else { return }
      if unsafe wakeDescriptor >= 0 { _ = unsafe close(wakeDescriptor) }
      unsafe munmap(bufferRing, bufferRingSize)
      unsafe state.deallocate()
      throw failure
    }
  }

  /// Sets the ring up; says by name what the kernel refuses or lacks, and has then left nothing behind.
  private static func setUp(_ ring: inout io_uring, _ configuration: EventLoopConfiguration) -> RingError? {
    var features: UInt32 = 0
    let result = unsafe curing_setup(
      &ring, UInt32(configuration.submissionEntries), UInt32(configuration.completionEntries), &features)
    if result < 0 { return RingError.setup(Errno(rawValue: -result)) }
    let lacksFeature = features & curing_needed_features() != curing_needed_features()
    if unsafe lacksFeature || curing_missing_operation(&ring) != 0 {
      unsafe io_uring_queue_exit(&ring)
      return RingError(.kernelTooOld)
    }
    return nil
  }

  /// Binds the ring to the calling thread, which alone may use it from now on.
  func enter() throws(RingError) {
    let enabled = unsafe curing_enable(&state.pointee.ring)
    if enabled < 0 { throw RingError.setup(Errno(rawValue: -enabled)) }
    // Saves looking the ring's descriptor up at each call; a kernel that refuses costs only that.
    _ = unsafe io_uring_register_ring_fd(&state.pointee.ring)
    armWake()
  }

  /// Leaves the ring: what is still in the kernel is cancelled and waited for. May be called again.
  func leave() {
    if unsafe state.pointee.hasLeft { return }
    unsafe state.pointee.hasLeft = true
    unsafe io_uring_queue_exit(&state.pointee.ring)
    _ = close(wakeDescriptor)
  }

  // MARK: Submitting

  @inline(__always)
  private func nextEntry() -> UnsafeMutablePointer<io_uring_sqe> {
    while true {
      if let entry = unsafe io_uring_get_sqe(&state.pointee.ring) { return unsafe entry }
      checkEntered(unsafe io_uring_submit(&state.pointee.ring))
    }
  }

  private func reserveTwoEntries() {
    while unsafe io_uring_sq_space_left(&state.pointee.ring) < 2 {
      checkEntered(unsafe io_uring_submit(&state.pointee.ring))
    }
  }

  /// Puts an operation into the queue; the kernel sees it at the next ``wait(nanoseconds:)``, or when the queue is full.
  @inline(__always)
  func submit(_ operation: Operation, _ token: OperationToken) {
    // A link ends where a submission does: both halves of the pair must fit into this one.
    if case .writeAndSync = operation { reserveTwoEntries() }
    let entry = unsafe nextEntry()
    switch operation {
    case .accept(let listener):
      unsafe io_uring_prep_multishot_accept(entry, listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
    case .receive(let socket):
      unsafe curing_prep_receive(entry, socket)
    case .send(let socket, let bytes, let count):
      // MSG_WAITALL lets the kernel continue a short send by itself.
      let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_WAITALL)
      unsafe io_uring_prep_send(entry, socket, bytes, count, flags)
    case .connect(let socket, let address, let length):
      unsafe io_uring_prep_connect(entry, socket, address, length)
    case .poll(let descriptor, let events):
      unsafe io_uring_prep_poll_add(entry, descriptor, events)
    case .updatePoll(let target, _, let events):
      unsafe io_uring_prep_poll_update(entry, target.rawValue, 0, events, UInt32(IORING_POLL_UPDATE_EVENTS))
      unsafe curing_set_flags(entry, 0, 1)
    case .write(let file, let bytes, let count, let offset):
      unsafe io_uring_prep_write(entry, file, bytes, UInt32(count), offset)
    case .writeAndSync(let file, let bytes, let count, let offset):
      unsafe submitWriteAndSync(entry, file, UnsafeRawBufferPointer(start: bytes, count: count), offset, token)
      return
    case .sync(let file):
      unsafe io_uring_prep_fsync(entry, file, UInt32(IORING_FSYNC_DATASYNC))
    case .allocate(let file, let offset, let count):
      unsafe io_uring_prep_fallocate(entry, file, 0, off_t(offset), off_t(count))
    case .cancelAll(let descriptor):
      unsafe curing_prep_cancel_all(entry, descriptor)
    case .cancel(let target, _):
      unsafe io_uring_prep_cancel64(entry, target.rawValue, 0)
      unsafe curing_set_flags(entry, 0, 1)
    case .close(let descriptor):
      unsafe io_uring_prep_close(entry, descriptor)
      unsafe curing_set_flags(entry, 0, 1)
    }
    unsafe io_uring_sqe_set_data64(entry, token.rawValue)
  }

  private func submitWriteAndSync(
    _ write: UnsafeMutablePointer<io_uring_sqe>, _ file: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: UInt64,
    _ token: OperationToken
  ) {
    unsafe io_uring_prep_write(write, file, bytes.baseAddress, UInt32(bytes.count), offset)
    unsafe io_uring_sqe_set_data64(write, OperationToken(.writeBeforeSync, token.id).rawValue)
    // A linked write that fails or is short posts its completion and suppresses the sync's; one that succeeds posts none.
    unsafe curing_set_flags(write, 1, 1)
    let sync = unsafe nextEntry()
    unsafe io_uring_prep_fsync(sync, file, UInt32(IORING_FSYNC_DATASYNC))
    unsafe io_uring_sqe_set_data64(sync, OperationToken(.sync, token.id).rawValue)
  }

  private func armWake() {
    let entry = unsafe nextEntry()
    unsafe io_uring_prep_read(entry, wakeDescriptor, &state.pointee.wakeCount, 8, 0)
    unsafe io_uring_sqe_set_data64(entry, OperationToken(.wake, SlotID(slot: 0, generation: 0)).rawValue)
  }

  /// After a wake-up's completion: ready for the next one.
  func rearmWake() { armWake() }

  // MARK: Waiting

  /// Submits all that is queued and waits for a completion: not at all for 0, without end for nil.
  func wait(nanoseconds: Int64?) {
    let result: Int32
    if unsafe io_uring_cq_ready(&state.pointee.ring) > 0 || nanoseconds == 0 {
      result = unsafe io_uring_submit_and_get_events(&state.pointee.ring)
    } else if let nanoseconds {
      result = unsafe curing_submit_and_wait(&state.pointee.ring, nanoseconds)
    } else {
      result = unsafe io_uring_submit_and_wait(&state.pointee.ring, 1)
    }
    checkEntered(result)
  }

  /// Gives the kernel what is in the queue, and waits for nothing.
  func submit() { checkEntered(unsafe io_uring_submit(&state.pointee.ring)) }

  /// Moves the completions that are there into `batch`.
  @inline(__always)
  func reap(into batch: UnsafeMutableBufferPointer<Completion>) -> Int {
    unsafe Int(curing_reap(&state.pointee.ring, batch.baseAddress, UInt32(batch.count)))
  }

  /// Weather passes (a signal, a full completion queue, short memory) and the next turn tries again; anything else is
  /// a mistake in this file.
  @inline(__always)
  private func checkEntered(_ result: Int32) {
    if result >= 0 { return }
    switch -result {
    case EINTR, ETIME, EAGAIN, EBUSY, ENOMEM: return
    default: preconditionFailure("io_uring_enter: \(Errno(rawValue: -result))")
    }
  }

  // MARK: Buffers

  /// Gives a buffer back; the kernel learns of it at ``flushBuffers()``.
  @inline(__always)
  func recycle(_ buffer: UInt16) {
    let mask = Int32(pool.count - 1)
    unsafe curing_add_buffer(
      bufferRing, pool.bytes(of: buffer), UInt32(pool.size), buffer, mask, state.pointee.returnedBuffers)
    unsafe state.pointee.returnedBuffers += 1
  }

  @inline(__always)
  func flushBuffers() {
    if unsafe state.pointee.returnedBuffers == 0 { return }
    unsafe curing_advance_buffers(bufferRing, state.pointee.returnedBuffers)
    unsafe state.pointee.returnedBuffers = 0
  }
}
