import Glibc
import Ring
import Testing

@testable import OrderEngine

@Suite(.timeLimit(.minutes(1)))
struct BlockingWorkTests {
  private actor Resident {
    private let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) { self.loop = loop }

    func whereabouts() async -> (before: Bool?, during: Bool?, after: Bool?) {
      let loop = loop
      let before = loop.isIsolatingCurrentContext()
      let during = await BlockingWork.run { loop.isIsolatingCurrentContext() }
      return (before, during, loop.isIsolatingCurrentContext())
    }
  }

  @Test func `what is in no hurry runs on a thread that gives way`() async throws {
    let (own, aside) = (BlockingWorkTests.niceness(), await BlockingWork.runAside { BlockingWorkTests.niceness() })
    #expect(aside == min(19, own + BlockingWork.niceness))
    #expect(BlockingWorkTests.niceness() == own)
  }

  private static func niceness() -> Int32 { getpriority(Int32(bitPattern: PRIO_PROCESS.rawValue), 0) }

  /// A segment was made, and its 64 MiB of zeros flushed, on the engine's thread.
  @Test func `what may block leaves the engine's thread, and its caller comes back there`() async throws {
    let thread = try EventLoop.start(name: "engine", configuration: EventLoopConfiguration())
    let resident = Resident(thread.loop)
    let found = await Task(executorPreference: thread.loop) { await resident.whereabouts() }.value
    #expect(found.before == true)
    #expect(found.during == false)
    #expect(found.after == true)
    await thread.stopAndWait()
  }
}
