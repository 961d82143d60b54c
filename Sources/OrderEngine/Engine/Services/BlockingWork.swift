internal import Glibc

/// Runs what may block.
enum BlockingWork {
  /// On the global pool. Leaves the engine's thread also from an actor or a task that lives there: a closure of an actor would stay on the actor's
  /// executor, and a `@concurrent` function alone on the task's preferred one.
  nonisolated static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withTaskExecutorPreference(globalConcurrentExecutor) { await elsewhere(body) }
  }

  @concurrent
  private nonisolated static func elsewhere<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    body()
  }

  /// A tenth of a core, where everybody wants it: the work gives way and is not starved.
  static let niceness: Int32 = 10

  /// On a thread of its own that gives way to all others: for what is long and in no hurry.
  nonisolated static func runAside<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      let work = Work { continuation.resume(returning: body()) }
      // The new thread takes the reference over.
      let argument = unsafe Unmanaged.passRetained(work).toOpaque()
      var thread = pthread_t()
      let result = unsafe pthread_create(
        &thread, nil,
        { argument in
          guard let argument = unsafe argument else { return nil }
          BlockingWork.giveWay()
          unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, argument)
      if result == 0 {
        pthread_detach(thread)
      } else {
        // As many threads as may be: then on the pool.
        unsafe Unmanaged<Work>.fromOpaque(argument).release()
        Task.detached { work.body() }
      }
    }
  }

  /// Of this thread alone, on Linux. If it is refused, the work is done all the same.
  private static func giveWay() {
    let process = Int32(bitPattern: PRIO_PROCESS.rawValue)
    setpriority(process, 0, getpriority(process, 0) + niceness)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
