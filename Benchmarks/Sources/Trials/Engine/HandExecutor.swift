import Glibc

/// An engine's thread whose jobs wait until they are run by hand.
final class HandExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Unchecked: all of it is used on the thread that made it, which every call checks.
  private let thread = pthread_self()
  private var ready: [UnownedJob] = []
  private var next = 0

  /// Room for the jobs of a busy moment, so that none of the allocations that are counted is for them.
  init() { ready.reserveCapacity(4_096) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    checkIsolated()
    ready.append(job)
  }

  func isIsolatingCurrentContext() -> Bool? { pthread_equal(pthread_self(), thread) != 0 }
  func checkIsolated() { require(isIsolatingCurrentContext() == true, "a job of another thread") }

  /// Runs what waits, and what comes meanwhile, in the order in which it came.
  func run() {
    let (serial, tasks) = (asUnownedSerialExecutor(), asUnownedTaskExecutor())
    while next < ready.count {
      let job = ready[next]
      next += 1
      job.runSynchronously(isolatedTo: serial, taskExecutor: tasks)
    }
    ready.removeAll(keepingCapacity: true)
    next = 0
  }
}
