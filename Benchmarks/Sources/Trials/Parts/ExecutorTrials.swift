import Dispatch
import Ring

/// What does it take to go from one place to another, on the engine's thread and away from it?
enum ExecutorTrials {
  static let all = [
    Trial("executor: a call from actor to actor on the event loop", call),
    Trial("executor: a task on the event loop, and its value", task),
    Trial("executor: a task group of four", group),
    // The other thread's allocations are not seen, and how often it has to be woken is chance.
    Trial("executor: to another thread and back", isGuarded: false, leave),
  ]

  private actor Counter {
    private let loop: EventLoop
    private(set) var value = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) { self.loop = loop }

    func add() { value &+= 1 }

    func call(_ other: Counter, times: Int) async {
      for _ in 0..<times { await other.add() }
    }
  }

  private static func call(_ count: Int, _ meter: Meter) {
    onLoop { loop in
      let (first, second) = (Counter(loop), Counter(loop))
      await meter.measureTask { await first.call(second, times: count) }
      let value = await second.value
      require(value == count, "\(value) of \(count) calls arrived")
    }
  }

  private static func task(_ count: Int, _ meter: Meter) {
    onLoop { loop in
      await meter.measureTask {
        for number in 0..<count { keep(await Task(executorPreference: loop) { number }.value) }
      }
    }
  }

  private static func group(_ count: Int, _ meter: Meter) {
    onLoop { _ in
      await meter.measureTask {
        for _ in 0..<count {
          let sum = await withTaskGroup(of: Int.self) { group in
            for leg in 0..<4 { group.addTask { leg } }
            var sum = 0
            for await leg in group { sum += leg }
            return sum
          }
          require(sum == 6, "a leg is missing")
        }
      }
    }
  }

  private static func leave(_ count: Int, _ meter: Meter) {
    onLoop { _ in
      await meter.measureTask {
        for number in 0..<count {
          keep(await withTaskExecutorPreference(globalConcurrentExecutor) { await elsewhere(number) })
        }
      }
    }
  }

  @concurrent
  private nonisolated static func elsewhere(_ number: Int) async -> Int { number }

  /// Runs `body` on an event loop of its own, and waits for its end.
  private static func onLoop(_ body: @escaping @Sendable (EventLoop) async -> Void) {
    let thread = certainly { try EventLoop.start(name: "trial") }
    let loop = thread.loop
    let end = DispatchSemaphore(value: 0)
    Task(executorPreference: loop) {
      await body(loop)
      end.signal()
    }
    end.wait()
    thread.stop()
  }
}
