import Dispatch

/// An executor with one thing at a time, standing in for the engine's thread.
package final class SerialQueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "test.engine")

  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    queue.async { unowned.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

  /// Runs `body` on the executor, as code of the engine's thread would.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: body()) }
    }
  }
}
