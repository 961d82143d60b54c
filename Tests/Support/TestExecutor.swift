import Dispatch

/// One serial queue as the executor of the actors under test, in the place of the engine's thread.
package final class TestExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "order-engine.tests")

  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
