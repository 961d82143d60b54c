/// Runs what may block on the global pool.
enum BlockingWork {
  /// Leaves the engine's thread also from an actor or a task that lives there: a closure of an actor would stay on the actor's
  /// executor, and a `@concurrent` function alone on the task's preferred one.
  nonisolated static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withTaskExecutorPreference(globalConcurrentExecutor) { await elsewhere(body) }
  }

  @concurrent
  private nonisolated static func elsewhere<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    body()
  }
}
