internal import Glibc
import OrderDomain

/// The one thread of one life of the engine: jobs wait here until the world picks the next. After a crash it stays behind
/// with all that it held, so that no continuation of the dead is freed or resumed.
final class SimulatedExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Unchecked: the world, its executors and all that runs on them live on one thread, which every enqueueing checks.
  private let thread = pthread_self()
  private var ready: [UnownedJob] = []
  /// Sleeps that have not ended.
  fileprivate(set) var sleeperCount = 0
  /// Calls to brokers that have not ended.
  var callCount = 0
  private(set) var isDead = false
  /// What would have happened in a life that was over by then; its continuations are kept with it.
  private var abandoned: [() -> Void] = []
  private unowned let world: World

  init(world: World) { self.world = world }

  var readyCount: Int { isDead ? 0 : ready.count }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    precondition(isIsolatingCurrentContext() == true, "everything in a world runs on the world's thread")
    ready.append(job)
  }

  func isIsolatingCurrentContext() -> Bool? { pthread_equal(pthread_self(), thread) != 0 }
  func checkIsolated() { precondition(isIsolatingCurrentContext() == true) }

  /// Runs the job that waits at `index`.
  func run(_ index: Int) {
    let job = ready.remove(at: index)
    unsafe job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
  }

  /// Nothing runs here any more. What waits is kept for ever.
  func die() { isDead = true }

  /// Calls back after a while, if this life lasts so long.
  func after(_ nanoseconds: Int64, _ body: @escaping () -> Void) {
    world.after(nanoseconds) { [self] in
      if isDead { abandoned.append(body) } else { body() }
    }
  }

  fileprivate var now: Int64 { world.now }
}

/// Virtual monotonic time of one life.
struct SimulatedClock: MonotonicClock {
  typealias Instant = Uptime

  let executor: SimulatedExecutor

  var now: Instant { Instant(nanoseconds: executor.now) }
  var minimumResolution: Duration { .nanoseconds(1) }

  /// One sleep; the first to end it wins.
  private final class Sleeper: @unchecked Sendable {
    var continuation: CheckedContinuation<Void, any Error>?
    var isOver = false
  }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try await wait(until: deadline, isolation: #isolation)
  }

  func wait(until deadline: Instant) async throws { try await wait(until: deadline, isolation: #isolation) }

  /// - Parameter isolation: the caller's, which the closure below keeps: everything is on the world's thread.
  private func wait(until deadline: Instant, isolation: isolated (any Actor)?) async throws {
    try Task.checkCancellation()
    let sleeper = Sleeper()
    try await withTaskCancellationHandler {
      _ = isolation
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if sleeper.isOver { return continuation.resume(throwing: CancellationError()) }
        sleeper.continuation = continuation
        executor.sleeperCount += 1
        executor.after(max(0, deadline.nanoseconds - executor.now)) { [executor] in
          guard let continuation = sleeper.continuation.take() else { return }
          executor.sleeperCount -= 1
          continuation.resume()
        }
      }
    } onCancel: {
      sleeper.isOver = true
      guard let continuation = sleeper.continuation.take() else { return }
      executor.sleeperCount -= 1
      continuation.resume(throwing: CancellationError())
    }
  }
}
