internal import Glibc
internal import Synchronization

/// One thread's loop over the kernel: sockets, files, timers, and the jobs of every actor and task that runs on it.
///
/// **Threads.** `execute`, `enqueue`, `isOnLoop`, `requestStop`, `clock` and the properties marked so may be used from any
/// thread. Everything else is for the loop's own thread: handlers, jobs of actors whose executor this is, tasks that
/// prefer it, and closures given to `execute`. A call from elsewhere is a bug and traps.
///
/// **Order of one turn.** Submit what the last turn asked for and wait; take a batch of completions; call handlers; fire
/// due timers; run jobs (a bounded batch); start over. So what a handler or a job asks of the kernel leaves together, in
/// one system call, at the end.
///
/// **Memory.** Bytes received belong to the loop and are lent for one call. An ``IOBuffer`` given to the loop is lent to it
/// until its completion. Handlers are held strongly until their `closed`.
@safe package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // @unchecked: everything below is either immutable, atomic or behind the inbox's mutex, or touched by the loop's
  // thread alone, which `assertOnLoop` checks at every entrance.

  /// What the loop was made with.
  package let configuration: EventLoopConfiguration
  /// The backend in use: `.uring` or `.epoll`. Any thread.
  package let backendInUse: EventLoopConfiguration.Backend
  /// One line for the log: which backend runs and, if io_uring was refused, why and what to change. Any thread.
  package let backendExplanation: String

  let backend: Backend
  let streams: SlotTable<Stream>
  let listeners: SlotTable<Listener>
  let watches: SlotTable<Watch>
  let fileOperations: SlotTable<FileOperation>
  /// Accepting pauses when it is given this number or one above.
  let firstReservedDescriptor: Int32
  let batch: UnsafeMutableBufferPointer<Completion>

  // The loop's thread alone:
  var now: Int64
  var timers = TimerQueue<TimerAction>()
  var jobs = JobQueue()
  var localWork: [() -> Void] = []
  /// Operations in the kernel whose last completion has not been reaped; wake-ups, cancellations and closes not counted.
  var kernelOperations = 0
  /// Streams whose receive ended for want of buffers; armed again when the batch's buffers are back.
  var starved: [SlotID] = []
  /// Streams to tell what was held while they were paused.
  var resuming: [SlotID] = []
  /// Streams freed in this turn, whose handlers are still to be told.
  var closed: [(StreamID, any StreamHandler)] = []
  var isAcceptingSuspended = false
  var acceptRetryTimer: TimerID?
  var counters = EventLoopCounters()
  var phase = Phase.fresh
  var stretchStart: Int64 = 0
  /// When a draining loop gives up on what is left.
  var drainDeadline: Int64 = 0

  // Any thread:
  let inbox = Locked(Inbox())
  let hasMail = Atomic<Bool>(false)
  /// True from just before the loop's wait in the kernel until another thread wakes it or it has returned.
  let isAsleep = Atomic<Bool>(false)
  /// `pthread_self` of the thread that drives the loop; 0 before and after.
  let thread = Atomic<UInt>(0)
  let longestStretch = Atomic<Int64>(0)

  enum Phase {
    /// Leads to `running`.
    case fresh
    /// Leads to `draining` when a stop is asked for.
    case running
    /// Nothing new is taken; leads to `ended` when nothing is in the kernel and no job is left, or the limit is over.
    case draining
    case ended
  }

  /// Throws where the configuration is out of range, a forced backend is refused, or not even epoll can be had.
  /// Any thread; nothing runs before ``run()`` or ``start(name:configuration:processor:)``.
  package init(configuration: EventLoopConfiguration = EventLoopConfiguration()) throws(RingError) {
    try configuration.check()
    self.configuration = configuration
    let refusal: RingError?
    switch configuration.backend {
    case .automatic, .uring:
      do throws(RingError) {
        if let refusal = configuration.refusal() { throw refusal }
        backend = .uring(try Ring(configuration))
        refusal = nil
      } catch {
        if configuration.backend == .uring { throw error }
        backend = .epoll(try EpollRing(configuration))
        refusal = error
      }
    case .epoll:
      backend = .epoll(try EpollRing(configuration))
      refusal = nil
    }
    backendInUse = backend.needsNonblockingSockets ? .epoll : .uring
    backendExplanation =
      if let refusal { "event loop on epoll, because io_uring was refused: \(refusal)" } else {
        "event loop on \(backendInUse == .uring ? "io_uring" : "epoll")"
      }
    streams = SlotTable(capacity: configuration.streamLimit)
    listeners = SlotTable(capacity: configuration.listenerLimit)
    watches = SlotTable(capacity: configuration.watchLimit)
    fileOperations = SlotTable(capacity: configuration.fileOperationLimit)
    firstReservedDescriptor = Self.firstReservedDescriptor(configuration.descriptorReserve)
    unsafe batch = .allocate(capacity: configuration.completionBatchLimit)
    now = MonotonicTime.now()
  }

  deinit { unsafe batch.deallocate() }

  /// Whether the caller runs on the loop's thread (or, after the loop has ended, on the one that runs its last jobs).
  /// Any thread.
  @inline(__always)
  package var isOnLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  @inline(__always)
  func assertOnLoop() { precondition(isOnLoop, "called from outside the event loop's thread") }

  /// The loop's idea of the time, taken once a turn: cheap, and at most one turn old.
  package var time: LoopClock.Instant { LoopClock.Instant(nanoseconds: now) }

  @inline(__always)
  func submit(_ operation: Operation, _ kind: OperationKind, _ id: SlotID) {
    kernelOperations += 1
    backend.submit(operation, OperationToken(kind, id))
  }

  /// For operations without a completion of their own.
  @inline(__always)
  func submitSilently(_ operation: Operation, _ kind: OperationKind, _ id: SlotID) {
    backend.submit(operation, OperationToken(kind, id))
  }
}
